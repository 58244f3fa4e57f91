package task

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"roster/internal/fault"
)

// Checker is what the type of a kind's arguments may be, to refuse what JSON alone
// lets pass. It depends on the arguments alone.
type Checker interface {
	// Check returns an error of kind Invalid, whose message is a sentence or whose
	// fields are named as in JSON.
	Check() error
}

// read decodes arguments; none are an empty object.
func read[A any](kind string, args []byte) (parsed A, err error) {
	if len(bytes.TrimSpace(args)) == 0 {
		args = []byte("{}")
	}
	decoder := json.NewDecoder(bytes.NewReader(args))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&parsed)
	if _, more := decoder.Token(); err == nil && !errors.Is(more, io.EOF) {
		err = errors.New("more than one value")
	}
	if err != nil {
		return parsed, fault.New(fault.Invalid, fmt.Sprintf("The arguments of %s cannot be read: %s.", kind, plain(err)))
	}
	if c, ok := any(parsed).(Checker); ok {
		if err := c.Check(); err != nil {
			return parsed, err
		}
	}
	return parsed, nil
}

// plain says in terms of JSON what is wrong with it.
func plain(err error) string {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return strings.TrimPrefix(err.Error(), "json: ")
	}
	value, _, _ := strings.Cut(wrong.Value, " ") // what follows a number is its digits
	if wrong.Field == "" {
		return fmt.Sprintf("%s is given where %s is needed", article(value), nameOf(wrong.Type))
	}
	return fmt.Sprintf("%s is %s, where %s is needed", wrong.Field, article(value), nameOf(wrong.Type))
}

// article returns a type of JSON as in a sentence.
func article(value string) string {
	switch value {
	case "bool":
		return "true or false"
	case "array", "object":
		return "an " + value
	}
	return "a " + value
}

// nameOf returns what JSON calls a type.
func nameOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number that is not below 0"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Pointer:
		return nameOf(t.Elem())
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return "a string"
	}
}
