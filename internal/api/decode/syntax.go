package decode

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"roster/internal/fault"
)

// syntaxError is a position of malformed JSON, with the message of Python's
// JSONDecodeError.
type syntaxError struct {
	reason string
	text   string
	offset int // in bytes; len(text) for the end
}

// Error returns the message. It counts lines and columns from 1, characters from 0.
func (e *syntaxError) Error() string {
	before := e.text[:e.offset]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("%s: line %d column %d (char %d)", e.reason, line, column, utf8.RuneCountInString(before))
}

// parseError returns the error for a body that is not JSON.
func parseError(cause error) error {
	return fault.New(fault.Invalid, "JSON parse error - "+cause.Error())
}

// nonFieldError returns the error for JSON that is not an object.
func nonFieldError(message string) error {
	var fields fault.Fields
	fields.Add("non_field_errors", message)
	return fields.Err()
}
