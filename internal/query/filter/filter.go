// Package filter has the language for filters of lists: the grammar of RFC 7644,
// section 3.4.2.2, over the fields of a table, and the lookups of django-filter,
// which are another notation for the same expressions.
package filter

import "roster/internal/form"

// The limits of an expression.
const (
	MaxLength      = 4000 // code points
	MaxDepth       = 20   // nested parentheses
	MaxComparisons = 200
)

// Expression is a condition on a record: And, Or, Not or Comparison. It is read-only.
// A comparison with a missing value is false, except for NotEqual; so every
// expression is true or false, and Not inverts it.
type Expression interface {
	// String returns the expression in the grammar. Parse returns an equal
	// expression for it, and equal expressions have equal texts.
	String() string
}

// And is true if all of its expressions are, which are at least two.
type And []Expression

// Or is true if any of its expressions is, which are at least two.
type Or []Expression

// Not inverts an expression.
type Not struct{ Of Expression }

// Comparison compares a field with a value.
type Comparison struct {
	Field *form.Field
	Op    Operator
	// Value is a string, int64, bool or time.Time, as the field has it. It is nil
	// for Present, and for a comparison of a field with null by Equal or NotEqual.
	Value any
}

// Operator is an operator of the grammar.
type Operator string

// The operators of RFC 7644. Texts are compared by code points.
const (
	Equal          Operator = "eq"
	NotEqual       Operator = "ne"
	Contains       Operator = "co"
	StartsWith     Operator = "sw"
	EndsWith       Operator = "ew"
	Greater        Operator = "gt"
	GreaterOrEqual Operator = "ge"
	Less           Operator = "lt"
	LessOrEqual    Operator = "le"
	Present        Operator = "pr" // neither null nor an empty text
)

// The operators that ignore case, by Unicode's simple case folding. They are an
// extension for the lookups of django-filter, such as icontains.
const (
	EqualFold      Operator = "ieq"
	ContainsFold   Operator = "ico"
	StartsWithFold Operator = "isw"
	EndsWithFold   Operator = "iew"
)

var (
	allOperators = []Operator{Equal, NotEqual, Greater, GreaterOrEqual, Less, LessOrEqual, Present}
	forTexts     = append(allOperators[:len(allOperators):len(allOperators)],
		Contains, StartsWith, EndsWith, EqualFold, ContainsFold, StartsWithFold, EndsWithFold)
	forBooleans = []Operator{Equal, NotEqual, Present}
)

// operatorsFor returns the operators for a field, nil if it cannot be compared.
func operatorsFor(f *form.Field) []Operator {
	switch f.Type {
	case form.TypeString, form.TypeEmail:
		return forTexts
	case form.TypeBoolean:
		return forBooleans
	case form.TypeInteger, form.TypeDateTime:
		return allOperators
	}
	return nil
}

// Texts returns texts that every record contains for which e is true, ignoring case,
// each in one of the fields for which searched is true.
func Texts(e Expression, searched func(name string) bool) (texts []string) {
	switch e := e.(type) {
	case And:
		for _, part := range e {
			texts = append(texts, Texts(part, searched)...)
		}
	case Comparison:
		switch e.Op {
		case Equal, Contains, StartsWith, EndsWith, EqualFold, ContainsFold, StartsWithFold, EndsWithFold:
			if text, ok := e.Value.(string); ok && searched(e.Field.Name) {
				texts = append(texts, text)
			}
		}
	}
	return texts
}
