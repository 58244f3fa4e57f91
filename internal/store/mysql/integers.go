package mysql

import (
	"database/sql/driver"
	"errors"
	"math"
	"math/big"
)

// The names of the driver for types whose values it does not return as int64.
const (
	typeBit         = "BIT"
	typeUnsignedBig = "UNSIGNED BIGINT"
)

// withIntegers returns scan for rows whose columns of the types BIT and BIGINT
// UNSIGNED are int64. Other columns, and numbers that are too large, stay what
// the driver returns; scan itself, if there are no such columns.
func withIntegers(rows driver.Rows, scan func(row []driver.Value) error) func(row []driver.Value) error {
	typed, ok := rows.(driver.RowsColumnTypeDatabaseTypeName)
	if !ok {
		return func([]driver.Value) error { return errors.New("the driver does not know the types of columns") }
	}
	var columns []int
	for i := range rows.Columns() {
		if name := typed.ColumnTypeDatabaseTypeName(i); name == typeBit || name == typeUnsignedBig {
			columns = append(columns, i)
		}
	}
	if len(columns) == 0 {
		return scan
	}
	return func(row []driver.Value) error {
		for _, i := range columns {
			row[i] = integerOf(row[i])
		}
		return scan(row)
	}
}

// integerOf returns a value of these types as int64, if it is one.
func integerOf(value driver.Value) driver.Value {
	switch v := value.(type) {
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v)
		}
	case []byte: // BIT, the highest byte first
		if n := new(big.Int).SetBytes(v); n.IsInt64() {
			return n.Int64()
		}
	}
	return value
}
