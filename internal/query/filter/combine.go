package filter

import (
	"fmt"
	"strings"
	"time"

	"roster/internal/form"
)

// All returns the expression that is true if all of these are, at least one. Nil
// stands for no condition.
func All(parts ...Expression) Expression {
	var given []Expression
	for _, e := range parts {
		if e != nil {
			given = append(given, e)
		}
	}
	return allOf(given)
}

// allOf joins expressions by "and". It unfolds those that are joined so already.
func allOf(parts []Expression) Expression {
	var all And
	for _, e := range parts {
		if inner, ok := e.(And); ok {
			all = append(all, inner...)
		} else {
			all = append(all, e)
		}
	}
	if len(all) < 2 {
		return single(all)
	}
	return all
}

// anyOf joins expressions by "or", likewise.
func anyOf(parts []Expression) Expression {
	var some Or
	for _, e := range parts {
		if inner, ok := e.(Or); ok {
			some = append(some, inner...)
		} else {
			some = append(some, e)
		}
	}
	if len(some) < 2 {
		return single(some)
	}
	return some
}

func single(parts []Expression) Expression {
	if len(parts) == 0 {
		return nil
	}
	return parts[0]
}

// String implements Expression.
func (a And) String() string {
	parts := make([]string, len(a))
	for i, e := range a {
		if parts[i] = e.String(); isOr(e) {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, " and ")
}

func isOr(e Expression) bool {
	_, ok := e.(Or)
	return ok
}

// String implements Expression.
func (o Or) String() string {
	parts := make([]string, len(o))
	for i, e := range o {
		parts[i] = e.String()
	}
	return strings.Join(parts, " or ")
}

// String implements Expression.
func (n Not) String() string { return "not (" + n.Of.String() + ")" }

// String implements Expression.
func (c Comparison) String() string {
	start := c.Field.Name + " " + string(c.Op)
	switch value := c.Value.(type) {
	case nil:
		if c.Op == Present {
			return start
		}
		return start + " null"
	case time.Time:
		return start + ` "` + value.Format("2006-01-02T15:04:05.999999Z07:00") + `"`
	case string:
		return start + " " + string(form.AppendString(nil, value))
	default:
		return fmt.Sprint(start, " ", value)
	}
}
