package drf

import (
	"math"
	"strings"
	"unicode"
)

// MaxDigits is the maximum number of digits that Python converts to an integer.
const MaxDigits = 4300

// ParseInt parses an integer as Python's int() does: with surrounding white space, a
// sign, any Unicode decimal digits, single underscores between them, at most
// MaxDigits digits. ok reports that n is the number; overflow that the number does
// not fit into 64 bits, and n is the nearest that does. Otherwise the text is not an
// integer.
func ParseInt(s string) (n int64, ok, overflow bool) {
	s = trimIntSpace(s)
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	magnitude, ok, overflow := parseDigits(s)
	switch {
	case !ok:
		return 0, false, false
	case negative && magnitude <= 1<<63 && !overflow:
		return -int64(magnitude), true, false //nolint:gosec // 1<<63 negates to itself, the least int64
	case negative:
		return math.MinInt64, false, true
	case magnitude > math.MaxInt64 || overflow:
		return math.MaxInt64, false, true
	}
	return int64(magnitude), true, false
}

// parseDigits returns the value of digits with underscores between them.
func parseDigits(s string) (value uint64, ok, overflow bool) {
	digits, afterDigit := 0, false
	for _, r := range s {
		if r == '_' && afterDigit {
			afterDigit = false
			continue
		}
		d, isDigit := decimal(r)
		if !isDigit {
			return 0, false, false
		}
		digits, afterDigit = digits+1, true
		if overflow = overflow || value > (math.MaxUint64-d)/10; !overflow {
			value = value*10 + d
		}
	}
	return value, afterDigit && digits <= MaxDigits, overflow
}

// decimal returns the value of a Unicode decimal digit (category Nd). Such digits
// are in runs of ten from zero, so the start of a range is a zero.
func decimal(r rune) (uint64, bool) {
	if r < unicode.MaxASCII {
		return uint64(r) - '0', '0' <= r && r <= '9' //nolint:gosec // unused unless a digit
	}
	for _, x := range unicode.Nd.R16 {
		if rune(x.Lo) <= r && r <= rune(x.Hi) {
			return uint64(r-rune(x.Lo)) % 10, true //nolint:gosec // not negative
		}
	}
	for _, x := range unicode.Nd.R32 {
		if rune(x.Lo) <= r && r <= rune(x.Hi) { //nolint:gosec // code points fit
			return uint64(r-rune(x.Lo)) % 10, true //nolint:gosec // not negative
		}
	}
	return 0, false
}

// trimIntSpace trims the white space that int() accepts: that of Unicode, without the
// separators U+001C to U+001F, which only str.strip() trims.
func trimIntSpace(s string) string {
	return strings.TrimFunc(s, unicode.IsSpace)
}
