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

// CSRFField is the name of the form field with the token, and CSRFHeader the
// header in which scripts send it; both are Django's names.
const (
	CSRFField  = "csrfmiddlewaretoken"
	CSRFHeader = "X-CSRFToken"
)

// The cookie has the token that scripts send back. Its name is not Django's, as
// ports of one host share their cookies. Where the scheme allows,
// the prefix keeps other hosts of the domain from setting it (RFC 6265bis, 4.1.3).
const (
	csrfCookie       = "roster_csrf"
	csrfSecureCookie = "__Host-roster_csrf"
	csrfMaxAge       = 364 * 24 * 3600 // seconds; Django's CSRF_COOKIE_AGE
)

// A token is random bytes with their signature, in base64 for URLs. In pages
// it is masked, with the mask before it: pages are compressed, and the length
// of a page that holds the same secret and a guess of it would tell whether
// the guess is right (BREACH).
const (
	csrfRandom = 16
	csrfSize   = csrfRandom + sha256.Size
)

// CSRF keeps other sites from sending forms in a visitor's name: whoever sends
// the cookie of the pages must send its value once more, which only the pages
// can read (OWASP's signed double-submit cookie). A request without the
// cookie is no visitor's, and passes, unless Demanded says otherwise. It is safe
// for concurrent use.
type CSRF struct {
	// Demanded reports whether a request without the cookie must have a token all
	// the same, and so is refused; nil for never. Set it before the first request.
	Demanded func(*http.Request) bool

	keys [][]byte
}

// NewCSRF returns the protection whose tokens are signed with the first
// secret; those signed with the others are still accepted.
func NewCSRF(secret string, fallbacks ...string) *CSRF {
	c := &CSRF{}
	for _, s := range append([]string{secret}, fallbacks...) {
		c.keys = append(c.keys, sign([]byte(s), "roster csrf token"))
	}
	return c
}

// Protect returns the handler that hands a request that changes something to
// refuse when it comes with the cookie and without its token, and all others
// to next. The token is in the header, or is the first field of an
// URL-encoded form. Pages that next renders can have tokens in their forms.
func (c *CSRF) Protect(next, refuse http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isSafe(r.Method) && !c.passes(r) {
			refuse.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, withCSRF(r, c))
	})
}

// isSafe reports whether a method changes nothing (RFC 9110, 9.2.1).
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
		return c.Demanded == nil || !c.Demanded(r)
	}
	sent := r.Header.Get(CSRFHeader)
	if sent == "" && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		sent = firstField(r, CSRFField, csrfCoding.EncodedLen(2*csrfSize))
	}
	token := unmask(decodeToken(sent))
	return c.signed(token) && hmac.Equal(token, decodeToken(cookie))
}

// firstField returns the value of an URL-encoded body whose first field has
// that name and a value of that many bytes. The body can still be read whole.
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

// bodyOf is a body of which some is read already.
type bodyOf struct {
	io.Reader
	io.Closer
}

// field returns the token for the forms of a page, and sets its cookie when
// the visitor has none that is valid.
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

// decodeToken returns the bytes of a token, nothing for a text that is none.
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

// signed reports whether a token was made by this server or one with its secret.
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

// unmask returns the token of a page, or that of the cookie, which scripts
// send as it is.
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

// withCSRF lets pages that answer the request have tokens.
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
