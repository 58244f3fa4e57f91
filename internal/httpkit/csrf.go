package httpkit

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
)

// CSRFField is the form field that holds the token, and CSRFHeader the header in
// which scripts send it. Both names are Django's.
const (
	CSRFField  = "csrfmiddlewaretoken"
	CSRFHeader = "X-CSRFToken"
)

// The cookie holds the token that scripts send back. Its name is not Django's,
// because the ports of a host share cookies. On https the prefix prevents other
// hosts of the domain from setting it (RFC 6265bis, 4.1.3).
const (
	csrfCookie       = "roster_csrf"
	csrfSecureCookie = "__Host-roster_csrf"
	csrfMaxAge       = 364 * 24 * 3600 // seconds; Django's CSRF_COOKIE_AGE
)

// A token is random bytes and their signature, in URL-safe base64. In pages it is
// masked, with the mask before it: pages are compressed, and the length of a
// page that contains a secret and a guess of it reveals whether the guess is
// right (BREACH).
const (
	csrfRandom = 16
	csrfSize   = csrfRandom + sha256.Size
)

// CSRF prevents other sites from sending forms on behalf of a visitor, by signed
// double-submit cookies (OWASP): a request with the cookie must also send its
// value in a field or a header, and only pages of this origin can read it. A
// request without the cookie does not come from a browser that opened a page; it
// passes unless Required says otherwise. CSRF is safe for concurrent use.
type CSRF struct {
	// Required reports whether a request needs the cookie and the token; nil for
	// never. Set it before the first request.
	Required func(*http.Request) bool

	keys [][]byte
}

// NewCSRF returns a CSRF that signs tokens with secret and also accepts those
// signed with the fallbacks.
func NewCSRF(secret string, fallbacks ...string) *CSRF {
	c := &CSRF{}
	for _, s := range append([]string{secret}, fallbacks...) {
		c.keys = append(c.keys, sign([]byte(s), "roster csrf token"))
	}
	return c
}

// Protect returns a handler that passes unsafe requests without a valid token to
// refuse and all others to next. The token is in the header, or in the first
// field of a URL-encoded form. Pages that next renders can contain tokens.
func (c *CSRF) Protect(next, refuse http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isSafe(r.Method) && !c.passes(r) {
			refuse.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, withCSRF(r, c))
	})
}

// isSafe reports whether a method is safe (RFC 9110, 9.2.1).
func isSafe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

func (c *CSRF) passes(r *http.Request) bool {
	cookie := csrfCookieOf(r)
	if cookie == "" {
		return c.Required == nil || !c.Required(r)
	}
	sent := r.Header.Get(CSRFHeader)
	if sent == "" && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		sent = firstField(r, CSRFField, csrfCoding.EncodedLen(2*csrfSize))
	}
	token := unmask(decodeToken(sent))
	return c.signed(token) && hmac.Equal(token, decodeToken(cookie))
}

// firstField returns the value of the first field of a URL-encoded body, if the
// field has that name and its value that length in bytes. The body can still
// be read from its beginning.
func firstField(r *http.Request, name string, length int) string {
	prefix := name + "="
	head := bufio.NewReaderSize(r.Body, len(prefix)+length)
	start, err := head.Peek(len(prefix) + length)
	r.Body = bodyOf{head, r.Body}
	if err != nil {
		return ""
	}
	value, found := strings.CutPrefix(string(start), prefix)
	if !found {
		return ""
	}
	return value
}

// bodyOf is a body of which the beginning was read ahead.
type bodyOf struct {
	io.Reader
	io.Closer
}

// field returns the masked token for the forms of a page, and sets the cookie if
// the visitor has no valid one.
func (c *CSRF) field(w http.ResponseWriter, r *http.Request) string {
	token := decodeToken(csrfCookieOf(r))
	if !c.signed(token) {
		token = c.newToken()
		setCSRFCookie(w, r, csrfCoding.EncodeToString(token))
	}
	return csrfCoding.EncodeToString(mask(token))
}

func setCSRFCookie(w http.ResponseWriter, r *http.Request, value string) {
	//nolint:gosec // scripts of this origin read it, and http has no secure cookies
	http.SetCookie(w, &http.Cookie{
		Name: csrfCookieName(r), Value: value, Path: "/", MaxAge: csrfMaxAge,
		Secure: RequestOf(r).Scheme == "https", SameSite: http.SameSiteLaxMode,
	})
}

func csrfCookieName(r *http.Request) string {
	if RequestOf(r).Scheme == "https" {
		return csrfSecureCookie
	}
	return csrfCookie
}

func csrfCookieOf(r *http.Request) string {
	if len(r.Header["Cookie"]) == 0 {
		return ""
	}
	cookie, err := r.Cookie(csrfCookieName(r))
	if err != nil {
		return ""
	}
	return cookie.Value
}

var csrfCoding = base64.RawURLEncoding

// decodeToken returns the bytes of a token, nil for text that is not base64.
func decodeToken(text string) []byte {
	token, err := csrfCoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return token
}

func (c *CSRF) newToken() []byte {
	token := make([]byte, csrfRandom, csrfSize)
	_, _ = rand.Read(token) // documented never to fail
	return append(token, sign(c.keys[0], string(token))...)
}

// signed reports whether the signature of a token is valid.
func (c *CSRF) signed(token []byte) bool {
	if len(token) != csrfSize {
		return false
	}
	for _, key := range c.keys {
		if hmac.Equal(token[csrfRandom:], sign(key, string(token[:csrfRandom]))) {
			return true
		}
	}
	return false
}

// mask returns a random mask and the token under it.
func mask(token []byte) []byte {
	masked := make([]byte, 2*len(token))
	_, _ = rand.Read(masked[:len(token)]) // documented never to fail
	subtle.XORBytes(masked[len(token):], masked[:len(token)], token)
	return masked
}

// unmask returns the token without its mask. Scripts send the token of the cookie,
// which has none.
func unmask(sent []byte) []byte {
	if len(sent) != 2*csrfSize {
		return sent
	}
	token := make([]byte, csrfSize)
	subtle.XORBytes(token, sent[:csrfSize], sent[csrfSize:])
	return token
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

type csrfKey struct{}

// withCSRF attaches the protection to a request, so that its page can contain tokens.
func withCSRF(r *http.Request, c *CSRF) *http.Request {
	if ctx, ok := contextOf(r.Context()); ok {
		ctx.csrf = c
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), csrfKey{}, c))
}

func csrfOf(r *http.Request) *CSRF {
	if ctx, ok := contextOf(r.Context()); ok {
		return ctx.csrf
	}
	c, _ := r.Context().Value(csrfKey{}).(*CSRF)
	return c
}
