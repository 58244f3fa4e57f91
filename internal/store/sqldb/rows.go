package sqldb

import (
	"database/sql/driver"
	"errors"
	"io"
)

// EachRow calls scan for each of the rows, as Conn says of Query, and closes
// them. The values are read into row, which is made longer where it is too short.
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
