package form

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"roster/internal/fault"
)

// Column is one field of the records of type T: its rules, and where a record
// holds its value. In the database the column has the field's name.
type Column[T any] struct {
	Field

	// At returns where a record holds the value: an *int64, *string, *Text, *bool
	// or *time.Time.
	At func(record *T) any
	// Searched is whether the words of a search are looked for in it.
	Searched bool
}

// Table describes the fields of the records of type T, in the order in which
// they are shown: in answers, in forms and in lists of faults. What is done to
// each field, it is derived from: reading, storing, answering, recording. A
// table has up to 64 fields, and is never changed.
type Table[T any] []Column[T]

// Change is a valid and normalised input: the values of the fields that were
// given. The zero Change gives none.
type Change[T any] struct {
	Values T      // zero where no value was given
	given  uint64 // a bit for each field of the table
}

// Fields returns the descriptions of the fields. The slice is the caller's own.
func (t Table[T]) Fields() []Field {
	fields := make([]Field, len(t))
	for i := range t {
		fields[i] = t[i].Field
	}
	return fields
}

// Names returns the names of the fields. The slice is the caller's own.
func (t Table[T]) Names() []string {
	names := make([]string, len(t))
	for i := range t {
		names[i] = t[i].Name
	}
	return names
}

// Writable returns the descriptions of the fields that can be written.
func (t Table[T]) Writable() []Field {
	return slices.DeleteFunc(t.Fields(), func(f Field) bool { return f.ReadOnly })
}

// Find returns the field of that name, nil when there is none.
func (t Table[T]) Find(name string) *Column[T] {
	for i := range t {
		if t[i].Name == name {
			return &t[i]
		}
	}
	return nil
}

// Read applies the rules of the fields to an input. It returns every fault of
// every field, in the order of the table, and the values of the fields that have
// none; the change may be applied only when there is no fault at all. It fills
// in no defaults. Read-only and unknown fields are ignored. The same input
// always gives the same result; in is not changed.
func (t Table[T]) Read(in Input, mode Mode) (change Change[T], faults fault.Fields) {
	for i := range t {
		c := &t[i]
		if c.ReadOnly {
			continue
		}
		value, given := in[c.Name]
		switch {
		case given:
			messages := c.read(value, c.At(&change.Values))
			if len(messages) == 0 {
				change.given |= 1 << i
			}
			faults.Add(c.Name, messages...)
		case c.Required && mode != Partial:
			faults.Add(c.Name, MessageRequired)
		}
	}
	return change, faults
}

// Apply returns the record with the values of a change.
func (t Table[T]) Apply(change Change[T], record T) T {
	for i := range t {
		if change.given&(1<<i) != 0 {
			assign(t[i].At(&record), t[i].At(&change.Values))
		}
	}
	return record
}

func assign(to, from any) {
	switch to := to.(type) {
	case *int64:
		*to = *from.(*int64)
	case *string:
		*to = *from.(*string)
	case *Text:
		*to = *from.(*Text)
	case *bool:
		*to = *from.(*bool)
	case *time.Time:
		*to = *from.(*time.Time)
	}
}

// Get returns the value of a record: an int64, string, bool or time.Time, or nil
// for an absent Text.
func (c *Column[T]) Get(record *T) any {
	switch at := c.At(record).(type) {
	case *int64:
		return *at
	case *string:
		return *at
	case *Text:
		if at.Valid {
			return at.String
		}
	case *bool:
		return *at
	case *time.Time:
		return *at
	}
	return nil
}

// AppendJSON appends the record as Django REST Framework's JSONRenderer writes
// it; see AppendString and AppendTime.
func (t Table[T]) AppendJSON(b []byte, record *T) []byte {
	for i := range t {
		if i == 0 {
			b = append(b, '{', '"')
		} else {
			b = append(b, ',', '"')
		}
		b = append(append(b, t[i].Name...), '"', ':')
		b = appendValue(b, t[i].At(record))
	}
	return append(b, '}')
}

func appendValue(b []byte, at any) []byte {
	switch at := at.(type) {
	case *int64:
		return strconv.AppendInt(b, *at, 10)
	case *string:
		return AppendString(b, *at)
	case *Text:
		if at.Valid {
			return AppendString(b, at.String)
		}
	case *bool:
		return strconv.AppendBool(b, *at)
	case *time.Time:
		return append(AppendTime(append(b, '"'), *at), '"')
	}
	return append(b, "null"...)
}

// ParseJSON reads what AppendJSON wrote into a zero record. Fields that are not
// there stay as they are.
func (t Table[T]) ParseJSON(data []byte, record *T) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	for i := range t {
		if value, ok := values[t[i].Name]; ok {
			if err := json.Unmarshal(value, t[i].At(record)); err != nil {
				return err
			}
		}
	}
	return nil
}
