package drf

import "strings"

// ParsePage reads the page parameter as DRF's PageNumberPagination does:
// absent or empty is page 1, "last" the last one (last is true then, number 0),
// anything else must be a whole number from 1. When ok is false the answer is
// 404 "Invalid page."; whether the page exists is for the caller to find out.
func ParsePage(raw string, present bool) (number int64, last, ok bool) {
	switch {
	case !present || raw == "":
		return 1, false, true
	case raw == "last":
		return 0, true, true
	}
	number, ok, _ = ParseInt(raw)
	return number, false, ok && number >= 1
}

// PageOf returns the page parameter of a query string as Django's QueryDict
// has it: the last of repeated ones, decoded; bad escapes stay as they are.
func PageOf(rawQuery string) (value string, present bool) {
	return lastValue(rawQuery, "page")
}

// FormatOf returns the format parameter of a query string, "" when there is
// none, decoded as PageOf does.
func FormatOf(rawQuery string) string { return LastValue(rawQuery, "format") }

// LastValue returns a parameter of a query string, "" when there is none, as
// PageOf returns that of the page.
func LastValue(rawQuery, name string) string {
	value, _ := lastValue(rawQuery, name)
	return value
}

func lastValue(rawQuery, key string) (value string, present bool) {
	if rawQuery == "" {
		return "", false
	}
	query, _, _ := strings.Cut(rawQuery, "#")
	for pair := range strings.SplitSeq(text(query), "&") {
		name, v, _ := strings.Cut(pair, "=")
		if pair != "" && (name == key || UTF8.UnquotePlus(name) == key) {
			value, present = v, true
		}
	}
	return UTF8.UnquotePlus(value), present
}
