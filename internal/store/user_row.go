package store

import (
	"database/sql/driver"
	"strings"
	"time"

	"roster/internal/form"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

// userFields are the columns of t_users.
var userFields = user.Table()

// userColumns are the columns for scanUser. The drivers of SQLite would convert
// columns declared as times and booleans themselves, each differently, but not
// expressions.
var userColumns = func() string {
	columns := make([]string, len(userFields))
	for i, c := range userFields {
		switch columns[i] = c.Name; c.Type {
		case form.TypeDateTime:
			columns[i] = "CAST(" + c.Name + " AS CHAR)"
		case form.TypeBoolean:
			columns[i] = "+" + c.Name
		}
	}
	return strings.Join(columns, ", ")
}()

// The statements that write a user take userValues; the update also takes the
// id.
var insertUser, updateUser = func() (insert, update string) {
	names := userFields[1:].Names()
	insert = "INSERT INTO t_users (" + strings.Join(names, ", ") + ") VALUES " + marks(len(names))
	return insert, "UPDATE t_users SET " + strings.Join(names, " = ?, ") + " = ? WHERE id = ?"
}()

// scanUser reads a row of userColumns. What cannot be read is zero, and noted in
// the user.
func scanUser(row []driver.Value, u *user.User) {
	*u = user.User{}
	for i := range userFields {
		field := &userFields[i]
		switch err := sqldb.Scan(row[i:], field.At(u)); {
		case err != nil:
			u.Unreadable.Add(field.Name, textOf(row[i]))
		case row[i] == nil && !field.Nullable:
			u.Unreadable.Add(field.Name, "NULL")
		}
	}
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
