// Package idna converts domain names to ASCII like Python, whose codec
// implements IDNA 2003 with Unicode 3.2, which golang.org/x/net/idna does not
// support.
package idna

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	acePrefix      = "xn--"
	maxLabelLength = 63 // RFC 1034, section 3.1
)

// ToASCII converts a domain name to ASCII by IDNA 2003: ToASCII of RFC 3490 for
// each label, like Python's codec "idna". Unassigned code points are allowed,
// and the rules for host names are not applied. It fails on an empty label
// (even after a trailing dot), a label that is too long or prohibited by
// Nameprep, and one with an invalid encoding prefix.
func ToASCII(domain string) (string, bool) {
	labels := strings.Split(strings.Map(unifyDot, domain), ".")
	for i, label := range labels {
		ascii, ok := labelToASCII(label)
		if !ok || ascii == "" || len(ascii) > maxLabelLength {
			return "", false
		}
		labels[i] = ascii
	}
	return strings.Join(labels, "."), true
}

// unifyDot maps the dots of RFC 3490, section 3.1, to the full stop.
func unifyDot(r rune) rune {
	switch r {
	case '\u3002', '\uFF0E', '\uFF61':
		return '.'
	}
	return r
}

func labelToASCII(label string) (string, bool) {
	if isASCII(label) {
		return label, true
	}
	label, ok := nameprep(label)
	if !ok || isASCII(label) {
		return label, ok
	}
	if strings.HasPrefix(label, acePrefix) || utf8.RuneCountInString(label) > maxLabelLength {
		return "", false // Punycode never shortens a label
	}
	return acePrefix + punycode([]rune(label)), true
}

// nameprep implements the profile of RFC 3491: map, normalize, reject
// prohibited characters, check directions. Invalid UTF-8 is prohibited.
func nameprep(label string) (string, bool) {
	var b strings.Builder
	folder := cases.Fold()
	for _, r := range label {
		if !unicode.Is(mappedToNothing, r) {
			b.WriteString(foldNormalized(folder, r))
		}
	}
	label = normalize(b.String())
	if strings.ContainsFunc(label, isProhibited) || !isBidiConsistent([]rune(label)) {
		return "", false
	}
	return label, true
}

// foldNormalized is the mapping of table B.2 of RFC 3454: case folding that is
// stable under normalization, with a normalized result.
func foldNormalized(folder cases.Caser, r rune) string {
	switch {
	case foldsToUpper(r):
		return string(unicode.ToLower(r))
	case decomposedOtherwise[r] != 0:
		return string(decomposedOtherwise[r])
	}
	once := normalize(folder.String(string(r)))
	return normalize(folder.String(once))
}

// foldsToUpper reports whether r is Cherokee or one of the old Cyrillic forms,
// whose case folding was added after Unicode 3.2; Python lower-cases them
// instead.
func foldsToUpper(r rune) bool {
	return 0x13A0 <= r && r <= 0x13FD || 0xAB70 <= r && r <= 0xABBF || 0x1C80 <= r && r <= 0x1C88
}

// normalize is NFKC of Unicode 3.2, on which RFC 3491 is based: code points
// unassigned in that version are unchanged.
func normalize(s string) string {
	var b strings.Builder
	start := 0
	for i, r := range s {
		if !unicode.Is(decomposedLater, r) || norm.NFKC.PropertiesString(s[i:]).Decomposition() == nil {
			continue
		}
		b.WriteString(norm.NFKC.String(s[start:i]))
		b.WriteRune(r)
		start = i + utf8.RuneLen(r)
	}
	if start == 0 {
		return norm.NFKC.String(s)
	}
	b.WriteString(norm.NFKC.String(s[start:]))
	return b.String()
}

func isProhibited(r rune) bool {
	return r >= utf8.RuneSelf && (r&0xFFFE == 0xFFFE || unicode.Is(prohibited, r))
}

// isBidiConsistent checks the requirements of RFC 3454, section 6: a
// right-to-left label begins and ends with right-to-left characters, and has no
// left-to-right ones.
func isBidiConsistent(label []rune) bool {
	if !slices.ContainsFunc(label, isRightToLeft) {
		return true
	}
	return isRightToLeft(label[0]) && isRightToLeft(label[len(label)-1]) &&
		!slices.ContainsFunc(label, isLeftToRight)
}

func isRightToLeft(r rune) bool { return unicode.Is(rightToLeft, r) }

func isLeftToRight(r rune) bool { return unicode.Is(leftToRight, r) }

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
