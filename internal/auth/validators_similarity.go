package auth

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"roster/internal/form"
)

// maxSimilarity is the default of Django's UserAttributeSimilarityValidator.
const maxSimilarity = 0.7

// similarity is Django's UserAttributeSimilarityValidator with its default
// attributes and threshold.
type similarity struct{}

func (similarity) weakness(password string, about Attributes) (Weakness, bool) {
	password = form.Lower(password)
	for _, attribute := range []struct{ label, value string }{
		{"username", about.Username}, {"first name", about.FirstName}, {"last name", about.LastName}, {"email address", about.Email},
	} {
		if attribute.value != "" && isSimilar(password, form.Lower(attribute.value)) {
			return Weakness{"password_too_similar", "The password is too similar to the " + attribute.label + "."}, true
		}
	}
	return Weakness{}, false
}

func (similarity) help() string {
	return "Your password can’t be too similar to your other personal information."
}

// isSimilar compares a password with a value and each of its words, in lower
// case.
func isSimilar(password, value string) bool {
	passwordLength := utf8.RuneCountInString(password)
	for _, part := range append(strings.FieldsFunc(value, isNoWord), value) {
		partLength := utf8.RuneCountInString(part)
		if !isFarLonger(passwordLength, partLength) && quickRatio(password, part, passwordLength+partLength) >= maxSimilarity {
			return true
		}
	}
	return false
}

// isNoWord is \W of Python's regular expressions.
func isNoWord(r rune) bool {
	return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
}

// isFarLonger reports whether a password is so much longer than a value that
// comparing them is unnecessary and, for huge ones, expensive.
func isFarLonger(passwordLength, valueLength int) bool {
	return passwordLength >= 10*valueLength && float64(valueLength) < maxSimilarity/2*float64(passwordLength)
}

// quickRatio is SequenceMatcher.quick_ratio of Python's difflib: the share of
// code points that two texts have in common, in any position. total is the
// number of code points in both.
func quickRatio(a, b string, total int) float64 {
	if total == 0 {
		return 1
	}
	available := map[rune]int{}
	for _, r := range b {
		available[r]++
	}
	matches := 0
	for _, r := range a {
		if available[r] > 0 {
			matches++
		}
		available[r]--
	}
	return 2 * float64(matches) / float64(total)
}
