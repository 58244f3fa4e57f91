package user

import "strings"

// Unreadable describes the fields of a user whose stored values cannot be read,
// such as a time that is none. The zero value is that of almost all users.
type Unreadable struct {
	fields uint64 // a bit per field of the table
	values string // as `created_at ""`
}

// maxUnreadable is the length of a stored value that is described, in bytes.
const maxUnreadable = 64

// Add adds a field and what is stored.
func (u *Unreadable) Add(field, stored string) {
	for i := range table {
		if table[i].Name == field {
			u.fields |= 1 << i
		}
	}
	if len(stored) > maxUnreadable {
		stored = stored[:maxUnreadable]
	}
	if u.values != "" {
		u.values += ", "
	}
	u.values += field + " " + quote(stored)
}

// quote quotes a stored value, of which only visible ASCII characters are shown.
func quote(stored string) string {
	return `"` + strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' {
			return '?'
		}
		return r
	}, stored) + `"`
}

// Any reports whether there are such fields.
func (u Unreadable) Any() bool { return u.fields != 0 }

// Has reports whether a field is one of them.
func (u Unreadable) Has(field string) bool {
	for i := range table {
		if table[i].Name == field {
			return u.fields&(1<<i) != 0
		}
	}
	return false
}

// Fields returns the names of the fields in the order of the table.
func (u Unreadable) Fields() (names []string) {
	for i := range table {
		if u.fields&(1<<i) != 0 {
			names = append(names, table[i].Name)
		}
	}
	return names
}

// String describes the fields with their stored values; "" for none.
func (u Unreadable) String() string { return u.values }

// AppendJSON appends a user as JSON, with the names of the fields that cannot be
// read as unreadable, if there are any. Such a time is null.
func AppendJSON(b []byte, u *User) []byte {
	b = table.AppendJSON(b, u)
	if !u.Unreadable.Any() {
		return b
	}
	return append(b[:len(b)-1], `,"unreadable":["`+strings.Join(u.Unreadable.Fields(), `","`)+`"]}`...)
}
