package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/internal/form"
	"roster/internal/query"
)

// Error is what is wrong with an expression.
type Error struct {
	Position int // of the code point in question, from 1
	Reason   string
}

// Error returns the reason and the position, as a sentence.
func (e *Error) Error() string {
	return fmt.Sprintf("Position %d: %s", e.Position, e.Reason)
}

func errorAt(position int, format string, args ...any) *Error {
	return &Error{position, fmt.Sprintf(format, args...)}
}

// Parse parses an expression over the fields. Names and operators are in upper or
// lower case. The error is an *Error.
func Parse(expression string, fields []form.Field) (Expression, error) {
	if n := form.Length(expression); n > MaxLength {
		return nil, errorAt(MaxLength+1, "The filter has %d characters, at most %d are allowed.", n, MaxLength)
	}
	p := &parser{lexer: lexer{strings.ToValidUTF8(expression, "\uFFFD"), 1}, fields: fields}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.token.kind != end {
		return nil, p.unexpected(`"and", "or" or the end`)
	}
	return e, nil
}

// parser is a recursive descent parser with one token of lookahead.
type parser struct {
	lexer

	token       token
	fields      []form.Field
	depth       int
	comparisons int
}

func (p *parser) advance() (err error) {
	p.token, err = p.next()
	return err
}

func (p *parser) unexpected(wanted string) error {
	if p.token.kind == end {
		return errorAt(p.token.at, "The filter ends where %s is expected.", wanted)
	}
	return errorAt(p.token.at, "Found %q where %s is expected.", shortened(p.token.text), wanted)
}

func (p *parser) or() (Expression, error) {
	parts, err := p.list("or", p.and)
	return anyOf(parts), err
}

func (p *parser) and() (Expression, error) {
	parts, err := p.list("and", p.term)
	return allOf(parts), err
}

// list parses parts with an operator between them.
func (p *parser) list(operator string, part func() (Expression, error)) (parts []Expression, err error) {
	for {
		e, err := part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, e)
		if !p.token.is(operator) {
			return parts, nil
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}

// term parses a comparison, or an expression in parentheses with or without "not".
func (p *parser) term() (Expression, error) {
	switch {
	case p.token.is("not"):
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.token.text != "(" || p.token.kind != bracket {
			return nil, p.unexpected(`"("`)
		}
		e, err := p.parenthesized()
		return Not{e}, err
	case p.token.kind == bracket && p.token.text == "(":
		return p.parenthesized()
	case p.token.kind == word:
		return p.comparison()
	}
	return nil, p.unexpected("a field")
}

func (p *parser) parenthesized() (Expression, error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, errorAt(p.token.at, "Parentheses are nested more than %d times.", MaxDepth)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.token.kind != bracket || p.token.text != ")" {
		return nil, p.unexpected(`")"`)
	}
	p.depth--
	return e, p.advance()
}

func (p *parser) comparison() (Expression, error) {
	if p.comparisons++; p.comparisons > MaxComparisons {
		return nil, errorAt(p.token.at, "The filter has more than %d comparisons.", MaxComparisons)
	}
	c := Comparison{Field: find(p.fields, p.token.text)}
	if c.Field == nil {
		return nil, errorAt(p.token.at, "There is no field %q to filter by; use %s.", shortened(p.token.text), oneOf(names(p.fields)))
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	operators := operatorsFor(c.Field)
	c.Op = Operator(strings.ToLower(p.token.text))
	if p.token.kind != word || !slices.Contains(operators, c.Op) {
		return nil, p.unexpected(fmt.Sprintf("an operator for %s (%s)", c.Field.Name, oneOf(operators)))
	}
	if err := p.advance(); err != nil || c.Op == Present {
		return c, err
	}
	var err error
	if c.Value, err = p.value(c); err != nil {
		return nil, err
	}
	return c, p.advance()
}

// value reads the value of a comparison.
func (p *parser) value(c Comparison) (any, error) {
	t := p.token
	switch {
	case t.is("null") && (c.Op == Equal || c.Op == NotEqual):
		return nil, nil
	case t.kind == word && c.Field.Type == form.TypeBoolean, t.kind == text && c.Field.Type != form.TypeInteger && c.Field.Type != form.TypeBoolean,
		t.kind == number && c.Field.Type == form.TypeInteger:
		if value, ok := valueOf(c.Field, t.text); ok {
			return value, nil
		}
	}
	return nil, p.unexpected("a value of " + c.Field.Name + ", " + wanted(c.Field) + ",")
}

// valueOf returns a text as the value of a field.
func valueOf(f *form.Field, text string) (value any, ok bool) {
	switch f.Type {
	case form.TypeInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		return n, err == nil
	case form.TypeBoolean:
		choice, _ := query.ParseChoice(text)
		return choice == query.OnlyTrue, choice != query.Either
	case form.TypeDateTime:
		at, ok := form.ParseTime(text, time.UTC)
		return at.Truncate(time.Microsecond), ok // as databases store it
	}
	return text, !strings.Contains(text, "\x00")
}

// wanted describes the values of a field.
func wanted(f *form.Field) string {
	switch f.Type {
	case form.TypeInteger:
		return "an integer"
	case form.TypeBoolean:
		return "true or false"
	case form.TypeDateTime:
		return `a time such as "2026-01-31T08:00:00Z"`
	}
	return "a text in quotation marks"
}

// find returns the field of a name that can be compared, nil if there is none.
func find(fields []form.Field, name string) *form.Field {
	for i := range fields {
		if strings.EqualFold(fields[i].Name, name) && operatorsFor(&fields[i]) != nil {
			return &fields[i]
		}
	}
	return nil
}

func names(fields []form.Field) (names []string) {
	for i := range fields {
		if operatorsFor(&fields[i]) != nil {
			names = append(names, fields[i].Name)
		}
	}
	return names
}

// oneOf returns a list as in a sentence.
func oneOf[T ~string](all []T) string {
	var b strings.Builder
	for i, one := range all {
		switch {
		case i > 0 && i == len(all)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(one))
	}
	return b.String()
}
