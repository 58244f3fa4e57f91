package task

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"roster/internal/fault"
)

// Registry knows kinds by their names. It does not change, and may be used by
// many goroutines at once.
type Registry struct {
	kinds map[string]Kind
}

// NewRegistry returns a registry of those kinds. Two of the same name, and kinds
// that Define did not make, are defects of the program: it panics.
func NewRegistry(kinds ...Kind) *Registry {
	r := &Registry{kinds: make(map[string]Kind, len(kinds))}
	for _, k := range kinds {
		if _, twice := r.kinds[k.Name]; twice || k.run == nil || k.Version < 1 {
			panic(fmt.Sprintf("task: kind %q is there twice, or was not defined", k.Name))
		}
		r.kinds[k.Name] = k
	}
	return r
}

// Find returns the kind of that name; Invalid, with the names there are, when
// there is none.
func (r *Registry) Find(name string) (Kind, error) {
	k, ok := r.kinds[name]
	if !ok {
		return Kind{}, fault.New(fault.Invalid, fmt.Sprintf("There is no task %q; there are %s.", name, strings.Join(r.Names(), ", ")))
	}
	return k, nil
}

// Names returns the names in ascending order.
func (r *Registry) Names() []string { return slices.Sorted(maps.Keys(r.kinds)) }

// All returns the kinds in the order of their names.
func (r *Registry) All() []Kind {
	all := make([]Kind, 0, len(r.kinds))
	for _, name := range r.Names() {
		all = append(all, r.kinds[name])
	}
	return all
}

// versions returns what can be read of each kind.
func (r *Registry) versions() []Versions {
	all := make([]Versions, 0, len(r.kinds))
	for _, k := range r.All() {
		all = append(all, Versions{Kind: k.Name, Oldest: k.Oldest, Newest: k.Version})
	}
	return all
}

// orUnknown returns the kind, or one with the limits that stand where nothing
// else is known.
func (r *Registry) orUnknown(name string) Kind {
	if k, ok := r.kinds[name]; ok {
		return k
	}
	return Define(Kind{Name: name, Version: 1}, func(context.Context, *Job, struct{}) (any, error) { return nil, nil })
}
