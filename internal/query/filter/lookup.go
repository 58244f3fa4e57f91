package filter

import (
	"fmt"
	"slices"
	"strings"

	"roster/internal/form"
	"roster/internal/query"
)

// lookups are the lookups of Django's querysets for django-filter, with their
// operators. "in", "range" and "isnull" are others.
var lookups = map[string]Operator{
	"exact": Equal, "contains": Contains, "startswith": StartsWith, "endswith": EndsWith,
	"iexact": EqualFold, "icontains": ContainsFold, "istartswith": StartsWithFold, "iendswith": EndsWithFold,
	"gt": Greater, "gte": GreaterOrEqual, "lt": Less, "lte": LessOrEqual,
}

// Lookup returns the expression of a parameter such as "email__iexact=ann@example.com",
// nil if the part before "__" is no field. Lists of "in" and "range" have commas
// between their values. The message says what is wrong with it, "" if nothing is.
func Lookup(parameter, value string, fields []form.Field) (e Expression, message string) {
	name, lookup, _ := strings.Cut(parameter, "__")
	f := find(fields, name)
	if f == nil || f.Name != name {
		return nil, ""
	}
	switch lookup {
	case "isnull":
		return isNull(f, value)
	case "in":
		return in(f, value)
	case "range":
		return between(f, value)
	}
	op, ok := lookups[lookup]
	if !ok || !slices.Contains(operatorsFor(f), op) {
		return nil, fmt.Sprintf("%s has no lookup %q; use %s.", f.Name, shortened(lookup), oneOf(lookupsFor(f)))
	}
	return compare(f, op, value)
}

// compare returns a comparison with a value of a parameter.
func compare(f *form.Field, op Operator, value string) (e Expression, message string) {
	typed, ok := valueOf(f, value)
	if !ok {
		return nil, fmt.Sprintf("%q is not %s.", shortened(value), wanted(f))
	}
	return Comparison{f, op, typed}, ""
}

func isNull(f *form.Field, value string) (e Expression, message string) {
	switch choice, _ := query.ParseChoice(value); choice {
	case query.OnlyTrue:
		return Comparison{f, Equal, nil}, ""
	case query.OnlyFalse:
		return Comparison{f, NotEqual, nil}, ""
	case query.Either:
	}
	return nil, fmt.Sprintf("%q is not true or false.", shortened(value))
}

func in(f *form.Field, value string) (e Expression, message string) {
	var some []Expression
	for one := range strings.SplitSeq(value, ",") {
		if e, message = compare(f, Equal, one); message != "" {
			return nil, message
		}
		if some = append(some, e); len(some) > MaxComparisons {
			return nil, fmt.Sprintf("The list has more than %d values.", MaxComparisons)
		}
	}
	return anyOf(some), ""
}

func between(f *form.Field, value string) (e Expression, message string) {
	from, to, ok := strings.Cut(value, ",")
	if !ok || f.Type == form.TypeBoolean {
		return nil, fmt.Sprintf("%q is not a range: give the first and the last value with a comma between them.", shortened(value))
	}
	first, message := compare(f, GreaterOrEqual, from)
	if message != "" {
		return nil, message
	}
	last, message := compare(f, LessOrEqual, to)
	if message != "" {
		return nil, message
	}
	return All(first, last), ""
}

// lookupsFor returns the lookups of a field.
func lookupsFor(f *form.Field) []string {
	known := []string{"in", "isnull"}
	if f.Type != form.TypeBoolean {
		known = append(known, "range")
	}
	for name, op := range lookups {
		if slices.Contains(operatorsFor(f), op) {
			known = append(known, name)
		}
	}
	slices.Sort(known)
	return known
}
