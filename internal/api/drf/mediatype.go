package drf

import (
	"slices"
	"strings"
)

// MediaType is a header value such as Accept's parts and Content-Type have:
// a type, a subtype and parameters. The zero value is that of an empty header.
type MediaType struct {
	Type    string // lower case; "*" in a range
	Subtype string // lower case; "" when there is no slash
	params  []param
}

type param struct{ name, value string }

// ParseMediaType reads a header value as Django's parse_header_parameters
// does. It takes anything: what has no "=" is no parameter, the last of
// repeated ones counts, and a semicolon between double quotes separates nothing.
func ParseMediaType(line string) MediaType {
	full, rest, more := cutParameter(line)
	var m MediaType
	m.Type, m.Subtype, _ = strings.Cut(strings.ToLower(full), "/")
	for more {
		var text string
		text, rest, more = cutParameter(rest)
		if name, value, ok := parseParameter(text); ok {
			m.params = append(m.params, param{name, value})
		}
	}
	return m
}

// Param returns the value of a parameter, by its name in lower case.
func (m MediaType) Param(name string) (string, bool) {
	for _, p := range slices.Backward(m.params) {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

// Matches reports whether a thing of the given type and subtype is asked for by m,
// which may be a range. Parameters do not count.
func (m MediaType) Matches(mainType, subtype string) bool {
	return (m.Subtype == "*" || m.Subtype == subtype) && (m.Type == "*" || m.Type == mainType)
}

// precedence says how specific m is: 0 for any type, 1 for any subtype, 2 for
// a type without parameters but q, 3 for one with others.
func (m MediaType) precedence() int {
	switch {
	case m.Type == "*":
		return 0
	case m.Subtype == "*":
		return 1
	case slices.ContainsFunc(m.params, func(p param) bool { return p.name != "q" }):
		return 3
	default:
		return 2
	}
}

// cutParameter splits s at its first semicolon outside quotes. A quote after
// a backslash neither opens nor closes.
func cutParameter(s string) (first, rest string, more bool) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"' && (i == 0 || s[i-1] != '\\'):
			quoted = !quoted
		case s[i] == ';' && !quoted:
			return strings.TrimSpace(s[:i]), s[i+1:], true
		}
	}
	return strings.TrimSpace(s), "", false
}

// parseParameter reads name=value, where the value may be quoted or, when the
// name ends in a star, carry its charset and language (RFC 2231, section 4).
func parseParameter(text string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(text, "=")
	if !ok {
		return "", "", false
	}
	name, starred := strings.CutSuffix(strings.ToLower(strings.TrimSpace(name)), "*")
	value = strings.TrimSpace(value)
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
		value = strings.ReplaceAll(value, `\\`, `\`)
		value = strings.ReplaceAll(value, `\"`, `"`)
	}
	if starred {
		value = decodeExtended(value)
	}
	return name, value, true
}

// decodeExtended resolves charset'language'text.
func decodeExtended(value string) string {
	parts := strings.Split(value, "'")
	if len(parts) != 3 {
		return value
	}
	charset, _ := LookupCharset(parts[0])
	return charset.Unquote(parts[2])
}
