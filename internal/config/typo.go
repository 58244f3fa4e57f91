package config

import (
	"fmt"
	"slices"
	"strings"
)

// maxTypo is how many letters of a misspelled name may differ, and shortestTypo
// the minimum length of a name considered misspelled: shorter names belong to
// other programs that share the file.
const (
	maxTypo      = 2
	shortestTypo = 5
)

// Warnings returns a sentence for each name in the settings file that resembles a
// setting, in name order, and for settings that do not fit each other.
func (c Config) Warnings() []string { return append(slices.Clone(c.typos), c.emailWarnings()...) }

// typosIn returns the warnings about the names of a file.
func typosIn(file string, values map[string]string, all []string) (warnings []string) {
	for name := range values {
		if slices.Contains(all, name) {
			continue
		}
		if meant := nearest(name, all); meant != "" {
			warnings = append(warnings, fmt.Sprintf("%s: %s is not a setting and has no effect; did you mean %s?", file, name, meant))
		}
	}
	slices.Sort(warnings)
	return warnings
}

// nearest returns the setting that a misspelled name resembles, "" if none.
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

// distance returns the edit distance of two names: insertions, deletions,
// replacements and swaps of adjacent letters.
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
