package lang

import "strings"

// Difference returns the texts that only the first language has.
func Difference(a, b *Language) (only []string) {
	for key := range a.texts {
		if _, ok := b.texts[key]; !ok {
			only = append(only, strings.ReplaceAll(key, "\x04", "|"))
		}
	}
	return only
}
