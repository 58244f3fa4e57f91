package drf

import (
	"slices"
	"strings"
)

// MediaType is a value of Content-Type or a part of Accept: a type, a subtype and
// parameters. The zero value is that of an empty header.
type MediaType struct {
	Type    string // lower case; "*" in a range
	Subtype string // lower case; "" without a slash
	params  []param
}

type param struct{ name, value string }

// ParseMediaType parses a header value as Django's parse_header_parameters does. It
// accepts any text: it ignores parameters without "=", the last of repeated ones
// counts, and a semicolon between double quotes does not separate.
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

// Matches reports whether m, which may be a range, includes a type and subtype.
// Parameters are ignored.
func (m MediaType) Matches(mainType, subtype string) bool {
	return (m.Subtype == "*" || m.Subtype == subtype) && (m.Type == "*" || m.Type == mainType)
}

// precedence returns how specific m is: 0 for any type, 1 for any subtype, 2 for a
// type without parameters other than q, 3 for others.
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

// cutParameter splits s at the first semicolon outside of quotes. A quote after a
// backslash is ignored.
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

// parseParameter parses name=value. The value may be quoted or, if the name ends with
// a star, have a charset and a language (RFC 2231, section 4).
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

// decodeExtended decodes charset'language'text.
func decodeExtended(value string) string {
	parts := strings.Split(value, "'")
	if len(parts) != 3 {
		return value
	}
	charset, _ := LookupCharset(parts[0])
	return charset.Unquote(parts[2])
}
