package user

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"roster/internal/fault"
	"roster/internal/form"
)

// Limit is what a column stores, where that may be less than the rules of its
// field allow. The zero value is no limit.
type Limit struct {
	Length int  // code points
	Bytes  int  // bytes of UTF-8
	Widest rune // the highest code point
}

// Limits are the limits of columns by field.
type Limits map[string]Limit

// Within makes Create and Update refuse what the columns of the database cannot
// store. Call it once, before all other methods.
func (u *Users) Within(limits Limits) { u.limits = limits }

// validate is Validate with the limits of the database.
func (u *Users) validate(in form.Input, mode form.Mode) (Change, fault.Fields) {
	change, faults := Validate(in, mode)
	for i := range table {
		limit, limited := u.limits[table[i].Name]
		if !limited {
			continue
		}
		switch at := table[i].At(&change.Values).(type) { // zero if not given or invalid
		case *string:
			faults.Add(table[i].Name, limit.check(*at)...)
		case *form.Text:
			faults.Add(table[i].Name, limit.check(at.String)...)
		}
	}
	return change, inFieldOrder(faults)
}

// check returns what is wrong with a text.
func (l Limit) check(text string) (messages []string) {
	switch {
	case l.Length > 0 && utf8.RuneCountInString(text) > l.Length:
		messages = append(messages, fmt.Sprintf(form.MessageTooLong, l.Length))
	case l.Bytes > 0 && len(text) > l.Bytes:
		messages = append(messages, fmt.Sprintf("Ensure this field has no more than %d bytes.", l.Bytes))
	}
	if l.Widest > 0 {
		if i := slices.IndexFunc([]rune(text), func(r rune) bool { return r > l.Widest }); i >= 0 {
			messages = append(messages, fmt.Sprintf("The database cannot store the character %q in this field.", []rune(text)[i]))
		}
	}
	return messages
}
