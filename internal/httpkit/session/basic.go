package session

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"unicode/utf8"

	"roster/internal/access"
	"roster/internal/fault"
)

// PasswordAuthenticator verifies the password of every request;
// *auth.BasicAuth implements it.
type PasswordAuthenticator interface {
	// Authenticate returns the actor of the account, or why it is refused.
	Authenticate(ctx context.Context, username, password string, from access.Origin) (access.Actor, error)
}

// AcceptBasic lets APIActor accept HTTP Basic. Call it before the first request.
func (k *Keeper) AcceptBasic(basic PasswordAuthenticator) { k.basic = basic }

// basicActor returns the account of the session, otherwise that of HTTP Basic, in
// this order as Django REST Framework with its default classes.
func (k *Keeper) basicActor(r *http.Request) access.Actor {
	actor := k.Actor(r)
	if k.basic == nil || actor.Authenticated() {
		return actor
	}
	parts := strings.FieldsFunc(r.Header.Get("Authorization"), isSpace)
	if len(parts) == 0 || !strings.EqualFold(parts[0], "Basic") {
		return actor
	}
	username, password, err := readBasic(parts[1:])
	if err == nil {
		actor, err = k.basic.Authenticate(r.Context(), username, password, OriginOf(r))
	}
	if err != nil {
		return access.Refused(err)
	}
	return actor
}

// readBasic returns the username and password of a header, read as Django REST
// Framework's BasicAuthentication does: the text is UTF-8, otherwise Latin-1.
func readBasic(credentials []string) (username, password string, err error) {
	switch {
	case len(credentials) == 0:
		return "", "", fault.New(fault.Unauthenticated, "Invalid basic header. No credentials provided.")
	case len(credentials) > 1:
		return "", "", fault.New(fault.Unauthenticated, "Invalid basic header. Credentials string should not contain spaces.")
	}
	text, ok := decodeBase64(credentials[0])
	if !ok {
		return "", "", fault.New(fault.Unauthenticated, "Invalid basic header. Credentials not correctly base64 encoded.")
	}
	if !utf8.ValidString(text) {
		text = latin1(text)
	}
	username, password, _ = strings.Cut(text, ":")
	return username, password, nil
}

// decodeBase64 decodes a text as Python's base64.b64decode does: it skips other
// characters, stops at complete padding, and requires it.
func decodeBase64(text string) (string, bool) {
	var digits []byte
	pads := 0
	for i := range len(text) {
		c, over := text[i], len(digits)%4
		switch {
		case c == '=' && over >= 2:
			if pads++; over+pads == 4 {
				return decoded(digits)
			}
		case isBase64(c):
			digits, pads = append(digits, c), 0
		}
	}
	if len(digits)%4 != 0 {
		return "", false
	}
	return decoded(digits)
}

func decoded(digits []byte) (string, bool) {
	bytes, err := base64.RawStdEncoding.DecodeString(string(digits))
	return string(bytes), err == nil
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// isSpace reports what Python's bytes.split splits at.
func isSpace(r rune) bool { return r == ' ' || r >= '\t' && r <= '\r' }

// latin1 returns a text in which every byte is a character.
func latin1(text string) string {
	runes := make([]rune, len(text))
	for i := range len(text) {
		runes[i] = rune(text[i])
	}
	return string(runes)
}
