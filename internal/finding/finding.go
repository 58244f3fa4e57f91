// Package finding is the form of what is told to operators about a database or
// an installation: how grave it is, why, and what to do.
package finding

import (
	"cmp"
	"encoding/json"
	"slices"
)

// Severity says how much a finding matters.
type Severity int

// The severities, the least first.
const (
	Info    Severity = iota // good to know
	Warning                 // Roster works, but something is lost, slow, surprising or at risk
	Error                   // Roster cannot work, would serve what is wrong, or lets in who has no business there
)

var severityNames = [...]string{"info", "warning", "error"}

// String returns info, warning or error.
func (s Severity) String() string { return severityNames[s] }

// MarshalJSON writes the severity as its name.
func (s Severity) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// Finding is one thing that an operator should know. Its JSON form is part of
// what scripts rely on.
type Finding struct {
	// ID names the rule, and what it was applied to: schema.column.missing.
	// Scripts may tell findings apart by it; several findings may share one.
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`
	Detail   string   `json:"detail"`
	Remedy   string   `json:"remedy"`   // what to do; empty where there is nothing to do
	Count    int64    `json:"count"`    // how many rows, tables, … it is about; 0 where that says nothing
	Examples []string `json:"examples"` // some of them, never more than MaxExamples: ids, names
}

// MaxExamples is how many examples a finding has at most.
const MaxExamples = 5

// List is what was found.
type List []Finding

// Count returns how many findings have that severity.
func (l List) Count(s Severity) (n int) {
	for _, f := range l {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Sort puts the gravest first and leaves equal ones in their order.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Finding) int { return cmp.Compare(b.Severity, a.Severity) })
}

// MarshalJSON writes an array; no examples are [], not null.
func (l List) MarshalJSON() ([]byte, error) {
	all := make([]Finding, 0, len(l))
	for _, f := range l {
		f.Examples = append([]string{}, f.Examples...)
		all = append(all, f)
	}
	return json.Marshal(all)
}
