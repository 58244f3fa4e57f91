package drf

import (
	"strings"
	"unicode/utf8"
)

// Pair is a parameter of a query string or form.
type Pair struct{ Name, Value string }

// ParsePairs splits a query string as Django's QueryDict does: at "&" only, without
// empty pairs, and with an empty value for a missing "=". Names and values are
// decoded by UnquotePlus.
func (c Charset) ParsePairs(query string) []Pair {
	if query == "" {
		return nil
	}
	pairs := make([]Pair, 0, strings.Count(query, "&")+1)
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, Pair{c.UnquotePlus(name), c.UnquotePlus(value)})
	}
	return pairs
}

// UnquotePlus is Unquote with "+" for spaces, as in Python's parse_qsl.
func (c Charset) UnquotePlus(s string) string {
	return c.Unquote(strings.ReplaceAll(s, "+", " "))
}

// Unquote decodes percent escapes as Python's urllib.parse.unquote does: it decodes
// each ASCII sequence in the charset, with U+FFFD for invalid bytes. Invalid escapes
// and other characters are unchanged.
func (c Charset) Unquote(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	for s != "" {
		n := asciiLen(s)
		out.WriteString(c.DecodeLossy(unescape(s[:n])))
		s = s[n:]
		n = len(s) - len(strings.TrimLeftFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }))
		out.WriteString(s[:n])
		s = s[n:]
	}
	return out.String()
}

func asciiLen[T string | []byte](s T) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return i
		}
	}
	return len(s)
}

// unescape decodes the valid percent escapes of s.
func unescape(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			high, ok1 := hex(s[i+1])
			low, ok2 := hex(s[i+2])
			if ok1 && ok2 {
				out = append(out, high<<4|low)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

func hex(b byte) (byte, bool) {
	switch {
	case '0' <= b && b <= '9':
		return b - '0', true
	case 'a' <= b|0x20 && b|0x20 <= 'f':
		return b | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// text returns the query string as Django reads it: as UTF-8, or as Latin-1 if it is
// invalid.
func text(raw string) string {
	if utf8.ValidString(raw) {
		return raw
	}
	return Latin1.DecodeLossy([]byte(raw))
}
