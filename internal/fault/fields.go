package fault

// Field is the errors of one input field.
type Field struct {
	Name     string
	Messages []string
}

// Fields are the errors of one input, in display order. The zero value is ready
// to use. It is not safe for concurrent use.
type Fields []Field

// Add appends messages to a field. Without messages it does nothing.
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

// Has reports whether the field has messages.
func (f Fields) Has(name string) bool {
	for _, field := range f {
		if field.Name == name {
			return true
		}
	}
	return false
}

// Err returns an Invalid error with the fields, or nil if there are none.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Fields: f}
}
