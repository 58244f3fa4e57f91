package deploycheck

import "roster/internal/finding"

// Rules returns every check as the finding it would report.
func Rules() (all finding.List) {
	for _, r := range rules() {
		all = append(all, finding.Finding{ID: r.id, Severity: r.severity, Title: r.title, Detail: r.reason, Remedy: r.remedy})
	}
	return all
}
