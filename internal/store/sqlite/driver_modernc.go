//go:build !(cgo && mattn)

package sqlite

import (
	"database/sql/driver"
	"errors"

	"modernc.org/sqlite"
)

// openDriver opens a connection to a dataSource.
// Its transactions are IMMEDIATE when database/sql begins them.
func openDriver(source string) (driver.Conn, error) {
	var d sqlite.Driver
	return d.Open(source)
}

// driverCode returns SQLite's extended result code of a driver's error.
func driverCode(err error) (code int, ok bool) {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return 0, false
	}
	return e.Code(), true
}
