package decode

import (
	"strings"

	"roster/internal/api/drf"
	"roster/internal/form"
)

// maxDepth is the maximum nesting of lists and objects.
const maxDepth = 1000

const jsonSpace = " \t\n\r"

// readJSON decodes a body that must be a JSON object. The last of repeated names
// counts.
func readJSON(body []byte, charset drf.Charset) (form.Input, error) {
	text, err := charset.DecodeStream(body)
	if err != nil {
		return nil, parseError(err)
	}
	input := form.Input{}
	value, err := parseDocument(text, input)
	if err != nil {
		return nil, parseError(err)
	}
	if value.Kind != form.Object {
		return nil, refuseKind(value.Kind)
	}
	return input, nil
}

// refuseKind returns an error with the Python type that was found.
func refuseKind(kind form.Kind) error {
	names := map[form.Kind]string{
		form.Boolean: "bool", form.String: "str", form.Integer: "int", form.Float: "float", form.List: "list",
	}
	if kind == form.Null {
		return nonFieldError("No data provided")
	}
	return nonFieldError("Invalid data. Expected a dictionary, but got " + names[kind] + ".")
}

// parseDocument parses a complete text and adds the members of an object to members.
func parseDocument(text string, members form.Input) (form.Value, error) {
	s := scanner{text: text}
	if strings.HasPrefix(text, "\uFEFF") {
		return form.Value{}, s.fail("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0)
	}
	s.skipSpace()
	value, err := s.value(members)
	if err != nil {
		return form.Value{}, err
	}
	if s.skipSpace(); s.pos < len(text) {
		return form.Value{}, s.fail("Extra data", s.pos)
	}
	return value, nil
}

// scanner parses JSON as strictly as Python's json module does, with the same error
// messages. It checks and drops nested values, which no field accepts.
type scanner struct {
	text  string
	pos   int
	depth int
}

func (s *scanner) fail(reason string, offset int) error {
	return &syntaxError{reason: reason, text: s.text, offset: offset}
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.text) && strings.IndexByte(jsonSpace, s.text[s.pos]) >= 0 {
		s.pos++
	}
}

// at reports whether b is the next byte.
func (s *scanner) at(b byte) bool {
	return s.pos < len(s.text) && s.text[s.pos] == b
}

// value parses a value and adds the members of an object to members, which may be
// nil.
func (s *scanner) value(members form.Input) (form.Value, error) {
	switch {
	case s.at('"'):
		text, err := s.string()
		return form.Value{Kind: form.String, Text: text}, err
	case s.at('{'):
		return form.Value{Kind: form.Object}, s.nested(func() error { return s.object(members) })
	case s.at('['):
		return form.Value{Kind: form.List}, s.nested(s.list)
	}
	if value, ok := s.word(); ok {
		return value, nil
	}
	return s.number()
}

func (s *scanner) word() (form.Value, bool) {
	words := [...]struct {
		text  string
		value form.Value
	}{
		{"null", form.Value{Kind: form.Null}},
		{"true", form.Value{Kind: form.Boolean, Bool: true}},
		{"false", form.Value{Kind: form.Boolean}},
	}
	for _, w := range words {
		if strings.HasPrefix(s.text[s.pos:], w.text) {
			s.pos += len(w.text)
			return w.value, true
		}
	}
	return form.Value{}, false
}

// nested parses a list or an object from its opening bracket.
func (s *scanner) nested(parse func() error) error {
	if s.depth == maxDepth {
		return s.fail("Nesting too deep", s.pos)
	}
	s.depth++
	s.pos++
	s.skipSpace()
	err := parse()
	s.depth--
	return err
}

func (s *scanner) object(members form.Input) error {
	if s.at('}') {
		s.pos++
		return nil
	}
	for {
		name, value, err := s.member()
		if err != nil {
			return err
		}
		if members != nil {
			members[name] = value
		}
		if more, err := s.separator('}', "Illegal trailing comma before end of object"); !more {
			return err
		}
	}
}

// member parses a name, a colon and a value.
func (s *scanner) member() (string, form.Value, error) {
	if !s.at('"') {
		return "", form.Value{}, s.fail("Expecting property name enclosed in double quotes", s.pos)
	}
	name, err := s.string()
	if err != nil {
		return "", form.Value{}, err
	}
	if s.skipSpace(); !s.at(':') {
		return "", form.Value{}, s.fail("Expecting ':' delimiter", s.pos)
	}
	s.pos++
	s.skipSpace()
	value, err := s.value(nil)
	return name, value, err
}

func (s *scanner) list() error {
	if s.at(']') {
		s.pos++
		return nil
	}
	for {
		if _, err := s.value(nil); err != nil {
			return err
		}
		if more, err := s.separator(']', "Illegal trailing comma before end of array"); !more {
			return err
		}
	}
}

// separator parses a comma, and reports more, or the closing bracket.
func (s *scanner) separator(closing byte, trailing string) (more bool, err error) {
	s.skipSpace()
	switch {
	case s.at(closing):
		s.pos++
		return false, nil
	case !s.at(','):
		return false, s.fail("Expecting ',' delimiter", s.pos)
	}
	comma := s.pos
	s.pos++
	if s.skipSpace(); s.at(closing) {
		return false, s.fail(trailing, comma)
	}
	return true, nil
}
