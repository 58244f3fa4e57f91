package form

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Strip trims white space like Python's str.strip: Unicode White_Space, and the
// separators U+001C to U+001F.
func Strip(s string) string {
	return strings.TrimFunc(s, IsSpace)
}

// IsSpace reports whether r is white space for Python.
func IsSpace(r rune) bool { return unicode.IsSpace(r) || 0x1C <= r && r <= 0x1F }

// Length counts code points; a lone surrogate in its three-byte form counts as
// one.
func Length(s string) int {
	n := 0
	for i := range len(s) {
		if s[i]&0xC0 != 0x80 {
			n++
		}
	}
	return n
}

// firstSurrogate returns the first lone surrogate, encoded in its three-byte
// form ED A0..BF 80..BF, or 0.
func firstSurrogate(s string) rune {
	for {
		i := strings.IndexByte(s, 0xED)
		if i < 0 || i+2 >= len(s) {
			return 0
		}
		if s[i+1] >= 0xA0 {
			return 0xD000 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F)
		}
		s = s[i+3:]
	}
}

// Lower converts s to lower case like Python's str.lower: İ becomes two code
// points, and Σ at the end of a word becomes ς.
func Lower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		switch r {
		case 'İ':
			b.WriteString("i\u0307")
		case 'Σ':
			b.WriteRune(lowerSigma(s[:i], s[i+len("Σ"):]))
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// lowerSigma applies the Final_Sigma condition of the Unicode Standard, section
// 3.13: a sigma at the end of a word has the final form.
func lowerSigma(before, after string) rune {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(before, isCaseIgnorable))
	next, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(after, isCaseIgnorable))
	if isCased(last) && !isCased(next) {
		return 'ς'
	}
	return 'σ'
}

// isCased is the property Cased of the Unicode Standard.
func isCased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

// isCaseIgnorable is the property Case_Ignorable of the Unicode Standard: some
// categories, and characters that may occur within a word.
func isCaseIgnorable(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) ||
		strings.ContainsRune("'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A", r)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
