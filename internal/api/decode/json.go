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
func readJSON(body string, charset drf.Charset, o Options) (form.Input, error) {
	decoded, err := text(body, charset.DecodeStream, charset)
	if err != nil {
		return nil, parseError(err)
	}
	input := form.Input{}
	value, err := parseDocument(decoded, input, o)
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
func parseDocument(text string, members form.Input, o Options) (form.Value, error) {
	s := scanner{text: text, options: o}
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
// messages. It checks and drops the values that are not kept.
type scanner struct {
	options Options
	text    string
	pos     int
	depth   int
	drop    bool // what is parsed is not kept
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
	start := s.pos
	switch {
	case s.at('"'):
		text, err := s.string()
		return form.Value{Kind: form.String, Text: text}, err
	case s.at('{'):
		err := s.nested(func() error { return s.object(members) })
		return form.Value{Kind: form.Object, Text: s.since(start)}, err
	case s.at('['):
		err := s.nested(s.list)
		return form.Value{Kind: form.List, Text: s.since(start)}, err
	}
	if value, ok := s.word(); ok {
		return value, nil
	}
	return s.number()
}

// since returns the text of a list or an object that begins at start, if it is
// wanted.
func (s *scanner) since(start int) string {
	if !s.options.Nested || s.drop {
		return ""
	}
	return s.text[start:s.pos]
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
		if err := s.member(members); err != nil {
			return err
		}
		if more, err := s.separator('}', "Illegal trailing comma before end of object"); !more {
			return err
		}
	}
}

// member parses a name, a colon and a value, and adds them to members if they are
// kept. Without members, nothing is.
func (s *scanner) member(members form.Input) error {
	if !s.at('"') {
		return s.fail("Expecting property name enclosed in double quotes", s.pos)
	}
	name, err := s.string()
	if err != nil {
		return err
	}
	if s.skipSpace(); !s.at(':') {
		return s.fail("Expecting ':' delimiter", s.pos)
	}
	s.pos++
	s.skipSpace()
	if members == nil || !s.options.keeps(name) {
		return s.skip()
	}
	members[name], err = s.value(nil)
	return err
}

// skip checks a value and drops it.
func (s *scanner) skip() error {
	defer func(drop bool) { s.drop = drop }(s.drop)
	s.drop = true
	_, err := s.value(nil)
	return err
}

func (s *scanner) list() error {
	if s.at(']') {
		s.pos++
		return nil
	}
	for {
		if err := s.skip(); err != nil {
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
