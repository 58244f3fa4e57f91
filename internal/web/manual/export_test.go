package manual

import (
	"maps"
	"slices"
)

// Paths returns the paths of all documents.
func (m *Manual) Paths() []string { return slices.Sorted(maps.Keys(m.pages)) }
