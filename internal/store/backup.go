package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"time"

	"roster/internal/store/mysql"
	"roster/internal/store/sqldb"
	"roster/internal/store/sqlite"
)

const (
	selectBackup  = "SELECT CAST(created_at AS CHAR), path, bytes, total_rows, digest FROM roster_backups ORDER BY created_at DESC, id DESC LIMIT 1"
	insertBackup  = "INSERT INTO roster_backups (created_at, path, bytes, total_rows, digest) VALUES (?, ?, ?, ?, ?)"
	deleteBackups = "DELETE FROM roster_backups WHERE created_at < ?"
)

// keepBackups is how long records of backups are kept.
const keepBackups = 366 * 24 * time.Hour

// Backup is a completed and verified backup.
type Backup struct {
	Created time.Time // time of the data
	Path    string    // path on the machine that wrote it
	Bytes   int64     // size of the content
	Rows    int64
	Digest  string // SHA-256, in hexadecimal digits
}

// Snapshot writes the whole database as of its start to out, in a format of the
// engine for RestoreSQLite or RestoreMySQL, and returns the number of rows of
// each table. It does not block writers.
//
// It returns an error if a table of Roster exists but is not in it, as when a
// proxy hides it from information_schema, and if there is no table of users.
func (s *Store) Snapshot(ctx context.Context, out io.Writer) (rows map[string]int64, err error) {
	rows, err = s.db.Snapshot(ctx, out)
	if err == nil {
		err = s.checkBackedUp(ctx, rows)
	}
	return rows, err
}

// created matches a statement of a migration that creates a table.
var created = regexp.MustCompile("(?i)\\bCREATE TABLE (?:IF NOT EXISTS )?[`\"]?(\\w+)")

// checkBackedUp returns an error if a snapshot lacks a table.
func (s *Store) checkBackedUp(ctx context.Context, rows map[string]int64) error {
	names, err := s.createdTables()
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, there := rows[name]; there {
			continue
		}
		exists := s.db.Read(ctx, "look for a table", func(c sqldb.Conn) error {
			return c.Query("SELECT 1 FROM "+name+" LIMIT 1", func([]driver.Value) error { return nil })
		}) == nil
		if exists || name == "t_users" {
			return fmt.Errorf("the backup lacks the table %s: the database does not list it among its tables", name)
		}
	}
	return nil
}

// createdTables returns the names of the tables that migrations create.
func (d dialect) createdTables() (names []string, err error) {
	known, err := d.known()
	for _, m := range known {
		text, readErr := fs.ReadFile(migrationFiles, d.migrations+"/"+m.name)
		if readErr != nil {
			return nil, readErr
		}
		for _, found := range created.FindAllStringSubmatch(string(text), -1) {
			names = append(names, found[1])
		}
	}
	return names, err
}

// Schema returns the number of the newest applied migration; 0 for none.
func (s *Store) Schema(ctx context.Context) (newest int64, err error) {
	err = s.db.Read(ctx, "read the schema's number", func(c sqldb.Conn) error {
		applied, err := s.appliedMigrations(c)
		for version := range applied {
			newest = max(newest, version)
		}
		return err
	})
	return newest, err
}

// NewestSchema is the number of the newest migration of this version, the same
// for both engines.
func NewestSchema() (int64, error) {
	known, err := sqliteDialect.known()
	if err != nil {
		return 0, err
	}
	return known[len(known)-1].version, nil
}

// RecordBackup records a good backup.
func (s *Store) RecordBackup(ctx context.Context, b Backup) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error {
		return sqldb.FirstError(
			exec(t, deleteBackups, sqldb.FormatTime(b.Created.Add(-keepBackups))),
			exec(t, insertBackup, sqldb.FormatTime(b.Created), b.Path, b.Bytes, b.Rows, b.Digest))
	})
}

// LastBackup returns the newest good backup, or the zero value.
func (s *Store) LastBackup(ctx context.Context) (Backup, error) {
	last, err := read(ctx, s, "find the last backup", func(c sqldb.Conn) (Backup, error) {
		return one(c, func(row []driver.Value) (b Backup, err error) {
			err = sqldb.Scan(row, &b.Created, &b.Path, &b.Bytes, &b.Rows, &b.Digest)
			return b, err
		}, selectBackup)
	})
	if errors.Is(err, errNotFound) {
		err = nil
	}
	return last, err
}

// ErrNotIncremental is returned by VacuumSQLite for a file made without
// incremental vacuum.
var ErrNotIncremental = sqlite.ErrNotIncremental

// VacuumSQLite returns the free pages of a SQLite file to the file system while
// other processes use it; see sqlite.Vacuum.
func VacuumSQLite(ctx context.Context, path string, full bool, report func(returned, free int64)) error {
	return sqlite.Vacuum(ctx, path, full, report)
}

// RestoreSQLite replaces the file at path by a Snapshot of a SQLite database.
// content must return an error unless it is complete. A file with rows is an
// error unless overwrite is set; a file that another process has open always
// is. path is either the old or the new database, whatever happens.
func RestoreSQLite(ctx context.Context, path string, overwrite bool, content io.Reader) error {
	return sqlite.Restore(ctx, path, overwrite, content, func(restored string) error {
		_, err := Inspect(restored)
		return err
	})
}

// RestoreMySQL is like RestoreSQLite for a MySQL database. It needs space for
// both, and the privilege to drop tables. Tables that are not in the backup
// stay.
func RestoreMySQL(ctx context.Context, o MySQLOptions, overwrite bool, content io.Reader) error {
	return mysql.Restore(ctx, o, overwrite, content)
}
