package sqlite

import (
	"fmt"
	"os"
	"path/filepath"

	"roster/internal/store/sqldb"
)

// Examine runs fn on a connection that cannot write the file, and leaves every
// byte unchanged. A missing file is an error. Errors name the file and the
// setting DB_NAME.
func Examine(path string, fn func(sqldb.Conn) error) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("DB_NAME: %w", err)
	}
	exists, err := checkFile(path)
	switch {
	case err != nil:
		return err
	case !exists:
		return fmt.Errorf("DB_NAME: there is no file %s", path)
	}
	c, err := newReadOnly(path)
	if err == nil {
		err = sqldb.FirstError(fn(c), c.close())
	}
	return examineFault(path, err)
}

// examineFault describes an error of a file that is only read. It returns other
// errors unchanged.
func examineFault(path string, err error) error {
	if _, ok := driverCode(err); !ok {
		return err
	}
	switch primaryCode(err) {
	case codeNotADB, codeBusy:
		return openFault(path, err)
	}
	return fmt.Errorf("DB_NAME: cannot read %s: %w", path, err)
}

// newReadOnly opens a file read-only. In the WAL journal mode, SQLite needs
// files beside it to coordinate with writers; if they are missing and cannot be
// created, there is no writer.
func newReadOnly(path string) (*conn, error) {
	c, err := newReader(path, "&mode=ro")
	if code := primaryCode(err); code == codeCannotOpen || code == codeReadOnly {
		if _, statErr := os.Stat(path + "-wal"); statErr != nil {
			return newReader(path, "&mode=ro&immutable=1")
		}
	}
	return c, err
}

func newReader(path, parameters string) (*conn, error) {
	c, err := newConnTo(dataSource(path)+parameters, inspecting)
	if err != nil {
		return nil, err
	}
	if _, err := c.text("PRAGMA schema_version"); err != nil { // the first read of the file
		return nil, sqldb.FirstError(err, c.close())
	}
	return c, nil
}
