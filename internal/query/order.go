package query

import (
	"slices"
	"strings"

	"roster/internal/form"
)

// Key is a field by which a list is ordered.
type Key struct {
	Field      string
	Descending bool
}

// ParseKeys reads an ordering as the OrderingFilter of Django REST Framework
// does: names of fields between commas, each with "-" before it for descending
// order; spaces around them and unknown names are dropped. A field that came
// before, and all that follows the unique "id", is dropped too, as it orders nothing.
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

// FormatKeys returns the ordering that ParseKeys reads as these keys.
func FormatKeys(keys []Key) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		if names[i] = k.Field; k.Descending {
			names[i] = "-" + k.Field
		}
	}
	return strings.Join(names, ",")
}
