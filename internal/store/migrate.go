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
	"regexp"
	"slices"

	"github.com/pressly/goose/v3"

	"roster/internal/store/sqldb"
)

//go:embed migrations
var migrationFiles embed.FS

const (
	migrationTable = "roster_migrations"

	insertVersionZero = "INSERT INTO roster_migrations (version_id, is_applied)" +
		" SELECT 0, 1 WHERE NOT EXISTS (SELECT 1 FROM roster_migrations WHERE version_id = 0)"
	selectApplied = "SELECT version_id FROM roster_migrations WHERE is_applied = 1"
)

// migration is a file with schema changes.
type migration struct {
	version int64
	name    string
}

// known returns the migrations of this version, in order.
func (d dialect) known() ([]migration, error) {
	entries, err := fs.ReadDir(migrationFiles, d.migrations)
	if err != nil {
		return nil, err
	}
	var known []migration
	for _, entry := range entries {
		version := numberOf(entry.Name())
		if version < 0 {
			return nil, fmt.Errorf("migration %s: its name does not begin with a number", entry.Name())
		}
		known = append(known, migration{version, entry.Name()})
	}
	slices.SortFunc(known, func(a, b migration) int { return cmp.Compare(a.version, b.version) })
	return known, nil
}

// addition matches a statement that adds a column to t_users.
var addition = regexp.MustCompile("(?i)\\bALTER TABLE [`\"]?t_users[`\"]? ADD COLUMN [`\"]?(\\w+)")

// addedToUsers returns the columns that the named migrations add to t_users.
func (d dialect) addedToUsers(names []string) (columns []string, err error) {
	for _, name := range names {
		text, err := fs.ReadFile(migrationFiles, d.migrations+"/"+name)
		if err != nil {
			return nil, err
		}
		columns = append(columns, additions(string(text))...)
	}
	return columns, nil
}

func additions(text string) (columns []string) {
	for _, found := range addition.FindAllStringSubmatch(text, -1) {
		columns = append(columns, found[1])
	}
	return columns
}

// appliedMigrations returns the versions recorded as applied.
func (d dialect) appliedMigrations(c sqldb.Conn) (map[int64]bool, error) {
	columns, err := sqldb.Texts(c, d.tableColumns, migrationTable)
	if err != nil || len(columns) == 0 {
		return nil, err
	}
	applied := make(map[int64]bool)
	err = c.Query(selectApplied, func(row []driver.Value) error {
		version, err := sqldb.Int(row[0])
		applied[version] = true
		return err
	})
	return applied, err
}

// Pending returns the names of the pending migrations, in order. It changes
// nothing.
func (s *Store) Pending(ctx context.Context) (names []string, err error) {
	known, err := s.known()
	if err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, "list migrations", func(c sqldb.Conn) error {
		applied, err := s.appliedMigrations(c)
		names = without(known, applied)
		return err
	})
	return names, err
}

// Migrate applies the pending migrations and returns their number. It adopts
// tables created by Django. It may be repeated, run concurrently by several
// processes, and run after a kill: each migration is one idempotent step.
func (s *Store) Migrate(ctx context.Context) (applied int, err error) {
	pending, err := s.Pending(ctx)
	if err != nil || len(pending) == 0 {
		return 0, err
	}
	err = s.db.Migrating(ctx, func(ctx context.Context, db *sql.DB) error {
		n, err := s.up(ctx, db)
		applied += n
		return err
	})
	return applied, err
}

// up applies the pending migrations.
func (d dialect) up(ctx context.Context, db *sql.DB) (applied int, err error) {
	provider, err := d.provider(ctx, db)
	if err != nil {
		return 0, err
	}
	results, err := provider.Up(ctx)
	if partial, ok := errors.AsType[*goose.PartialError](err); ok {
		return len(partial.Applied), partial.Err
	}
	return len(results), err
}

// provider returns the goose provider.
func (d dialect) provider(ctx context.Context, db *sql.DB) (*goose.Provider, error) {
	if err := d.prepareMigrationTable(ctx, db); err != nil {
		return nil, err
	}
	folder, err := fs.Sub(migrationFiles, d.migrations)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(d.goose, db, folder, goose.WithTableName(migrationTable), goose.WithDisableGlobalRegistry(true))
}

func (d dialect) prepareMigrationTable(ctx context.Context, db *sql.DB) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = t.Rollback() }() // no effect after Commit
	for _, statement := range []string{d.createMigrationTable, insertVersionZero} {
		if _, err := t.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return t.Commit()
}
