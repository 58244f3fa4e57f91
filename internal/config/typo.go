package config

import (
	"fmt"
	"slices"
	"strings"
)

// maxTypo is how many letters of a name may be wrong, and shortestTypo how long a
// name must be to be taken for a mistyped one: others stand for programs that
// share the file.
const (
	maxTypo      = 2
	shortestTypo = 5
)

// Warnings returns a sentence for each name in the file .env that is no
// setting's but nearly one's, in the order of the names.
func (c Config) Warnings() []string { return slices.Clone(c.typos) }

// typosIn returns the warnings about the names of a file.
func typosIn(values map[string]string) (warnings []string) {
	all := known()
	for name := range values {
		if slices.Contains(all, name) {
			continue
		}
		if meant := nearest(name, all); meant != "" {
			warnings = append(warnings, fmt.Sprintf(".env: %s is no setting and has no effect; did you mean %s?", name, meant))
		}
	}
	slices.Sort(warnings)
	return warnings
}

// nearest returns the name that is meant by a mistyped one, "" when none is near.
func nearest(name string, all []string) (meant string) {
	typed := strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
	if len(typed) < shortestTypo {
		return ""
	}
	least := maxTypo + 1
	for _, candidate := range all {
		if d := distance(typed, candidate); d < least {
			least, meant = d, candidate
		}
	}
	return meant
}

// distance is how many letters must be left out, put in, replaced or swapped with
// the next to make one name of the other.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			least := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				least = min(least, rows[i-2][j-2]+1)
			}
			rows[i][j] = least
		}
	}
	return rows[len(a)][len(b)]
}
