package api

import (
	"bytes"
	"html"
	"html/template"
	"strings"
)

// highlightJSON returns JSON as HTML: escaped, tokens in spans, web addresses as
// links, and IDs as links to rows below the path rows, unless that is "". It
// changes no character of the text. Text that is not JSON is escaped as well.
func highlightJSON(body []byte, rows string) template.HTML {
	var out strings.Builder
	out.Grow(2 * len(body))
	rest, before := string(bytes.ToValidUTF8(body, []byte("\uFFFD"))), ""
	for rest != "" {
		n := tokenLength(rest)
		if isNumber(rest) && before == `"id"` && rows != "" {
			writeID(&out, rows, rest[:n])
		} else {
			writeToken(&out, rest[:n], isKey(rest[n:]))
		}
		if rest[0] == '"' || isWordByte(rest[0]) {
			before = rest[:n]
		}
		rest = rest[n:]
	}
	return template.HTML(out.String()) //nolint:gosec // every part went through html.EscapeString
}

// tokenLength returns the length of the string, word, number or other token at the
// beginning of s, at least 1.
func tokenLength(s string) int {
	switch {
	case s[0] == '"':
		return stringLength(s)
	case isWordByte(s[0]):
		return span(s, isWordByte)
	default:
		return span(s, func(c byte) bool { return c != '"' && !isWordByte(c) })
	}
}

// stringLength returns the length of the JSON string at the beginning of s, len(s)
// if it has no end.
func stringLength(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

// span returns the number of leading bytes of s in the set.
func span(s string, in func(byte) bool) int {
	for i := range len(s) {
		if !in(s[i]) {
			return i
		}
	}
	return len(s)
}

// isWordByte reports whether c can be part of a number, true, false or null.
func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.'
}

// isKey reports whether a string is a member name, by the text after it.
func isKey(after string) bool { return strings.HasPrefix(after, ":") }

func writeToken(out *strings.Builder, token string, key bool) {
	class := tokenClass(token, key)
	if class == "" {
		out.WriteString(html.EscapeString(token))
		return
	}
	out.WriteString(`<span class="` + class + `">`)
	if address := addressIn(token); address != "" && !key {
		escaped := html.EscapeString(address)
		out.WriteString(`&#34;<a href="` + escaped + `" rel="nofollow noreferrer">` + escaped + `</a>&#34;`)
	} else {
		out.WriteString(html.EscapeString(token))
	}
	out.WriteString(`</span>`)
}

// isNumber reports whether s begins with a number.
func isNumber(s string) bool { return s[0] == '-' || s[0] >= '0' && s[0] <= '9' }

// writeID writes the ID of a row as a link.
func writeID(out *strings.Builder, rows, token string) {
	id := html.EscapeString(token)
	out.WriteString(`<span class="code-number"><a href="` + rows + id + `/">` + id + `</a></span>`)
}

// tokenClass returns the CSS class of a token, "" for punctuation and space.
func tokenClass(token string, key bool) string {
	switch {
	case key:
		return "code-key"
	case token[0] == '"':
		return "code-string"
	case token == "true", token == "false", token == "null":
		return "code-word"
	case isNumber(token):
		return "code-number"
	default:
		return ""
	}
}

// addressIn returns the http or https address in a JSON string, "" if the string is
// anything else or has escapes or spaces.
func addressIn(token string) string {
	if len(token) < 2 || token[len(token)-1] != '"' {
		return ""
	}
	text := token[1 : len(token)-1]
	web := strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")
	if !web || strings.ContainsFunc(text, func(r rune) bool { return r == '\\' || r <= ' ' }) {
		return ""
	}
	return text
}
