package sqldb

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"roster/internal/fault"
	"roster/internal/form"
)

// Scan converts the first values of a row into variables: *int64, *int, *bool,
// *float64, *form.Text, *time.Time, and pointers to types of strings or bytes;
// nil skips a value. NULL is the zero value. Nothing is dropped silently: a
// value that its type cannot represent leaves the zero value and returns an
// error of kind Internal, after all other values were converted.
func Scan(row []driver.Value, into ...any) error {
	if len(into) > len(row) {
		return Unreadable(fmt.Sprintf("a row of %d columns", len(row)), fmt.Errorf("%d are wanted", len(into)))
	}
	var first error
	for i, to := range into {
		if to == nil {
			continue
		}
		if err := assign(to, row[i]); err != nil && first == nil {
			first = Unreadable(fmt.Sprintf("column %d", i+1), err)
		}
	}
	return first
}

// Unreadable returns the error for an invalid stored value, in a column or a
// row.
func Unreadable(place string, cause error) error {
	return fault.Wrap(fault.Internal, "A stored value cannot be read.", fmt.Errorf("%s: %w", place, cause))
}

func assign(to any, value driver.Value) (err error) {
	switch to := to.(type) {
	case *int64:
		*to, err = Int(value)
	case *int:
		var n int64
		n, err = Int(value)
		*to = int(n)
	case *bool:
		*to, err = Bool(value)
	case *float64:
		*to, err = number(value)
	case *string:
		*to = TextOf(value).String
	case *form.Text:
		*to = TextOf(value)
	case *time.Time:
		*to, err = Time(value)
	default:
		err = assignText(reflect.ValueOf(to), value)
	}
	return err
}

// assignText assigns to a pointer to a type of strings or bytes.
func assignText(to reflect.Value, value driver.Value) error {
	text := TextOf(value)
	switch {
	case to.Kind() == reflect.Pointer && to.Elem().Kind() == reflect.String:
		to.Elem().SetString(text.String)
	case to.Kind() == reflect.Pointer && to.Elem().Kind() == reflect.Slice && to.Elem().Type().Elem().Kind() == reflect.Uint8:
		to.Elem().SetZero()
		if text.Valid {
			to.Elem().SetBytes([]byte(text.String))
		}
	default:
		return fmt.Errorf("a %s cannot hold a stored value", to.Type())
	}
	return nil
}

// Int reads an integer of any type: decimals, as MySQL returns sums, and texts,
// as SQLite may store in any column. NULL is 0.
func Int(value driver.Value) (int64, error) {
	switch v := value.(type) {
	case nil:
		return 0, nil
	case int64:
		return v, nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case float32:
		return whole(float64(v))
	case float64:
		return whole(v)
	}
	n, err := strconv.ParseInt(TextOf(value).String, 10, 64)
	if err != nil {
		return 0, errors.New("it is not an integer of 64 bits")
	}
	return n, nil
}

// whole returns a number without a fraction as an integer.
func whole(f float64) (int64, error) {
	if f != math.Trunc(f) || f < -1<<63 || f >= 1<<63 {
		return 0, errors.New("it is not an integer of 64 bits")
	}
	return int64(f), nil
}

// Bool reads a boolean: 1 is true, 0 and NULL are false.
func Bool(value driver.Value) (bool, error) {
	n, err := Int(value)
	if err != nil || n != 0 && n != 1 {
		return false, errors.New("it is not a boolean")
	}
	return n == 1, nil
}

// number reads a number of any type. NULL is 0.
func number(value driver.Value) (float64, error) {
	text := TextOf(value)
	if !text.Valid {
		return 0, nil
	}
	f, err := strconv.ParseFloat(text.String, 64)
	if err != nil {
		return 0, errors.New("it is not a number")
	}
	return f, nil
}

// Time reads a date and time, see ParseTime. NULL is the zero time.
func Time(value driver.Value) (time.Time, error) {
	text := TextOf(value)
	if !text.Valid {
		return time.Time{}, nil
	}
	at, ok := ParseTime(text.String)
	if !ok {
		return time.Time{}, errors.New("it is not a date and time")
	}
	return at, nil
}
