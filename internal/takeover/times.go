package takeover

import (
	"strings"
	"time"

	"roster/internal/finding"
	"roster/internal/form"
)

// timeJudge checks stored times.
type timeJudge struct{ unreadable, zero examples }

// judge checks one value. An absent time is valid if it is optional.
func (j *timeJudge) judge(id, column string, value form.Text, optional bool) {
	switch {
	case !value.Valid && optional || isTime(value.String):
	case strings.HasPrefix(value.String, "0000-") || strings.Contains(value.String, "-00"):
		j.zero.add(id + " (" + column + ")")
	default:
		j.unreadable.add(id + " (" + column + ")")
	}
}

// isTime reports whether s is a date and time.
func isTime(s string) bool {
	_, ok := parseTime(s)
	return ok
}

// parseTime parses a date and time in one of the formats that Django 4.2 reads
// from databases: 2025-11-21 10:30:00, with any number of decimals, with a T
// instead of the space, with Z or an offset. The default is UTC.
func parseTime(s string) (time.Time, bool) {
	s = strings.Replace(s, "T", " ", 1)
	if !hasForm(s) || strings.Contains(s, ",") {
		return time.Time{}, false // package time is more lenient
	}
	for _, layout := range []string{time.DateTime, time.DateTime + "Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil { // also accepts decimals after seconds
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// hasForm reports whether s begins with the digits of a date and time.
func hasForm(s string) bool {
	const form = "0000-00-00 00:00:00"
	if len(s) < len(form) {
		return false
	}
	for i := range len(form) {
		if digit := s[i] >= '0' && s[i] <= '9'; digit != (form[i] == '0') {
			return false
		}
	}
	return true
}

func (j *timeJudge) report(r *Report, table string) {
	r.noted(j.unreadable, finding.Finding{
		ID: table + ".time.unreadable", Severity: finding.Warning, Title: table + ": times cannot be read",
		Detail: "They do not have the form 2025-11-21 10:30:00.123456. Roster shows none, and stores another one when the row is next saved.",
		Remedy: "Rewrite the times in UTC and this form.",
	})
	r.noted(j.zero, finding.Finding{
		ID: table + ".time.zero", Severity: finding.Warning, Title: table + ": dates are zero",
		Detail: "MySQL stores 0000-00-00 unless it is strict. That is not a valid date: Roster shows none, and stores another one when the row is next saved.",
		Remedy: "Set a valid date; if it is unknown, use that of another column.",
	})
}
