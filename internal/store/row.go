package store

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"

	"roster/internal/fault"
	"roster/internal/user"
)

// userColumns are the columns that scanUser reads. The times come as one text:
// the drivers do not parse that themselves, and each text costs allocations.
const userColumns = "id, username, email, first_name, last_name, phone, address, is_active, created_at || '|' || updated_at"

// scanUser reads a row of userColumns.
func scanUser(row []driver.Value, u *user.User) error {
	u.ID, _ = row[0].(int64)
	u.Username = textOf(row[1]).String
	u.Email = textOf(row[2]).String
	u.FirstName = textOf(row[3])
	u.LastName = textOf(row[4])
	u.Phone = textOf(row[5])
	u.Address = textOf(row[6])
	u.IsActive = isTrue(row[7])
	created, updated, _ := strings.Cut(textOf(row[8]).String, "|")
	var ok bool
	if u.CreatedAt, ok = parseTime(created); !ok {
		return badTime(u.ID, "created_at")
	}
	if u.UpdatedAt, ok = parseTime(updated); !ok {
		return badTime(u.ID, "updated_at")
	}
	return nil
}

func badTime(id int64, column string) error {
	cause := fmt.Errorf("t_users, id %d: %s is not a date and time", id, column)
	return fault.Wrap(fault.Internal, "A stored user cannot be read.", cause)
}

// textOf returns a value as text. SQLite stores values of any type in any
// column, so numbers may stand in a column of texts.
func textOf(value driver.Value) user.Text {
	switch v := value.(type) {
	case nil:
		return user.Text{}
	case string:
		return user.TextOf(v)
	case []byte:
		return user.TextOf(string(v))
	case int64:
		return user.TextOf(strconv.FormatInt(v, 10))
	default:
		return user.TextOf(fmt.Sprint(v))
	}
}

// isTrue reads is_active as Django reads booleans on SQLite: 1 is true,
// anything else is not.
func isTrue(value driver.Value) bool {
	switch v := value.(type) {
	case int64:
		return v == 1
	case bool:
		return v
	}
	return false
}

// valueOf returns a text as the driver takes it.
func valueOf(t user.Text) driver.Value {
	if !t.Valid {
		return nil
	}
	return t.String
}

// number returns a boolean as Django stores it.
func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
