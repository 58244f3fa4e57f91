package takeover

import (
	"encoding/json"
	"fmt"

	"roster/internal/finding"
	"roster/internal/phrase"
)

// Report is the result of an inspection.
type Report struct {
	Engine   string       // sqlite or mysql
	Version  string       // of the engine
	Findings finding.List // by descending severity, then in rule order
}

// Verdict returns the report in one sentence.
func (r Report) Verdict() string {
	switch errors, warnings := r.Findings.Count(finding.Error), r.Findings.Count(finding.Warning); {
	case errors > 0:
		return phrase.Count(errors, "error") + " must be fixed before Roster can take over this database."
	case warnings > 0:
		return fmt.Sprintf("Roster can take over this database; read the warnings (%d) first.", warnings)
	}
	return "Roster can take over this database."
}

// MarshalJSON writes the report with its counts and verdict. The field format
// increases when the meaning of another field changes.
func (r Report) MarshalJSON() ([]byte, error) {
	errors := r.Findings.Count(finding.Error)
	return json.Marshal(struct {
		Format   int          `json:"format"`
		Engine   string       `json:"engine"`
		Version  string       `json:"version"`
		Ready    bool         `json:"ready"`
		Verdict  string       `json:"verdict"`
		Errors   int          `json:"errors"`
		Warnings int          `json:"warnings"`
		Infos    int          `json:"infos"`
		Findings finding.List `json:"findings"`
	}{1, r.Engine, r.Version, errors == 0, r.Verdict(), errors, r.Findings.Count(finding.Warning), r.Findings.Count(finding.Info), r.Findings})
}

// add appends a finding.
func (r *Report) add(f finding.Finding) { r.Findings = append(r.Findings, f) }

// examples is a limited sample of values, in order.
type examples struct {
	count int64
	some  []string
}

func (e *examples) add(example string) {
	if e.count++; len(e.some) < finding.MaxExamples {
		e.some = append(e.some, example)
	}
}

// noted adds a finding about the examples, if there are any.
func (r *Report) noted(e examples, f finding.Finding) {
	if e.count == 0 {
		return
	}
	f.Count, f.Examples = e.count, e.some
	r.add(f)
}

// note adds an example for a key.
func note[K comparable](all map[K]*examples, key K, example string) {
	if all[key] == nil {
		all[key] = new(examples)
	}
	all[key].add(example)
}
