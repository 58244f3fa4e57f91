package store

import (
	"context"
	"database/sql"
	"io"
	"runtime"

	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/job"
	"roster/internal/metrics"
	"roster/internal/store/index"
	"roster/internal/store/mysql"
	"roster/internal/store/sqldb"
	"roster/internal/store/sqlite"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

var (
	_ user.Store      = (*Store)(nil)
	_ user.TrashStore = (*Store)(nil)
	_ audit.Store     = (*Store)(nil)
	_ auth.Store      = (*Store)(nil)
	_ auth.Counters   = (*Store)(nil)
	_ task.Storage    = (*Store)(nil)
	_ task.Store      = (*Store)(nil)
	_ task.Timetable  = (*Store)(nil)
	_ periodic.Store  = (*Store)(nil)
	_ job.Reports     = (*Store)(nil)
	_ job.Deliveries  = (*Store)(nil)

	_ job.ReportReader = (*Store)(nil)
)

// Options configure a SQLite file.
type Options = sqlite.Options

// MySQLOptions configure a MySQL database.
type MySQLOptions = mysql.Options

// MaxLag is the maximum age of relaxed reads, see query.Relaxed.
const MaxLag = mysql.MaxLag

// Store stores the data of the domain packages on SQLite or MySQL. It is safe
// for concurrent use, also by several processes.
type Store struct {
	db database
	dialect

	scans chan struct{} // holds a token per query that may scan a table
	words *index.Index

	unreadable *unreadableRows

	enqueued  chan struct{} // holds a token if a task became pending that no worker has noticed
	onEnqueue func(queues []string)
	onRecord  func(auth.Tx, audit.Entry) ([]task.New, error) // see OnRecord; may be nil
}

// database runs statements. Its errors are of package fault.
type database interface {
	sqldb.Database
	// Count returns a count, which is taken with query unless it is known.
	Count(ctx context.Context, which int, query string) (int64, error)
	// Known returns a count and its generation, if it is known.
	Known(which int) (n int64, generation uint64, ok bool)
	// Generation is the version in the sense of user.Store.
	Generation() (generation uint64, ok bool)
	// Migrating runs fn, perhaps more than once, on connections that may change
	// the schema.
	Migrating(ctx context.Context, fn func(ctx context.Context, db *sql.DB) error) error
	// Journal logs what the database finds.
	Journal() sqldb.Journal
	// ReportMetrics reports the metrics of connections and files.
	ReportMetrics(show metrics.Show)
	// Snapshot writes the whole database, see Store.Snapshot.
	Snapshot(ctx context.Context, out io.Writer) (rows map[string]int64, err error)
	// Refusal returns an error that names the setting and why the database
	// cannot be used.
	Refusal(cause error) error
	// Close waits for running calls, then closes all connections. Later calls
	// return an error of kind Unavailable.
	Close() error
}

// Open opens the file, and creates it, readable only by its owner, if it is
// missing. It returns an error that names the file and the setting DB_NAME if
// the file is not a database of Roster or Django, cannot be written, or was
// migrated by a newer Roster. It creates no tables: see Migrate.
func Open(ctx context.Context, o Options) (*Store, error) {
	file, err := sqlite.Open(o)
	if err != nil {
		return nil, err
	}
	return OnSQLite(ctx, file)
}

// OnSQLite returns a store on an open file, which it closes with it. It returns
// the errors of Open about the contents.
func OnSQLite(ctx context.Context, file *sqlite.Engine) (*Store, error) {
	return open(ctx, newStore(file, sqliteDialect))
}

// OpenMySQL connects to a MySQL server, and waits for it as configured. It
// returns an error that names the setting if it cannot connect, if the server
// is older than MySQL 8.0, if the tables are not those of Roster or Django, or
// if they were migrated by a newer Roster. It creates no tables: see Migrate.
func OpenMySQL(ctx context.Context, o MySQLOptions) (*Store, error) {
	server, err := mysql.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return open(ctx, newStore(server, mysqlDialect))
}

// newStore returns a store on a database. At most half of the concurrent
// queries are scans, so that they do not block all others.
func newStore(db database, d dialect) *Store {
	s := &Store{
		db: db, dialect: d, scans: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
		enqueued: make(chan struct{}, 1), onEnqueue: func([]string) {}, unreadable: &unreadableRows{log: db.Journal()},
	}
	o := d.index
	o.Text, o.ForUpdate = d.searched(), d.forUpdate
	s.words = index.New(db, o)
	return s
}

// Observers count and trace database operations.
type Observers = sqldb.Observers

// ReportMetrics reports the metrics of connections and files.
func (s *Store) ReportMetrics(show metrics.Show) { s.db.ReportMetrics(show) }

func open(ctx context.Context, s *Store) (*Store, error) {
	if err := s.checkSchema(ctx); err != nil {
		return nil, sqldb.FirstError(err, s.Close())
	}
	return s, nil
}

// Close waits for running calls, then closes all connections. Waiting and later
// calls return an error of kind Unavailable. It may be called repeatedly.
func (s *Store) Close() error { return s.db.Close() }
