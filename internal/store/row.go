package store

import (
	"database/sql/driver"
	"fmt"
	"strings"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

// userColumns are the columns that scanUser reads. The times come as one text:
// the drivers do not parse that themselves, and each text costs allocations.
const userColumns = "id, username, email, first_name, last_name, phone, address, is_active, created_at || '|' || updated_at"

// scanUser reads a row of userColumns.
func scanUser(row []driver.Value, u *user.User) error {
	u.ID, _ = row[0].(int64)
	u.Username = sqldb.TextOf(row[1]).String
	u.Email = sqldb.TextOf(row[2]).String
	u.FirstName = sqldb.TextOf(row[3])
	u.LastName = sqldb.TextOf(row[4])
	u.Phone = sqldb.TextOf(row[5])
	u.Address = sqldb.TextOf(row[6])
	u.IsActive = sqldb.IsTrue(row[7])
	created, updated, _ := strings.Cut(sqldb.TextOf(row[8]).String, "|")
	var ok bool
	if u.CreatedAt, ok = sqldb.ParseTime(created); !ok {
		return badTime(u.ID, "created_at")
	}
	if u.UpdatedAt, ok = sqldb.ParseTime(updated); !ok {
		return badTime(u.ID, "updated_at")
	}
	return nil
}

func badTime(id int64, column string) error {
	cause := fmt.Errorf("t_users, id %d: %s is not a date and time", id, column)
	return fault.Wrap(fault.Internal, "A stored user cannot be read.", cause)
}

// valueOf returns a text as the driver takes it.
func valueOf(t form.Text) driver.Value {
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
