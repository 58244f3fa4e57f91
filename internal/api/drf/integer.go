package drf

import (
	"math"
	"strings"
	"unicode"
)

// MaxDigits is how many digits Python converts to a whole number; more are refused.
const MaxDigits = 4300

// ParseInt reads a whole number as Python's int() does: white space around it,
// a sign, any Unicode decimal digits, single underscores between them, at most
// MaxDigits digits. ok says that n is the number; overflow that the text is a
// number that 64 bits cannot hold, n then being the nearest that they can.
// Neither means that it is no number.
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

// decimal returns the value of a Unicode decimal digit (category Nd). Such
// digits stand in runs of ten from zero, so a range's start is a zero.
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

// trimIntSpace drops what int() takes for white space: Unicode's, but not the
// separators U+001C to U+001F, which only str.strip() drops.
func trimIntSpace(s string) string {
	return strings.TrimFunc(s, unicode.IsSpace)
}
