//go:build cgo && mattn

package sqlite

import (
	"database/sql/driver"
	"errors"

	"github.com/mattn/go-sqlite3"
)

// openDriver opens a connection to a dataSource.
// Its transactions are IMMEDIATE when database/sql begins them.
func openDriver(source string) (driver.Conn, error) {
	var d sqlite3.SQLiteDriver
	return d.Open(source + "&_mutex=no")
}

// driverCode returns SQLite's extended result code of a driver's error.
func driverCode(err error) (code int, ok bool) {
	e, ok := errors.AsType[sqlite3.Error](err)
	if !ok {
		return 0, false
	}
	if e.ExtendedCode != 0 {
		return int(e.ExtendedCode), true
	}
	return int(e.Code), true
}
