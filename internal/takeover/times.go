package takeover

import (
	"strings"
	"time"

	"roster/internal/finding"
	"roster/internal/form"
)

// timeJudge looks whether stored times can be read.
type timeJudge struct{ unreadable, zero examples }

// judge looks at one value. A time that is absent is no fault where it may be.
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

// parseTime reads a date and time in one of the ways in which Django 4.2 reads
// them from its databases: 2025-11-21 10:30:00, with any number of decimals,
// with a T for the space, with Z or an offset. Without one it is UTC.
func parseTime(s string) (time.Time, bool) {
	s = strings.Replace(s, "T", " ", 1)
	if !hasForm(s) || strings.Contains(s, ",") {
		return time.Time{}, false // package time is more generous
	}
	for _, layout := range []string{time.DateTime, time.DateTime + "Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil { // it takes decimals after seconds too
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// hasForm reports whether s begins with digits where a date and time has them.
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
		ID: table + ".time.unreadable", Severity: finding.Error, Title: table + ": times cannot be read",
		Detail: "They are not of the form 2025-11-21 10:30:00.123456. The rows cannot be served.",
		Remedy: "Write the times anew, in UTC and this form.",
	})
	r.noted(j.zero, finding.Finding{
		ID: table + ".time.zero", Severity: finding.Error, Title: table + ": dates are zero",
		Detail: "MySQL stores 0000-00-00 when it is not strict. There is no such day, and the rows cannot be served.",
		Remedy: "Write a date that exists; where it is not known, that of another column.",
	})
}
