// Package session identifies the sender of a request by the session cookie, an
// API token, a JSON Web Token, or HTTP Basic.
package session

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// The cookie holds the token of the session. On https the prefix prevents other
// hosts of the domain from setting it (RFC 6265bis, 4.1.3).
const (
	cookieName       = "roster_sid"
	secureCookieName = "__Host-sid"
)

// The cookie that makes a browser known to its accounts, see auth.Login.
const (
	deviceCookieName       = "roster_device"
	secureDeviceCookieName = "__Host-device"
)

// The cookie with the token of a link in a mail, see SetLink.
const (
	linkCookieName       = "roster_link"
	secureLinkCookieName = "__Host-link"
)

// Authenticator looks up sessions; *auth.Sessions implements it.
type Authenticator interface {
	// Authenticate returns the session of the token, or an Unauthenticated error.
	Authenticate(ctx context.Context, token auth.Token) (auth.SignedIn, error)
}

// The cookie with a secret of the browser, to which challenges of passkeys belong.
const (
	browserCookieName       = "roster_browser"
	secureBrowserCookieName = "__Host-browser"
)

// Keeper finds the sessions of requests. It is safe for concurrent use.
type Keeper struct {
	sessions Authenticator
	tokens   TokenAuthenticator
	basic    PasswordAuthenticator // nil: HTTP Basic is off
	jwts     TokenAuthenticator    // nil: none
	log      *slog.Logger

	navigation func(access.Actor) httpkit.Navigation // nil: that of visitors
}

// Navigate sets the navigation of the pages of an actor. Call it before the first
// request.
func (k *Keeper) Navigate(navigation func(access.Actor) httpkit.Navigation) {
	k.navigation = navigation
}

// NewKeeper returns a Keeper.
func NewKeeper(sessions Authenticator, tokens TokenAuthenticator, log *slog.Logger) *Keeper {
	return &Keeper{sessions: sessions, tokens: tokens, log: log}
}

type visitKey struct{}

// visit is the session of a request, looked up on first use.
type visit struct {
	find sync.Once
	in   auth.SignedIn
	ok   bool
}

// Wrap returns a handler that lets next call Of and Actor. Requests without the
// cookie cost nothing, others nothing before the first call.
func (k *Keeper) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Has(r) {
			visited := r.WithContext(context.WithValue(r.Context(), visitKey{}, &visit{}))
			r = httpkit.WithVisitor(visited, sync.OnceValue(func() httpkit.Visitor { return k.visitor(visited) }))
		}
		next.ServeHTTP(w, r)
	})
}

// Of returns the session of the request, false if there is none. It is looked up
// once per request, and does not change during the request.
func (k *Keeper) Of(r *http.Request) (auth.SignedIn, bool) {
	v, ok := r.Context().Value(visitKey{}).(*visit)
	if !ok {
		return auth.SignedIn{}, false
	}
	v.find.Do(func() { v.in, v.ok = k.authenticate(r) })
	return v.in, v.ok
}

// visitor returns the session's account for pages, the zero Visitor before the code
// of the second factor.
func (k *Keeper) visitor(r *http.Request) httpkit.Visitor {
	in, ok := k.Of(r)
	if !ok || in.Session.NeedsCode {
		return httpkit.Visitor{}
	}
	v := httpkit.Visitor{Name: in.Account.Username, Language: in.Account.Language}
	if k.navigation != nil {
		v.Navigation = k.navigation(in.Actor())
	}
	return v
}

func (k *Keeper) authenticate(r *http.Request) (auth.SignedIn, bool) {
	token, ok := TokenOf(r)
	if !ok {
		return auth.SignedIn{}, false
	}
	in, err := k.sessions.Authenticate(r.Context(), token)
	if err != nil && fault.KindOf(err) != fault.Unauthenticated {
		k.log.ErrorContext(r.Context(), "session lookup failed; the request is handled as anonymous", "cause", err)
	}
	return in, err == nil
}

// Actor returns the sender of the request and its origin; without a session the
// sender is anonymous.
func (k *Keeper) Actor(r *http.Request) access.Actor {
	var actor access.Actor
	if in, ok := k.Of(r); ok {
		actor = in.Actor()
	}
	return actor.From(OriginOf(r))
}

