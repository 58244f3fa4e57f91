package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"roster/internal/store/sqldb"
)

// ErrInUse is returned if another process has the database open.
var ErrInUse = errors.New("another program has the database open; stop all servers, workers and beats first")

// Restore replaces the database at path by content. check validates the new
// file, at a temporary path, before the old one is touched. Restore fails if
// the old one contains rows, unless overwrite is set, or if another process has
// it open. After a failure or a kill, path is either the old or the new
// database.
func Restore(ctx context.Context, path string, overwrite bool, content io.Reader, check func(path string) error) (err error) {
	if path, err = filepath.Abs(path); err != nil {
		return fmt.Errorf("DB_NAME: %w", err)
	}
	exists, err := checkFile(path)
	if err != nil {
		return err
	}
	if exists {
		if err := refuseRows(path, overwrite); err != nil {
			return err
		}
	}
	sweepSnapshots(path)
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+snapshotSuffix+"*") // mode 0600
	if err != nil {
		return fmt.Errorf("DB_NAME: cannot write next to %s: %w", path, err)
	}
	defer func() { removeAll(file.Name()) }()
	_, err = io.Copy(file, contextReader{ctx, content})
	if err = sqldb.FirstError(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := sqldb.FirstError(checkIntegrity(file.Name()), check(file.Name())); err != nil {
		return fmt.Errorf("the backup cannot be used: %w", err)
	}
	if err := replace(path, file.Name(), exists); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// removeAll removes a SQLite file and its companion files.
func removeAll(path string) {
	_ = os.Remove(path) // usually missing
	removeBeside(path)
}

// removeBeside removes the companion files of a SQLite file, which would
// corrupt a new file.
func removeBeside(path string) {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		_ = os.Remove(path + suffix) // usually missing
	}
}

// refuseRows returns an error if a file contains user data. An unreadable one
// may contain anything.
func refuseRows(path string, overwrite bool) error {
	if overwrite {
		return nil
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() == 0 {
		return nil
	}
	rows, err := countRows(path)
	switch primaryCode(err) {
	case codeReadOnly, codeCannotOpen, codeBusy:
		return openFault(path, err) // it cannot be replaced either
	}
	if err != nil {
		return fmt.Errorf("DB_NAME: %s cannot be read (%w); --overwrite replaces it anyway", path, err)
	}
	return sqldb.RefuseRows("DB_NAME: "+path, rows)
}

// checkIntegrity makes SQLite check the whole file.
func checkIntegrity(path string) (err error) {
	c, err := newConn(path, inspecting)
	if err != nil {
		return err
	}
	defer func() { err = sqldb.FirstError(err, c.close()) }()
	problems, err := sqldb.Texts(c, "PRAGMA integrity_check(1)")
	if found := strings.Join(problems, "; "); err == nil && found != "ok" {
		err = errors.New("SQLite reports damage: " + found)
	}
	return err
}

// replace replaces the file at path if no other process has it open.
func replace(path, restored string, exists bool) error {
	if !exists {
		removeBeside(path)
		return os.Rename(restored, path)
	}
	release, err := seize(path)
	if err != nil {
		return err
	}
	return sqldb.FirstError(os.Rename(restored, path), release())
}

// seize moves the write-ahead log into the file, which fails while others have
// it open, and locks it. If the file is not a SQLite database, it removes its
// companion files.
func seize(path string) (release func() error, err error) {
	c, err := newConn(path, []setting{{"busy_timeout", "5000"}})
	if err == nil {
		if err = c.seize(); err == nil {
			return c.close, nil
		}
		err = sqldb.FirstError(err, c.close())
	}
	switch code := primaryCode(err); {
	case code == codeNotADB || code == codeCorrupt:
		removeBeside(path)
		return func() error { return nil }, nil
	case isBusy(err) || errors.Is(err, ErrInUse):
		return nil, fmt.Errorf("DB_NAME: %s: %w", path, ErrInUse)
	}
	return nil, openFault(path, err)
}

func (c *conn) seize() error {
	mode, err := c.text("PRAGMA journal_mode=DELETE")
	if err == nil && mode != "delete" {
		err = ErrInUse
	}
	if err != nil {
		return err
	}
	_, err = c.Exec("BEGIN EXCLUSIVE")
	return err
}

// syncFolder makes the directory entries durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return sqldb.FirstError(folder.Sync(), folder.Close())
}
