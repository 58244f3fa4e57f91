package query

import (
	"slices"
	"strings"

	"roster/internal/form"
)

// Key is a field to sort by.
type Key struct {
	Field      string
	Descending bool
}

// ParseKeys parses an ordering like the OrderingFilter of Django REST
// Framework: comma-separated field names, each with "-" before it for
// descending order; surrounding spaces and unknown names are ignored. Repeated
// fields, and those after the unique "id", are ignored too, because they have
// no effect.
func ParseKeys(s string, known func(name string) bool) (keys []Key) {
	for term := range strings.SplitSeq(s, ",") {
		name, descending := strings.CutPrefix(form.Strip(term), "-")
		if !known(name) || slices.ContainsFunc(keys, func(k Key) bool { return k.Field == name }) {
			continue
		}
		keys = append(keys, Key{name, descending})
		if name == "id" {
			break
		}
	}
	return keys
}

// FormatKeys formats keys for ParseKeys.
func FormatKeys(keys []Key) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		if names[i] = k.Field; k.Descending {
			names[i] = "-" + k.Field
		}
	}
	return strings.Join(names, ",")
}
