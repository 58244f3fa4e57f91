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
	about    func(Facts) string // details, nil if the title suffices
}

// rules returns all checks, in report order.
func rules() []rule {
	return slices.Concat(doorRules, secretRules, databaseRules, brokerRules, staffRules, credentialRules, mailRules, machineRules, operationRules)
}

// Judge applies every check and returns the failed ones by descending severity,
// and the number of checks.
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
