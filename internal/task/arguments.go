package task

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"roster/internal/fault"
)

// Checker is implemented by argument types to validate beyond JSON. The result
// must depend only on the arguments.
type Checker interface {
	// Check returns an error of kind Invalid, with a sentence as message or
	// fields named as in JSON.
	Check() error
}

// read decodes arguments; empty ones are an empty object.
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

// checkNulls returns an error if arguments that read accepts have a null in place of
// a value that is not optional, which encoding/json ignores. Pointers, slices, and
// maps are optional.
func checkNulls[A any](kind string, args []byte) error {
	var value any
	_ = json.Unmarshal(args, &value) // fails for no arguments alone
	if place, t := nullIn(reflect.TypeFor[A](), value); place != "" {
		return fault.New(fault.Invalid, fmt.Sprintf("The arguments of %s cannot be read: %s is null, want %s.", kind, place, nameOf(t)))
	}
	return nil
}

// nullIn returns the place of a null within a value of the type, and what it stands
// for; "" if there is none.
func nullIn(t reflect.Type, value any) (place string, wanted reflect.Type) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	members, ok := value.(map[string]any)
	if !ok || t.Kind() != reflect.Struct {
		return "", nil
	}
	for name, member := range members {
		field, ok := fieldNamed(t, name)
		if !ok {
			continue
		}
		if member == nil && !isOptional(field.Type) {
			return name, field.Type
		}
		if inner, wanted := nullIn(field.Type, member); inner != "" {
			return name + "." + inner, wanted
		}
	}
	return "", nil
}

// fieldNamed returns the field that encoding/json decodes a member into.
func fieldNamed(t reflect.Type, name string) (reflect.StructField, bool) {
	return t.FieldByNameFunc(func(field string) bool {
		f, _ := t.FieldByName(field)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return strings.EqualFold(cmp.Or(tag, field), name)
	})
}

func isOptional(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map
}

// encoded returns arguments as a JSON object.
func encoded(named map[string]json.RawMessage) []byte {
	text, err := json.Marshal(named)
	if err != nil {
		return nil
	}
	return text
}

// plain describes a decoding error in terms of JSON.
func plain(err error) string {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return strings.TrimPrefix(err.Error(), "json: ")
	}
	value, _, _ := strings.Cut(wrong.Value, " ") // a number is followed by its digits
	if wrong.Field == "" {
		return fmt.Sprintf("got %s, want %s", article(value), nameOf(wrong.Type))
	}
	return fmt.Sprintf("%s is %s, want %s", wrong.Field, article(value), nameOf(wrong.Type))
}

// article returns a JSON type for use in a sentence.
func article(value string) string {
	switch value {
	case "bool":
		return "true or false"
	case "array", "object":
		return "an " + value
	}
	return "a " + value
}

// nameOf returns the JSON name of a type.
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
