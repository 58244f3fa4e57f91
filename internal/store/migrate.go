package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/sqlite/*.sql
var migrationFiles embed.FS

const (
	migrationFolder = "migrations/sqlite"
	migrationTable  = "roster_migrations"

	// The table is goose's, but for UNIQUE: of two processes that migrate at
	// once only one can note a migration, and the other's is rolled back.
	createMigrationTable = `CREATE TABLE IF NOT EXISTS roster_migrations (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	version_id INTEGER NOT NULL UNIQUE,
	is_applied INTEGER NOT NULL,
	tstamp TIMESTAMP DEFAULT (datetime('now'))
)`
	insertVersionZero = "INSERT INTO roster_migrations (version_id, is_applied)" +
		" SELECT 0, 1 WHERE NOT EXISTS (SELECT 1 FROM roster_migrations WHERE version_id = 0)"
	selectMigrationTable = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'roster_migrations'"
	selectApplied        = "SELECT version_id FROM roster_migrations WHERE is_applied = 1"

	// migrateTries is how often Migrate starts anew after another process was faster.
	migrateTries = 10
)

// migration is a file that changes the schema.
type migration struct {
	version int64
	name    string
}

// migrations returns the migrations of this version, in order.
func migrations() ([]migration, error) {
	entries, err := fs.ReadDir(migrationFiles, migrationFolder)
	if err != nil {
		return nil, err
	}
	var known []migration
	for _, entry := range entries {
		number, _, _ := strings.Cut(entry.Name(), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", entry.Name(), err)
		}
		known = append(known, migration{version, entry.Name()})
	}
	slices.SortFunc(known, func(a, b migration) int { return cmp.Compare(a.version, b.version) })
	return known, nil
}

// appliedMigrations returns the versions that the database notes as applied.
func appliedMigrations(c *conn) (map[int64]bool, error) {
	if n, err := c.integer(selectMigrationTable); err != nil || n == 0 {
		return nil, err
	}
	applied := make(map[int64]bool)
	err := c.query(selectApplied, func(row []driver.Value) error {
		version, _ := row[0].(int64)
		applied[version] = true
		return nil
	})
	return applied, err
}

// Pending returns the names of the migrations that Migrate would apply, in
// order. It changes nothing.
func (s *Store) Pending(ctx context.Context) (names []string, err error) {
	known, err := migrations()
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, "list migrations", func(c *conn) error {
		applied, err := appliedMigrations(c)
		names = without(known, applied)
		return err
	})
	return names, err
}

// Migrate applies the migrations that are pending and returns how many it
// applied. Tables that Django made are taken as they are. It may be run again,
// by several processes at once, and after it was killed: each migration is
// one transaction and does nothing where its work is done.
func (s *Store) Migrate(ctx context.Context) (applied int, err error) {
	return s.migrate(ctx, connector{s.path})
}

func (s *Store) migrate(ctx context.Context, connections driver.Connector) (applied int, err error) {
	pending, err := s.Pending(ctx)
	if err != nil || len(pending) == 0 {
		return 0, err
	}
	db := sql.OpenDB(connections)
	defer func() { err = firstError(err, db.Close()) }()
	// A statement that is cut short costs a goroutine each, and helps nobody.
	ctx = context.WithoutCancel(ctx)
	for try := 1; ; try++ {
		n, err := up(ctx, db)
		applied += n
		if err == nil || try == migrateTries || !isOvertaken(err) {
			return applied, faultOf(err)
		}
	}
}

// isOvertaken reports whether another process was faster or holds the lock.
func isOvertaken(err error) bool {
	code, _ := driverCode(err)
	return isBusy(err) || code == codeUniqueKey
}

// up applies what is pending.
func up(ctx context.Context, db *sql.DB) (applied int, err error) {
	if err := prepareMigrationTable(ctx, db); err != nil {
		return 0, err
	}
	folder, err := fs.Sub(migrationFiles, migrationFolder)
	if err != nil {
		return 0, err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder,
		goose.WithTableName(migrationTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, err
	}
	results, err := provider.Up(ctx)
	if partial, ok := errors.AsType[*goose.PartialError](err); ok {
		return len(partial.Applied), partial.Err
	}
	return len(results), err
}

func prepareMigrationTable(ctx context.Context, db *sql.DB) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = t.Rollback() }() // after Commit it does nothing
	for _, statement := range []string{createMigrationTable, insertVersionZero} {
		if _, err := t.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return t.Commit()
}

// connector opens connections for database/sql.
type connector struct{ path string }

// Connect implements driver.Connector.
func (c connector) Connect(context.Context) (driver.Conn, error) {
	opened, err := newConn(c.path, common)
	if err != nil {
		return nil, err
	}
	return opened.release()
}

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver { return sqlDriver{} }

// sqlDriver opens a connection by path, without settings.
type sqlDriver struct{}

// Open implements driver.Driver.
func (sqlDriver) Open(path string) (driver.Conn, error) { return openDriver(path) }
