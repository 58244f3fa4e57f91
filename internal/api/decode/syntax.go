package decode

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"roster/internal/fault"
)

// syntaxError is a place where JSON is malformed, told as Python's
// JSONDecodeError tells it.
type syntaxError struct {
	reason string
	text   string
	offset int // in bytes; len(text) for the end
}

// Error counts lines and columns from 1, characters from 0.
func (e *syntaxError) Error() string {
	before := e.text[:e.offset]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("%s: line %d column %d (char %d)", e.reason, line, column, utf8.RuneCountInString(before))
}

// parseError is what the caller reads of a body that is not JSON.
func parseError(cause error) error {
	return fault.New(fault.Invalid, "JSON parse error - "+cause.Error())
}

// nonFieldError refuses JSON that is no object.
func nonFieldError(message string) error {
	var fields fault.Fields
	fields.Add("non_field_errors", message)
	return fields.Err()
}
