package mail

import (
	"errors"
	netmail "net/mail"
	"strings"
)

// parseSender parses "address" or "Name <address>". A comment, such as "(Ops)" in
// "Team (Ops) <ops@example.com>", becomes part of the name, as in Django; a group
// is rejected.
func parseSender(text string) (*netmail.Address, error) {
	address, err := netmail.ParseAddress(text)
	isGroup := strings.HasSuffix(strings.TrimSpace(text), ";")
	if err != nil || isGroup || !isLine(text) || !isLine(address.Name+address.Address) {
		return nil, errors.New("the sender is not an address")
	}
	for _, comment := range comments(text) {
		if comment != address.Name {
			address.Name = strings.TrimSpace(address.Name + " (" + comment + ")")
		}
	}
	return inASCII(address)
}

// comments returns the comments of an address (RFC 5322, section 3.2.2), without
// the outer parentheses and the backslashes.
func comments(text string) (all []string) {
	var comment strings.Builder
	depth, quoted, escaped := 0, false, false
	for _, r := range text {
		isText := escaped
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
			continue
		case r == '"' && depth == 0:
			quoted = !quoted
		case r == '(' && !quoted:
			depth++
			isText = depth > 1
		case r == ')' && !quoted:
			depth--
			isText = depth > 0
			if depth == 0 {
				all = append(all, strings.TrimSpace(comment.String()))
				comment.Reset()
			}
		default:
			isText = true
		}
		if isText && depth > 0 {
			comment.WriteRune(r)
		}
	}
	return all
}
