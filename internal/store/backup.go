package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"time"

	"roster/internal/store/mysql"
	"roster/internal/store/sqldb"
	"roster/internal/store/sqlite"
)

const (
	selectBackup  = "SELECT created_at || '', path, bytes, total_rows, digest FROM roster_backups ORDER BY created_at DESC, id DESC LIMIT 1"
	insertBackup  = "INSERT INTO roster_backups (created_at, path, bytes, total_rows, digest) VALUES (?, ?, ?, ?, ?)"
	deleteBackups = "DELETE FROM roster_backups WHERE created_at < ?"
)

// keepBackups is how long it is known which backups were made.
const keepBackups = 366 * 24 * time.Hour

// Backup is a backup that was made, and read back.
type Backup struct {
	Created time.Time // of the data that is in it
	Path    string    // where it was written, on the machine that did
	Bytes   int64     // of its content
	Rows    int64
	Digest  string // SHA-256, in hexadecimal digits
}

// Snapshot writes to out the whole database as it was when it began, in a form
// of the engine's that RestoreSQLite or RestoreMySQL reads, and returns the rows
// of each table. Writers do not wait for it.
func (s *Store) Snapshot(ctx context.Context, out io.Writer) (rows map[string]int64, err error) {
	return s.db.Snapshot(ctx, out)
}

// Schema returns the number of the newest migration that was applied; 0 for none.
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

// NewestSchema is the number of the newest migration that this version knows,
// the same for both engines.
func NewestSchema() (int64, error) {
	known, err := sqliteDialect.known()
	if err != nil {
		return 0, err
	}
	return known[len(known)-1].version, nil
}

// RecordBackup notes a good backup.
func (s *Store) RecordBackup(ctx context.Context, b Backup) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error {
		return sqldb.FirstError(
			exec(t, deleteBackups, sqldb.FormatTime(b.Created.Add(-keepBackups))),
			exec(t, insertBackup, sqldb.FormatTime(b.Created), b.Path, b.Bytes, b.Rows, b.Digest))
	})
}

// LastBackup returns the newest good backup; the zero value when none was made.
func (s *Store) LastBackup(ctx context.Context) (Backup, error) {
	last, err := read(ctx, s, "find the last backup", func(c sqldb.Conn) (Backup, error) {
		return one(c, func(row []driver.Value) (Backup, error) {
			created, err := timeOf(row[0], "roster_backups.created_at")
			return Backup{created, textOf(row[1]), int64Of(row[2]), int64Of(row[3]), textOf(row[4])}, err
		}, selectBackup)
	})
	if errors.Is(err, errNotFound) {
		err = nil
	}
	return last, err
}

// RestoreSQLite makes the file at path what a Snapshot of a SQLite database has.
// content ends with an error unless it is whole. A file that holds rows is
// refused unless overwrite, one that another process has open always. path has
// the old or the new database, whatever happens.
func RestoreSQLite(ctx context.Context, path string, overwrite bool, content io.Reader) error {
	return sqlite.Restore(ctx, path, overwrite, content, func(restored string) error {
		_, err := Inspect(restored)
		return err
	})
}

// RestoreMySQL is RestoreSQLite for a MySQL database. It needs room for both, and
// the right to drop tables. Tables that the backup does not have are left alone.
func RestoreMySQL(ctx context.Context, o MySQLOptions, overwrite bool, content io.Reader) error {
	return mysql.Restore(ctx, o, overwrite, content)
}
