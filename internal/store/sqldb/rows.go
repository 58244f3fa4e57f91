package sqldb

import (
	"database/sql/driver"
	"errors"
	"io"
)

// EachRow calls scan for each row, as in Conn.Query, and closes the rows.
// Values are read into row, which grows if necessary.
func EachRow(rows driver.Rows, row *[]driver.Value, scan func(row []driver.Value) error) error {
	n := len(rows.Columns())
	if cap(*row) < n {
		*row = make([]driver.Value, n)
	}
	err := scanAll(rows, (*row)[:n], scan)
	if errors.Is(err, ErrEnough) {
		err = nil
	}
	return FirstError(err, rows.Close())
}

func scanAll(rows driver.Rows, row []driver.Value, scan func(row []driver.Value) error) error {
	for {
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := scan(row); err != nil {
			return err
		}
	}
}
