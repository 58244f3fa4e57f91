package config

import "strings"

// Limits below which a secret is regular rather than random: 32 random digits
// have about 27 different pairs of neighbors and 15 different steps between
// them.
const (
	fewestCharacters = 5 // different ones, as in Django's check security.W009
	fewestSteps      = 5 // different distances between neighbors
)

// placeholders are parts of keys in examples and templates.
var placeholders = []string{"changeme", "yoursecret", "secretkey", "keyhere", "replaceme"}

// Guessable reports whether a secret is a repetition ("aaaa…", "abcabc…"), a
// sequence ("abcd…", "0123…") or a placeholder ("change-me-…"). least is the
// minimum length of the secret. Only the regularity is judged; a secret of words
// passes.
func Guessable(text string, least int) bool {
	// Django's prefix of development keys hides how regular the rest is.
	runes := []rune(strings.TrimPrefix(text, "django-insecure-"))
	characters, pairs, steps := map[rune]bool{}, map[[2]rune]bool{}, map[rune]bool{}
	for i, r := range runes {
		characters[r] = true
		if i > 0 {
			pairs[[2]rune{runes[i-1], r}] = true
			steps[r-runes[i-1]] = true
		}
	}
	return len(characters) < fewestCharacters || len(pairs) < least/2 || len(steps) < fewestSteps || isPlaceholder(text)
}

func isPlaceholder(text string) bool {
	text = strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(strings.ToLower(text))
	for _, part := range placeholders {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
