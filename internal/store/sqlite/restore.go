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

// ErrInUse is the error when another process has the database open.
var ErrInUse = errors.New("another program has the database open; stop all servers, workers and beats first")

// Restore makes the file at path the database that content has, to its end.
// check judges the new file by a path of its own before the old one is touched.
// The old one is refused when it holds rows, unless overwrite, and when another
// process has it open. Whatever fails or is killed, path has either database,
// and whole.
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
		return fmt.Errorf("DB_NAME: cannot write beside %s: %w", path, err)
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

// removeAll removes a file of SQLite with what belongs to it.
func removeAll(path string) {
	_ = os.Remove(path) // mostly it is not there
	removeBeside(path)
}

// removeBeside removes what belongs to a file of SQLite: taken for a new file's,
// it would spoil that.
func removeBeside(path string) {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		_ = os.Remove(path + suffix) // mostly it is not there
	}
}

// refuseRows refuses a file that holds rows of people or of what they did. One
// that cannot be read holds who knows what.
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
		return openFault(path, err) // nor can it be replaced
	}
	if err != nil {
		return fmt.Errorf("DB_NAME: %s cannot be read (%w); --overwrite replaces it all the same", path, err)
	}
	return sqldb.RefuseRows("DB_NAME: "+path, rows)
}

// checkIntegrity has SQLite read the whole file.
func checkIntegrity(path string) (err error) {
	c, err := newConn(path, inspecting)
	if err != nil {
		return err
	}
	defer func() { err = sqldb.FirstError(err, c.close()) }()
	problems, err := sqldb.Texts(c, "PRAGMA integrity_check(1)")
	if found := strings.Join(problems, "; "); err == nil && found != "ok" {
		err = errors.New("SQLite finds it damaged: " + found)
	}
	return err
}

// replace puts a file in the place of the one at path while no one else has
// that open.
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
// it open, and locks it. A file that is not a SQLite database is of no
// use; what lies beside it is removed.
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

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return sqldb.FirstError(folder.Sync(), folder.Close())
}
