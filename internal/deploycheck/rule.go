package deploycheck

import (
	"slices"

	"roster/internal/finding"
)

// rule is one check.
type rule struct {
	id       string
	severity finding.Severity
	title    string // what is wrong
	reason   string // why that matters
	remedy   string
	wrong    func(Facts) bool
	about    func(Facts) string // what it is about, nil where the title says it
}

// rules are all checks, in the order in which they are told.
func rules() []rule {
	return slices.Concat(doorRules, secretRules, databaseRules, brokerRules, staffRules, mailRules, machineRules, operationRules)
}

// Judge applies every check and returns what failed, the gravest first, and how
// many checks there are.
func Judge(f Facts) (found finding.List, checks int) {
	all := rules()
	for _, r := range all {
		if !r.wrong(f) {
			continue
		}
		failed := finding.Finding{ID: r.id, Severity: r.severity, Title: r.title, Detail: r.reason, Remedy: r.remedy}
		if r.about != nil {
			failed.Examples = []string{r.about(f)}
		}
		found = append(found, failed)
	}
	found.Sort()
	return found, len(all)
}
