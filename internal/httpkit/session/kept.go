package session

import (
	"net/http"
	"time"
)

// Kept is a cookie for a text that a browser keeps for a while. Anyone may have
// written the text.
type Kept struct {
	name string
	path string // for which the browser sends it; "/" prevents other hosts of the domain from setting it
}

// The texts of logins at providers: the login in progress, the link to confirm, and
// what the logout needs.
var (
	ProviderFlow = Kept{"login", "/"}
	ProviderLink = Kept{"link", "/"}
	ProviderHint = Kept{"provider", "/admin/logout/"}
)

// Get returns the text, "" without one.
func (k Kept) Get(r *http.Request) string {
	cookie, err := r.Cookie(k.nameOf(r))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// Set sets the text for a time, or until the browser is closed for 0.
func (k Kept) Set(w http.ResponseWriter, r *http.Request, text string, life time.Duration) {
	k.set(w, r, text, int(life/time.Second))
}

// Clear deletes the text.
func (k Kept) Clear(w http.ResponseWriter, r *http.Request) { k.set(w, r, "", -1) }

func (k Kept) set(w http.ResponseWriter, r *http.Request, text string, maxAge int) {
	c := cookie(r, k.nameOf(r), text, maxAge) //nolint:gosec // http has no secure cookies
	c.Path = k.path
	http.SetCookie(w, c)
}

func (k Kept) nameOf(r *http.Request) string {
	switch {
	case !isSecure(r):
		return "roster_" + k.name
	case k.path == "/":
		return "__Host-" + k.name
	}
	return "__Secure-" + k.name
}
