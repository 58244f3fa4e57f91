package user

import (
	"maps"
	"slices"

	"roster/internal/fault"
	"roster/internal/query/filter"
)

// filterFields are the fields to filter by.
var filterFields = table.Fields()

// ParseFilter returns the condition of a text in the grammar of package filter, such
// that equal conditions have equal texts, or what is wrong with it.
func ParseFilter(text string) (condition string, messages []string) {
	e, err := filter.Parse(text, filterFields)
	if err != nil {
		return "", []string{err.Error()}
	}
	return formatFilter(e)
}

// formatFilter returns the text of a condition, unless it is beyond the limits.
func formatFilter(e filter.Expression) (condition string, messages []string) {
	condition = e.String()
	if _, err := filter.Parse(condition, filterFields); err != nil {
		return "", []string{err.Error()}
	}
	return condition, nil
}

// Narrow adds lookups of django-filter to the filter of a query: parameters such as
// email__iexact. Others are ignored. The error is Invalid, with the errors of all
// parameters under the name filter.
func (q Query) Narrow(parameters map[string]string) (Query, error) {
	all := []filter.Expression{q.Condition()}
	var faults fault.Fields
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		e, message := filter.Lookup(name, parameters[name], filterFields)
		if message != "" {
			faults.Add("filter", name+": "+message)
		}
		if e != nil {
			all = append(all, e)
		}
	}
	if len(faults) > 0 {
		return Query{}, faults.Err()
	}
	if len(all) == 1 {
		return q, nil
	}
	var messages []string
	if q.Filter, messages = formatFilter(filter.All(all...)); messages != nil {
		faults.Add("filter", messages...)
		return Query{}, faults.Err()
	}
	return q, nil
}

// Condition returns the condition of the filter, nil if there is none. No user matches
// a text that is not from ParseFilter.
func (q Query) Condition() filter.Expression {
	if q.Filter == "" {
		return nil
	}
	e, err := filter.Parse(q.Filter, filterFields)
	if err != nil {
		return filter.Or{}
	}
	return e
}
