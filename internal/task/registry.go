package task

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"roster/internal/fault"
)

// Registry finds kinds by name. It is immutable and safe for concurrent use.
type Registry struct {
	kinds map[string]Kind
}

// NewRegistry returns a registry of those kinds. It panics on duplicate names
// and on kinds that were not created by Define.
func NewRegistry(kinds ...Kind) *Registry {
	r := &Registry{kinds: make(map[string]Kind, len(kinds))}
	for _, k := range kinds {
		if _, twice := r.kinds[k.Name]; twice || k.run == nil || k.Version < 1 {
			panic(fmt.Sprintf("task: kind %q is duplicate, or was not created by Define", k.Name))
		}
		r.kinds[k.Name] = k
	}
	return r
}

// Find returns the kind of that name. Otherwise it returns Invalid, with the
// known names.
func (r *Registry) Find(name string) (Kind, error) {
	k, ok := r.kinds[name]
	if !ok {
		return Kind{}, fault.New(fault.Invalid, fmt.Sprintf("There is no task %q. The tasks are %s.", name, strings.Join(r.Names(), ", ")))
	}
	return k, nil
}

// Names returns the names in ascending order.
func (r *Registry) Names() []string { return slices.Sorted(maps.Keys(r.kinds)) }

// All returns the kinds by name.
func (r *Registry) All() []Kind {
	all := make([]Kind, 0, len(r.kinds))
	for _, name := range r.Names() {
		all = append(all, r.kinds[name])
	}
	return all
}

// versions returns the readable versions of each kind.
func (r *Registry) versions() []Versions {
	all := make([]Versions, 0, len(r.kinds))
	for _, k := range r.All() {
		all = append(all, Versions{Kind: k.Name, Oldest: k.Oldest, Newest: k.Version})
	}
	return all
}

// orUnknown returns the kind, or one with default limits if it is unknown.
func (r *Registry) orUnknown(name string) Kind {
	if k, ok := r.kinds[name]; ok {
		return k
	}
	return Define(Kind{Name: name, Version: 1}, func(context.Context, *Job, struct{}) (any, error) { return nil, nil })
}
