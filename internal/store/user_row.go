package store

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"roster/internal/form"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

// userFields are the columns of t_users.
var userFields = user.Table()

// userColumns are the columns for scanUser: those of userFields, and finally
// the times as one text. The drivers would parse times themselves, and each
// text costs allocations.
var userColumns = func() string {
	var plain, times []string
	for _, c := range userFields {
		if c.Type == form.TypeDateTime {
			times = append(times, c.Name)
		} else {
			plain = append(plain, c.Name)
		}
	}
	return strings.Join(plain, ", ") + ", " + strings.Join(times, " || '|' || ")
}()

// The statements that write a user take userValues; the update also takes the
// id.
var insertUser, updateUser = func() (insert, update string) {
	names := userFields[1:].Names()
	insert = "INSERT INTO t_users (" + strings.Join(names, ", ") + ") VALUES " + marks(len(names))
	return insert, "UPDATE t_users SET " + strings.Join(names, " = ?, ") + " = ? WHERE id = ?"
}()

// scanUser reads a row of userColumns.
func scanUser(row []driver.Value, u *user.User) error {
	times, at := textOf(row[len(row)-1]), 0
	for i := range userFields {
		field := &userFields[i]
		switch value := field.At(u).(type) {
		case *int64:
			*value, _ = row[at].(int64)
		case *string:
			*value = textOf(row[at])
		case *form.Text:
			*value = sqldb.TextOf(row[at])
		case *bool:
			*value = sqldb.IsTrue(row[at])
		case *time.Time:
			var text string
			var ok bool
			text, times, _ = strings.Cut(times, "|")
			if *value, ok = sqldb.ParseTime(text); !ok {
				return unreadable(fmt.Sprintf("t_users, id %d", u.ID), errors.New(field.Name+" is not a date and time"))
			}
			continue
		}
		at++
	}
	return nil
}

// userValues returns the stored values of a user except the id.
func userValues(u *user.User) []driver.Value {
	values := make([]driver.Value, 0, len(userFields))
	for i := range userFields[1:] {
		switch value := userFields[1+i].Get(u).(type) {
		case bool:
			values = append(values, flag(value))
		case time.Time:
			values = append(values, sqldb.FormatTime(value))
		default:
			values = append(values, value)
		}
	}
	return values
}
