// Package work is the part of the API about background work: what tasks and
// schedules look like in it, and how they are read from requests. Package api
// serves it.
package work

import (
	"slices"
	"strings"

	"roster/internal/task/periodic"
)

// Parameters are the names beside those of fields that faults may have: of
// groups, and of what a request asks for.
func Parameters() []string {
	return []string{"crontab", "interval", "solar", "state", "created_after", "created_before", "step", "count"}
}

// Grouped returns the group that a field belongs to, "" for none, and what it is
// called there.
func Grouped(name string) (group, member string) {
	group, member, dotted := strings.Cut(name, ".")
	if !dotted || !slices.Contains(periodic.Groups(), group) {
		return "", name
	}
	return group, member
}

func groupOf(name string) string {
	group, _ := Grouped(name)
	return group
}
