package drf

import "strings"

// ParsePage parses the page parameter as DRF's PageNumberPagination does: a missing
// or empty one is page 1, "last" the last page (last is true and number 0), others
// must be an integer from 1. Otherwise ok is false, and the response is 404 "Invalid
// page.". The caller must check that the page exists.
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

// PageOf returns the page parameter of a query string as Django's QueryDict does: the
// last of repeated ones, decoded; invalid escapes are unchanged.
func PageOf(rawQuery string) (value string, present bool) {
	return lastValue(rawQuery, "page")
}

// PageSizeOf returns the parameter page_size of a query string as DRF reads a
// page_size_query_param: up to most, usual if it is missing or no positive integer.
func PageSizeOf(rawQuery string, usual, most int) int {
	if !strings.Contains(rawQuery, "page_size") {
		return usual
	}
	n, ok, _ := ParseInt(LastValue(rawQuery, "page_size"))
	if !ok || n < 1 {
		return usual
	}
	return int(min(n, int64(most)))
}

// CursorOf returns the cursor parameter of a query string like PageOf.
func CursorOf(rawQuery string) (value string, present bool) { return lastValue(rawQuery, "cursor") }

// FormatOf returns the format parameter of a query string like PageOf, "" for none.
func FormatOf(rawQuery string) string { return LastValue(rawQuery, "format") }

// LastValue returns a parameter of a query string like PageOf, "" for none.
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
