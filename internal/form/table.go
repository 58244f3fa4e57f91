package form

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"roster/internal/fault"
)

// Column is a field of records of type T: its rules, and its location in a
// record. The database column has the same name.
type Column[T any] struct {
	Field

	// At returns the location of the value in a record: an *int64, **int, *float64,
	// *string, *Text, *bool or *time.Time; nil when the record has none.
	At func(record *T) any
	// Searched reports whether searches look in the field.
	Searched bool
}

// Table describes the fields of records of type T, in display order: for
// responses, forms and lists of errors. Parsing, storing, encoding and auditing
// derive from it. A table has at most 64 fields, and is read-only.
type Table[T any] []Column[T]

// Change is valid and normalized input: the values of the fields that were
// given. The zero Change is empty.
type Change[T any] struct {
	Values T      // zero if not given
	given  uint64 // a bit per field of the table
}

// Fields returns the descriptions of the fields. The caller owns the slice.
func (t Table[T]) Fields() []Field {
	fields := make([]Field, len(t))
	for i := range t {
		fields[i] = t[i].Field
	}
	return fields
}

// Names returns the names of the fields. The caller owns the slice.
func (t Table[T]) Names() []string {
	names := make([]string, len(t))
	for i := range t {
		names[i] = t[i].Name
	}
	return names
}

// Writable returns the descriptions of the writable fields.
func (t Table[T]) Writable() []Field {
	return slices.DeleteFunc(t.Fields(), func(f Field) bool { return f.ReadOnly })
}

// Find returns the field of that name, or nil.
func (t Table[T]) Find(name string) *Column[T] {
	for i := range t {
		if t[i].Name == name {
			return &t[i]
		}
	}
	return nil
}

// Read applies the rules of the fields to an input. It returns all errors of
// all fields, in the order of the table, and the values of the valid fields;
// apply the change only if there are no errors. It sets no defaults. Read-only
// and unknown fields are ignored. It is deterministic and does not change in.
func (t Table[T]) Read(in Input, mode Mode) (change Change[T], faults fault.Fields) {
	change.given, faults = t.read(&change.Values, in, mode)
	return change, faults
}

// ReadInto is Read into a record, whose other fields keep their values. What is
// in those with a fault is not defined.
func (t Table[T]) ReadInto(record *T, in Input, mode Mode) fault.Fields {
	_, faults := t.read(record, in, mode)
	return faults
}

func (t Table[T]) read(record *T, in Input, mode Mode) (read uint64, faults fault.Fields) {
	for i := range t {
		c := &t[i]
		if c.ReadOnly {
			continue
		}
		value, given := in[c.Name]
		switch {
		case given:
			messages := c.read(value, c.At(record))
			if len(messages) == 0 {
				read |= 1 << i
			}
			faults.Add(c.Name, messages...)
		case c.Required && mode != Partial:
			faults.Add(c.Name, MessageRequired)
		}
	}
	return read, faults
}

// Input returns the input that makes the writable fields what they are in a record.
func (t Table[T]) Input(record *T) Input {
	in := Input{}
	for i := range t {
		if at := t[i].At(record); at != nil && !t[i].ReadOnly {
			in[t[i].Name] = t[i].valueOf(at)
		}
	}
	return in
}

// Apply returns the record with the change.
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
	case *float64:
		*to = *from.(*float64)
	case **int:
		*to = *from.(**int)
	case *time.Time:
		*to = *from.(*time.Time)
	}
}

// Get returns the value in a record: an int64, int, float64, string, bool or
// time.Time, or nil for none.
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
	case *float64:
		return *at
	case **int:
		if *at != nil {
			return **at
		}
	case *time.Time:
		return *at
	}
	return nil
}

// AppendJSON appends the record as encoded by Django REST Framework's
// JSONRenderer; see AppendString and AppendTime. The zero time is null.
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
		if !at.IsZero() {
			return append(AppendTime(append(b, '"'), *at), '"')
		}
	}
	return append(b, "null"...)
}

// ParseJSON parses the output of AppendJSON into a zero record. Missing fields
// are unchanged.
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
