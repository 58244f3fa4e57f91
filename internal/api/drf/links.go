package drf

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	upperHex = "0123456789ABCDEF"
	// alwaysSafe has the characters beside letters and digits that Python's quote
	// never escapes; pathSafe those that Django adds for a path.
	alwaysSafe = "_.-~"
	pathSafe   = alwaysSafe + "/:@&+$,!*'()"
)

// PageLink returns the absolute URL of another page of the list at path, which is
// decoded, as DRF's pagination does: it keeps the other parameters, sorted by name
// and encoded again, those of one name in their order. Page 1 has no page parameter.
// Bytes of rawQuery beyond ASCII are Latin-1, as in WSGI.
func PageLink(scheme, host, path, rawQuery string, page int64) string {
	number := ""
	if page != 1 {
		number = strconv.FormatInt(page, 10)
	}
	return Link(scheme, host, path, rawQuery, Pair{"page", number})
}

// Link returns the address of a request with another value of a parameter, without
// the parameter if the value is "".
func Link(scheme, host, path, rawQuery string, set Pair) string {
	out := make([]byte, 0, len(scheme)+len(host)+len(path)+len(rawQuery)+32)
	out = append(out, scheme...)
	out = append(out, "://"...)
	out = append(out, host...)
	out = quote(out, path, pathSafe)
	separator := byte('?')
	for _, p := range linkQuery(rawQuery, set) {
		out = append(out, separator)
		out = quotePlus(out, p.Name)
		out = append(out, '=')
		out = quotePlus(out, p.Value)
		separator = '&'
	}
	return string(out)
}

// linkQuery returns the parameters of a link.
func linkQuery(rawQuery string, set Pair) []Pair {
	query, _, _ := strings.Cut(rawQuery, "#")
	if asciiLen(query) < len(query) {
		query = Latin1.DecodeLossy([]byte(query))
	}
	pairs := UTF8.ParsePairs(query)
	pairs = slices.DeleteFunc(pairs, func(p Pair) bool { return p.Name == set.Name })
	if set.Value != "" {
		pairs = append(pairs, set)
	}
	slices.SortStableFunc(pairs, func(a, b Pair) int { return strings.Compare(a.Name, b.Name) })
	return pairs
}

// quotePlus appends s encoded as by Python's quote_plus.
func quotePlus(out []byte, s string) []byte {
	start := len(out)
	out = quote(out, s, alwaysSafe+" ")
	for i := start; i < len(out); i++ {
		if out[i] == ' ' {
			out[i] = '+'
		}
	}
	return out
}

// quote appends s and escapes every byte that is not an ASCII letter or digit or in
// safe.
func quote(out []byte, s, safe string) []byte {
	for i := range len(s) {
		b := s[i]
		if isAlphanumeric(b) || b < utf8.RuneSelf && strings.IndexByte(safe, b) >= 0 {
			out = append(out, b)
			continue
		}
		out = append(out, '%', upperHex[b>>4], upperHex[b&15])
	}
	return out
}

func isAlphanumeric(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}
