package takeover

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Severity says how much a finding matters.
type Severity int

// The severities, the least first.
const (
	Info    Severity = iota // good to know
	Warning                 // Roster works, but something is lost, slow or surprising
	Error                   // Roster cannot work, or would serve what is wrong
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
	Count    int64    `json:"count"`    // how many rows, tables, … it is about
	Examples []string `json:"examples"` // some of them, never more than MaxExamples: ids, names
}

// MaxExamples is how many examples a finding has at most.
const MaxExamples = 5

// Report is what was found.
type Report struct {
	Engine   string    // sqlite or mysql
	Version  string    // of the engine
	Findings []Finding // the gravest first; equal ones in the order of the rules
}

// Count returns how many findings have that severity.
func (r Report) Count(s Severity) (n int) {
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Verdict returns the report in one sentence.
func (r Report) Verdict() string {
	switch errors, warnings := r.Count(Error), r.Count(Warning); {
	case errors == 1:
		return "1 thing must be mended before Roster can take over this database."
	case errors > 1:
		return fmt.Sprintf("%d things must be mended before Roster can take over this database.", errors)
	case warnings > 0:
		return fmt.Sprintf("Roster can take over this database; read the warnings (%d) first.", warnings)
	}
	return "Roster can take over this database."
}

// MarshalJSON writes the report with its counts and its verdict. The field
// format grows when the meaning of another changes.
func (r Report) MarshalJSON() ([]byte, error) {
	findings := slices.Clone(r.Findings)
	for i := range findings {
		findings[i].Examples = append([]string{}, findings[i].Examples...) // [], not null
	}
	return json.Marshal(struct {
		Format   int       `json:"format"`
		Engine   string    `json:"engine"`
		Version  string    `json:"version"`
		Ready    bool      `json:"ready"`
		Verdict  string    `json:"verdict"`
		Errors   int       `json:"errors"`
		Warnings int       `json:"warnings"`
		Infos    int       `json:"infos"`
		Findings []Finding `json:"findings"`
	}{1, r.Engine, r.Version, r.Count(Error) == 0, r.Verdict(), r.Count(Error), r.Count(Warning), r.Count(Info), findings})
}

// add notes a finding.
func (r *Report) add(f Finding) { r.Findings = append(r.Findings, f) }

// examples are some of many, in the order in which they came.
type examples struct {
	count int64
	some  []string
}

func (e *examples) add(example string) {
	if e.count++; len(e.some) < MaxExamples {
		e.some = append(e.some, example)
	}
}

// noted adds a finding about the examples, when there are any.
func (r *Report) noted(e examples, f Finding) {
	if e.count == 0 {
		return
	}
	f.Count, f.Examples = e.count, e.some
	r.add(f)
}

// note adds an example to those of a key.
func note[K comparable](all map[K]*examples, key K, example string) {
	if all[key] == nil {
		all[key] = new(examples)
	}
	all[key].add(example)
}
