// Package finding defines findings about a database or an installation, for
// operators: severity, reason, and remedy.
package finding

import (
	"cmp"
	"encoding/json"
	"slices"
)

// Severity is how serious a finding is.
type Severity int

// The severities, in ascending order.
const (
	Info    Severity = iota // good to know
	Warning                 // Roster works, but something is lost, slow, unexpected or at risk
	Error                   // Roster cannot work, would serve wrong data, or grants unauthorized access
)

var severityNames = [...]string{"info", "warning", "error"}

// String returns info, warning or error.
func (s Severity) String() string { return severityNames[s] }

// MarshalJSON writes the severity as its name.
func (s Severity) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// Finding is one finding. Scripts rely on its JSON form.
type Finding struct {
	// ID identifies the rule and its subject: schema.column.missing. Several
	// findings may share one.
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`
	Detail   string   `json:"detail"`
	Remedy   string   `json:"remedy"`   // what to do; may be empty
	Count    int64    `json:"count"`    // number of affected rows, tables, …; 0 if not applicable
	Examples []string `json:"examples"` // ids or names of some of them, at most MaxExamples
}

// MaxExamples is the maximum number of examples of a finding.
const MaxExamples = 5

// List is a list of findings.
type List []Finding

// Count returns the number of findings of that severity.
func (l List) Count(s Severity) (n int) {
	for _, f := range l {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Sort sorts by descending severity, and keeps the order of equal ones.
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
