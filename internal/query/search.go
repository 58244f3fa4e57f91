// Package query contains what all lists share: search words, filters, ordering,
// paging, and freshness.
package query

import (
	"fmt"
	"slices"
	"strings"

	"roster/internal/form"
)

// The limits of a search.
const (
	MaxSearchLength = 200 // code points
	MaxSearchWords  = 10
)

const messageTooManyWords = "Ensure this field has no more than %d words."

// Parameter describes a parameter of a list, for its documentation.
type Parameter struct {
	form.Field

	About string // what it does, in sentences of Markdown
}

// Choice filters by a boolean field.
type Choice int8

// The choices.
const (
	Either Choice = iota
	OnlyTrue
	OnlyFalse
)

// ParseChoice parses true, false, 1 or 0, case-insensitively, like
// django-filter's BooleanWidget; "" is Either. Other values are errors.
func ParseChoice(s string) (choice Choice, messages []string) {
	switch strings.ToLower(s) {
	case "":
		return Either, nil
	case "true", "1":
		return OnlyTrue, nil
	case "false", "0":
		return OnlyFalse, nil
	}
	return Either, []string{form.MessageNotBoolean}
}

// ParseSearch returns the Words of a search separated by single spaces, or its
// errors.
func ParseSearch(s string) (search string, messages []string) {
	if strings.Contains(s, "\x00") {
		messages = append(messages, form.MessageNullByte)
	}
	if form.Length(s) > MaxSearchLength {
		return "", append(messages, fmt.Sprintf(form.MessageTooLong, MaxSearchLength))
	}
	words := Words(s)
	if len(words) > MaxSearchWords {
		messages = append(messages, fmt.Sprintf(messageTooManyWords, MaxSearchWords))
	}
	return strings.Join(words, " "), messages
}

// Words returns the distinct words of a search. As in the SearchFilter of
// Django REST Framework 3.14, they are separated by commas and by white space
// as defined by Python's str.split; NUL is dropped. Invalid UTF-8 becomes
// U+FFFD.
func Words(search string) (words []string) {
	if search == "" {
		return nil
	}
	text := strings.ReplaceAll(strings.ToValidUTF8(search, "\uFFFD"), "\x00", "")
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || form.IsSpace(r) }) {
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}
