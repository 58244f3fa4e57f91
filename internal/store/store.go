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
	_ user.Store     = (*Store)(nil)
	_ audit.Store    = (*Store)(nil)
	_ auth.Store     = (*Store)(nil)
	_ auth.Counters  = (*Store)(nil)
	_ task.Storage   = (*Store)(nil)
	_ task.Store     = (*Store)(nil)
	_ task.Timetable = (*Store)(nil)
	_ periodic.Store = (*Store)(nil)
	_ job.Reports    = (*Store)(nil)
	_ job.Deliveries = (*Store)(nil)

	_ job.ReportReader = (*Store)(nil)
)

// Options say which SQLite file to open.
type Options = sqlite.Options

// MySQLOptions say which MySQL database to use.
type MySQLOptions = mysql.Options

// MaxLag is how old what relaxed reads find may be, see query.Relaxed.
const MaxLag = mysql.MaxLag

// Store keeps what the domain packages store, on SQLite or MySQL. It is safe for
// concurrent use, also by several processes.
type Store struct {
	db database
	dialect

	scans chan struct{} // holds a token for each query that may read every row
	words *index.Index

	enqueued  chan struct{} // holds a token when a task became pending and no worker took notice
	onEnqueue func(queues []string)
}

// database runs statements. Its errors are of package fault.
type database interface {
	sqldb.Database
	// Count returns one of the counts, taken with query unless it is known.
	Count(ctx context.Context, which int, query string) (int64, error)
	// Known returns a count, and the generation it belongs to, if it is known.
	Known(which int) (n int64, generation uint64, ok bool)
	// Generation is what user.Store calls the version.
	Generation() (generation uint64, ok bool)
	// Migrating runs fn, perhaps more than once, where it may change the schema.
	Migrating(ctx context.Context, fn func(ctx context.Context, db *sql.DB) error) error
	// Figures reports the metrics of connections and files.
	Figures(show metrics.Show)
	// Snapshot writes the whole database, see Store.Snapshot.
	Snapshot(ctx context.Context, out io.Writer) (rows map[string]int64, err error)
	// Refusal says, naming the setting, why the database cannot be used.
	Refusal(cause error) error
	// Close waits for the calls under way, then closes all connections. Later
	// calls are answered with an error of kind Unavailable.
	Close() error
}

// Open opens the file, and makes it, readable by its owner alone, when there
// is none. It refuses, in a sentence that names the file and the setting
// DB_NAME, what is not a database of Roster or Django, what it cannot write,
// and what a newer Roster has migrated. It makes no tables: see Migrate.
func Open(ctx context.Context, o Options) (*Store, error) {
	file, err := sqlite.Open(o)
	if err != nil {
		return nil, err
	}
	return OnSQLite(ctx, file)
}

// OnSQLite returns a store on a file that is open, and closes with it. It
// refuses what Open refuses for what is in the file.
func OnSQLite(ctx context.Context, file *sqlite.Engine) (*Store, error) {
	return open(ctx, newStore(file, sqliteDialect))
}

// OpenMySQL connects to a MySQL server, waiting for it for as long as the
// options say. It refuses, in a sentence that names the setting, what it
// cannot connect to, servers older than MySQL 8.0, tables that are not those
// of Roster or Django, and what a newer Roster has migrated. It makes no tables:
// see Migrate.
func OpenMySQL(ctx context.Context, o MySQLOptions) (*Store, error) {
	server, err := mysql.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return open(ctx, newStore(server, mysqlDialect))
}

// newStore returns a store on a database. Half of what may run at once are
// scans at most, so that they cannot keep all other queries waiting.
func newStore(db database, d dialect) *Store {
	s := &Store{
		db: db, dialect: d, scans: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
		enqueued: make(chan struct{}, 1), onEnqueue: func([]string) {},
	}
	o := d.index
	o.Text, o.ForUpdate = searched(d.text), d.forUpdate
	s.words = index.New(db, o)
	return s
}

// Observers count and trace what the database does.
type Observers = sqldb.Observers

// Figures reports the metrics of connections and files.
func (s *Store) Figures(show metrics.Show) { s.db.Figures(show) }

func open(ctx context.Context, s *Store) (*Store, error) {
	if err := s.checkSchema(ctx); err != nil {
		return nil, sqldb.FirstError(err, s.Close())
	}
	return s, nil
}

// Close waits for the calls under way, then closes all connections. Calls that
// wait and later ones are answered with an error of kind Unavailable. Only the
// first call does anything.
func (s *Store) Close() error { return s.db.Close() }
