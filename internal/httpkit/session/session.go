// Package session tells who sent a request, by the cookie of a login.
package session

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// The cookie holds the token of the session. Where the scheme allows, the
// prefix keeps other hosts of the domain from setting it (RFC 6265bis, 4.1.3).
const (
	cookieName       = "roster_sid"
	secureCookieName = "__Host-sid"
)

// Authenticator says whose a token is; *auth.Sessions is one.
type Authenticator interface {
	// Authenticate returns who holds the token, or an Unauthenticated error.
	Authenticate(ctx context.Context, token auth.Token) (auth.SignedIn, error)
}

// Keeper finds out who has signed in. It is safe for concurrent use.
type Keeper struct {
	sessions Authenticator
	log      *slog.Logger
}

// NewKeeper returns a Keeper that asks sessions.
func NewKeeper(sessions Authenticator, log *slog.Logger) *Keeper { return &Keeper{sessions, log} }

type visitKey struct{}

// visit is what a request is found to be, once somebody asks.
type visit struct {
	find sync.Once
	in   auth.SignedIn
	ok   bool
}

// Wrap returns the handler that lets next ask who sent the request. A request
// without the cookie costs nothing, one with it nothing until it is asked.
func (k *Keeper) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Has(r) {
			r = r.WithContext(context.WithValue(r.Context(), visitKey{}, &visit{}))
		}
		next.ServeHTTP(w, r)
	})
}

// Of returns the session of the request, false when there is none. It is looked
// up once for a request, so it stays as it was when the request began.
func (k *Keeper) Of(r *http.Request) (auth.SignedIn, bool) {
	v, ok := r.Context().Value(visitKey{}).(*visit)
	if !ok {
		return auth.SignedIn{}, false
	}
	v.find.Do(func() { v.in, v.ok = k.authenticate(r) })
	return v.in, v.ok
}

func (k *Keeper) authenticate(r *http.Request) (auth.SignedIn, bool) {
	token, ok := TokenOf(r)
	if !ok {
		return auth.SignedIn{}, false
	}
	in, err := k.sessions.Authenticate(r.Context(), token)
	if err != nil && fault.KindOf(err) != fault.Unauthenticated {
		k.log.ErrorContext(r.Context(), "a session could not be looked up, so its request counts as anonymous", "cause", err)
	}
	return in, err == nil
}

// Actor returns who sent the request, and from where; nobody known when there
// is no session.
func (k *Keeper) Actor(r *http.Request) access.Actor {
	var actor access.Actor
	if in, ok := k.Of(r); ok {
		actor = in.Actor()
	}
	return actor.From(OriginOf(r))
}

// OriginOf says where a request came from.
func OriginOf(r *http.Request) access.Origin {
	info := httpkit.RequestOf(r)
	return access.Origin{Address: info.Client, RequestID: info.ID, Door: doorOf(r)}
}

// doorOf tells by which door a request came in. Scripts of the pages come in by
// the API's, with the token that only they can read.
func doorOf(r *http.Request) access.Door {
	switch {
	case strings.HasPrefix(r.URL.Path, "/admin/"):
		return access.Admin
	case !strings.HasPrefix(r.URL.Path, "/api/") || r.Header.Get(httpkit.CSRFHeader) != "":
		return access.Web
	}
	return access.API
}

// Has reports whether a request has the cookie, whatever its value.
func Has(r *http.Request) bool {
	return len(r.Header["Cookie"]) > 0 && len(r.CookiesNamed(nameOf(r))) > 0
}

// TokenOf returns the token in the cookie of a request, false when there is
// none that could be one.
func TokenOf(r *http.Request) (auth.Token, bool) {
	cookie, err := r.Cookie(nameOf(r))
	if err != nil {
		return auth.Token{}, false
	}
	token, err := auth.ParseToken(cookie.Value)
	return token, err == nil
}

// Set gives the browser the token until it is closed; the server ends the
// session before.
func Set(w http.ResponseWriter, r *http.Request, token auth.Token) {
	http.SetCookie(w, cookie(r, token.Reveal(), 0))
}

// Clear takes the token from the browser.
func Clear(w http.ResponseWriter, r *http.Request) { http.SetCookie(w, cookie(r, "", -1)) }

func cookie(r *http.Request, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // http has no secure cookies
		Name: nameOf(r), Value: value, Path: "/", MaxAge: maxAge,
		Secure: isSecure(r), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

func nameOf(r *http.Request) string {
	if isSecure(r) {
		return secureCookieName
	}
	return cookieName
}

func isSecure(r *http.Request) bool { return httpkit.RequestOf(r).Scheme == "https" }