// OriginOf returns the origin of a request.
func OriginOf(r *http.Request) access.Origin {
	info := httpkit.RequestOf(r)
	return access.Origin{Address: info.Client, RequestID: info.ID, Door: doorOf(r)}
}

// doorOf returns the door of a request. Scripts of the pages use the API, with a
// CSRF token.
func doorOf(r *http.Request) access.Door {
	switch {
	case strings.HasPrefix(r.URL.Path, "/admin/"):
		return access.Admin
	case !strings.HasPrefix(r.URL.Path, "/api/") || r.Header.Get(httpkit.CSRFHeader) != "":
		return access.Web
	}
	return access.API
}

// Has reports whether a request has the cookie, valid or not.
func Has(r *http.Request) bool {
	return len(r.Header["Cookie"]) > 0 && len(r.CookiesNamed(nameOf(r))) > 0
}

// TokenOf returns the token in the cookie of a request, false if there is no
// well-formed one.
func TokenOf(r *http.Request) (auth.Token, bool) {
	cookie, err := r.Cookie(nameOf(r))
	if err != nil {
		return auth.Token{}, false
	}
	token, err := auth.ParseToken(cookie.Value)
	return token, err == nil
}

// DeviceOf returns the text that makes the browser known to its accounts, ""
// without one. Anyone may have written it.
func DeviceOf(r *http.Request) string {
	cookie, err := r.Cookie(deviceNameOf(r))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// Set sets a cookie with the token that lives until the browser is closed. The
// server may end the session earlier.
func Set(w http.ResponseWriter, r *http.Request, token auth.Token) {
	http.SetCookie(w, cookie(r, nameOf(r), token.Reveal(), 0))
}

// SetDevice sets the cookie with the text of DeviceOf, unless it is "".
func SetDevice(w http.ResponseWriter, r *http.Request, text string) {
	if text != "" {
		http.SetCookie(w, cookie(r, deviceNameOf(r), text, int(auth.DeviceLife/time.Second)))
	}
}

// LinkOf returns the token of the link in a mail that the browser has opened, ""
// without one. Anyone may have written it.
func LinkOf(r *http.Request) string {
	cookie, err := r.Cookie(linkNameOf(r))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// SetLink keeps the token of a link, so that it need not be in an address, which
// browsers show, keep, and send on. It is kept for an hour, and "" deletes it.
func SetLink(w http.ResponseWriter, r *http.Request, token string) {
	maxAge := int(time.Hour / time.Second)
	if token == "" {
		maxAge = -1
	}
	http.SetCookie(w, cookie(r, linkNameOf(r), token, maxAge))
}

// Browser returns a secret text that only this browser has, and sets it until the
// browser is closed if it has none. Nothing but its equality may be relied upon.
func Browser(w http.ResponseWriter, r *http.Request) string {
	name := browserCookieName
	if isSecure(r) {
		name = secureBrowserCookieName
	}
	if c, err := r.Cookie(name); err == nil && len(c.Value) == browserLength {
		return c.Value
	}
	text := rand.Text()
	http.SetCookie(w, cookie(r, name, text, 0))
	return text
}

// browserLength is the length of a text of Browser in bytes.
const browserLength = 26

// Clear deletes the cookie of the session.
func Clear(w http.ResponseWriter, r *http.Request) { http.SetCookie(w, cookie(r, nameOf(r), "", -1)) }

func cookie(r *http.Request, name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // http has no secure cookies
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		Secure: isSecure(r), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

func nameOf(r *http.Request) string {
	if isSecure(r) {
		return secureCookieName
	}
	return cookieName
}

func deviceNameOf(r *http.Request) string {
	if isSecure(r) {
		return secureDeviceCookieName
	}
	return deviceCookieName
}

func linkNameOf(r *http.Request) string {
	if isSecure(r) {
		return secureLinkCookieName
	}
	return linkCookieName
}

func isSecure(r *http.Request) bool { return httpkit.RequestOf(r).Scheme == "https" }
