// Package query holds what every list has in common: the words of a search,
// filters, the order, the page, and how recent the answer must be.
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

// Choice filters by a boolean field.
type Choice int8

// The choices.
const (
	Either Choice = iota
	OnlyTrue
	OnlyFalse
)

// ParseChoice reads true, false, 1 or 0 in any case of letters, as
// django-filter's BooleanWidget does; "" is Either. Anything else is a fault.
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

// ParseSearch returns the Words of a search with one space between two, or what
// is wrong with them.
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

// Words returns the words of a search, each once. They are separated as by
// the SearchFilter of Django REST Framework 3.14: by commas and by what
// Python's str.split takes for white space; NUL is dropped. What is not valid
// UTF-8 becomes U+FFFD.
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
