package form

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"roster/internal/form/idna"
)

const (
	maxEmailLength = 320 // code points; RFC 3696, section 3
	maxLabelLength = 63  // RFC 1034, section 3.1
	maxIPv6Length  = 39  // characters; Django accepts no longer form
)

// ValidEmail reports whether s is valid for Django 4.2's EmailValidator: a
// dot-atom or quoted local part of any length, followed by "localhost", a
// domain name of at least two labels, or an IP address in brackets. Other
// domains are checked again after IDNA 2003 conversion to ASCII. It accepts any
// bytes, and takes time proportional to the length of s.
func ValidEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 0 || Length(s) > maxEmailLength {
		return false
	}
	local, domain := s[:at], s[at+1:]
	if !isDotAtom(local) && !isQuoted(local) {
		return false
	}
	if domain == "localhost" || isDomain(domain) {
		return true
	}
	if isASCII(domain) {
		return false // IDNA would not change it
	}
	ascii, ok := idna.ToASCII(domain)
	return ok && isDomain(ascii)
}

func isDotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsFunc(atom, isNotAtomText) {
			return false
		}
	}
	return true
}

func isNotAtomText(r rune) bool {
	return !isLetterOrDigit(r) && !strings.ContainsRune("-!#$%&'*+/=?^_`{}|~", r)
}

// isLetterOrDigit matches [A-Z0-9] like a case-insensitive Python pattern,
// which by case folding includes İ, ı, ſ and the Kelvin sign.
func isLetterOrDigit(r rune) bool {
	switch {
	case '0' <= r && r <= '9', 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z':
		return true
	case r < utf8.RuneSelf:
		return false
	}
	return r == 'İ' || r == 'ı' || r == 'ſ' || r == '\u212A'
}

// isQuoted reports whether s is a quoted string without bare white space.
func isQuoted(s string) bool {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return false
	}
	escaped := false
	for _, r := range s[1 : len(s)-1] {
		switch {
		case escaped && isQuotable(r):
			escaped = false
		case escaped:
			return false
		case r == '\\':
			escaped = true
		case r == '"' || r == ' ' || r == '\t' || !isQuotable(r):
			return false
		}
	}
	return !escaped
}

// isQuotable reports whether r may follow a backslash in a quoted string.
func isQuotable(r rune) bool {
	if r >= utf8.RuneSelf {
		return isLetterOrDigit(r)
	}
	return r != 0 && r != '\n' && r != '\r'
}

func isDomain(s string) bool { return isDomainName(s) || isAddressLiteral(s) }

// isDomainName reports whether s has at least two labels, separated by dots. A
// label neither begins nor ends with a hyphen, except that the last one may
// begin with one and has at least two characters.
func isDomainName(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if dot < 0 || !isLabel(s[dot+1:], 2) {
		return false
	}
	for label := range strings.SplitSeq(s[:dot], ".") {
		if strings.HasPrefix(label, "-") || !isLabel(label, 1) {
			return false
		}
	}
	return true
}

func isLabel(s string, least int) bool {
	if strings.HasSuffix(s, "-") {
		return false
	}
	n := 0
	for _, r := range s {
		if r != '-' && !isLetterOrDigit(r) {
			return false
		}
		n++
	}
	return least <= n && n <= maxLabelLength
}

// isAddressLiteral reports whether s is an IPv4 or IPv6 address in brackets.
func isAddressLiteral(s string) bool {
	inner, ok := strings.CutPrefix(s, "[")
	if !ok {
		return false
	}
	inner, ok = strings.CutSuffix(inner, "]")
	if !ok || len(inner) > maxIPv6Length {
		return false
	}
	address, err := netip.ParseAddr(inner)
	return err == nil && address.Zone() == ""
}
