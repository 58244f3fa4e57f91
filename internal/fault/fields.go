package fault

// Field is one input field and what is wrong with it.
type Field struct {
	Name     string
	Messages []string
}

// Fields are the faults of one input, in the order in which they are shown.
// The zero value is ready to use. It is not safe for concurrent use.
type Fields []Field

// Add notes messages for a field, after those it has already. Adding none
// does nothing.
func (f *Fields) Add(name string, messages ...string) {
	if len(messages) == 0 {
		return
	}
	for i := range *f {
		if (*f)[i].Name == name {
			(*f)[i].Messages = append((*f)[i].Messages, messages...)
			return
		}
	}
	*f = append(*f, Field{Name: name, Messages: messages})
}

// Has reports whether the field has a message.
func (f Fields) Has(name string) bool {
	for _, field := range f {
		if field.Name == name {
			return true
		}
	}
	return false
}

// Err returns an Invalid error that carries the fields, or nil when there are none.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Fields: f}
}
