package user

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"roster/internal/fault"
)

// The limits of a search.
const (
	MaxSearchLength = 200 // code points
	MaxSearchWords  = 10
)

// Choice filters by a boolean field.
type Choice int8

// The choices.
const (
	Either Choice = iota
	OnlyTrue
	OnlyFalse
)

// Query says which users are listed and in which order. The zero Query is all
// users, newest first. Queries that are equal find the same. ParseQuery makes
// one of what a caller sent.
type Query struct {
	// Search holds words, between them white space or commas: each must be found
	// in the username, the e-mail address, the first or last name or the phone
	// number. The case of letters does not count, their accents do.
	Search   string
	IsActive Choice
	// From and Before bound when a user was created: at From or later, and
	// earlier than Before. They are in UTC; zero bounds nothing.
	From, Before time.Time
	Order        string // as ParseOrder returns it; "" is newest first
}

// ParseQuery reads the parameters of a list, "" for those that are not there.
// isActive is true, false, 1 or 0 in any case of letters, as django-filter's
// BooleanWidget takes them; ordering is read by ParseOrder. Equal queries come
// out equal. The error is of kind Invalid, with the faults of all parameters.
func ParseQuery(search, isActive, ordering string) (Query, error) {
	if search == "" && isActive == "" && ordering == "" {
		return Query{}, nil
	}
	q := Query{Order: ParseOrder(ordering)}
	var messages []string
	var ok bool
	var faults fault.Fields
	q.Search, messages = parseSearch(search)
	faults.Add("search", messages...)
	if q.IsActive, ok = parseChoice(isActive); !ok {
		faults.Add("is_active", messageNotBoolean)
	}
	if len(faults) > 0 {
		return Query{}, faults.Err()
	}
	return q, nil
}

func parseChoice(s string) (choice Choice, ok bool) {
	switch strings.ToLower(s) {
	case "":
		return Either, true
	case "true", "1":
		return OnlyTrue, true
	case "false", "0":
		return OnlyFalse, true
	}
	return Either, false
}

// parseSearch returns the words of a search with one space between two, and
// what is wrong with them.
func parseSearch(s string) (search string, messages []string) {
	if strings.Contains(s, "\x00") {
		messages = append(messages, messageNullByte)
	}
	if length(s) > MaxSearchLength {
		return "", append(messages, fmt.Sprintf(messageTooLong, MaxSearchLength))
	}
	words := Query{Search: s}.Words()
	if len(words) > MaxSearchWords {
		messages = append(messages, fmt.Sprintf(messageTooManyWords, MaxSearchWords))
	}
	return strings.Join(words, " "), messages
}

// Words returns the words of the search, each once. They are separated as by
// the SearchFilter of Django REST Framework 3.14: by commas and by what
// Python's str.split takes for white space; NUL is dropped. What is not valid
// UTF-8 becomes U+FFFD.
func (q Query) Words() (words []string) {
	if q.Search == "" {
		return nil
	}
	text := strings.ReplaceAll(strings.ToValidUTF8(q.Search, "\uFFFD"), "\x00", "")
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || isSpace(r) }) {
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// Key is a field by which a list is ordered.
type Key struct {
	Field      string // the Name of one of Fields
	Descending bool
}

// ParseOrder reads an ordering as the OrderingFilter of Django REST Framework
// does: names of fields between commas, each with "-" before it for descending
// order; spaces around them and names that are no field's are dropped. What
// comes after a field that came before, or after the unique id, is dropped too,
// as it orders nothing. "" stands for newest first, also when that is spelled out.
func ParseOrder(s string) string {
	if s == "" {
		return ""
	}
	keys := parseKeys(s)
	if n := len(keys); n > 0 && keys[0] == newest && (n == 1 || keys[1] == (Key{"id", true})) {
		return ""
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		if names[i] = k.Field; k.Descending {
			names[i] = "-" + k.Field
		}
	}
	return strings.Join(names, ",")
}

// newest is the first key of the order that users have unless asked otherwise.
var newest = Key{"created_at", true}

func parseKeys(s string) (keys []Key) {
	for term := range strings.SplitSeq(s, ",") {
		name, descending := strings.CutPrefix(Strip(term), "-")
		known := slices.ContainsFunc(fields[:], func(f Field) bool { return f.Name == name })
		if !known || slices.ContainsFunc(keys, func(k Key) bool { return k.Field == name }) {
			continue
		}
		keys = append(keys, Key{name, descending})
		if name == "id" {
			break
		}
	}
	return keys
}

// Keys returns the keys by which the list is ordered, the most significant
// first. The last is the id, in the direction of the key before it unless the
// order names it.
func (q Query) Keys() []Key {
	keys := parseKeys(q.Order)
	if len(keys) == 0 {
		keys = []Key{newest}
	}
	if last := keys[len(keys)-1]; last.Field != "id" {
		keys = append(keys, Key{"id", last.Descending})
	}
	return keys
}
