package admin

import (
	"net/http"
	"net/url"
	"strings"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
	"roster/internal/secret"
)

const (
	homePath  = "/admin/"
	loginPath = "/admin/login/"
	codePath  = "/admin/login/code/"
	nextField = "next" // Django's name
)

// formView is what a page with a short form is given.
type formView struct {
	Next     string
	Username string
	Failure  string // what was wrong with the last try, "" for nothing
}

// showLogin asks for name and password, but not those who have signed in.
func (a *Admin) showLogin(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	next := nextOf(r)
	if in.Actor().Staff() {
		return redirect(w, next)
	}
	return a.render(w, r, http.StatusOK, "admin-login", formView{Next: next})
}

// logIn starts a session. The token of a session that the browser had before is
// never used again.
func (a *Admin) logIn(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	former, _ := session.TokenOf(r)
	username := r.PostFormValue("username")
	login, err := a.Sessions.LogIn(r.Context(), auth.LoginRequest{
		Username: username, Password: secret.New(r.PostFormValue("password")),
		Origin: session.OriginOf(r), UserAgent: r.UserAgent(), Former: former,
	})
	if err != nil {
		return a.tryAgain(w, r, "admin-login", formView{Next: nextOf(r), Username: againShown(username)}, err)
	}
	session.Set(w, r, login.Token)
	if login.NeedsCode {
		return redirect(w, withNext(codePath, nextOf(r)))
	}
	return redirect(w, nextOf(r))
}

// The longest of what a form shows again, in bytes.
const (
	maxAgain = 1000    // of what was typed: any name that an account can have
	maxNext  = 8 << 10 // of where the visitor wanted to go: any address of a list
)

// againShown returns a text for the form that it came from, and nothing of one so
// long that nobody has typed it.
func againShown(text string) string {
	if len(text) > maxAgain {
		return ""
	}
	return text
}

// showCode asks for the second factor.
func (a *Admin) showCode(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	if !in.Session.NeedsCode {
		return redirect(w, nextOf(r))
	}
	return a.render(w, r, http.StatusOK, "admin-code", formView{Next: nextOf(r)})
}

func (a *Admin) enterCode(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	if !in.Session.NeedsCode {
		return redirect(w, nextOf(r))
	}
	token, _ := session.TokenOf(r)
	token, err := a.Sessions.EnterCode(r.Context(), token, r.PostFormValue("code"), session.OriginOf(r))
	if err != nil {
		return a.tryAgain(w, r, "admin-code", formView{Next: nextOf(r)}, err)
	}
	session.Set(w, r, token)
	return redirect(w, nextOf(r))
}

// tryAgain shows the page with what was wrong, when that is for the visitor to
// mend or to wait for.
func (a *Admin) tryAgain(w http.ResponseWriter, r *http.Request, page string, view formView, err error) error {
	status := http.StatusOK // as Django answers a form that is not valid
	switch fault.KindOf(err) {
	case fault.Invalid:
	case fault.Throttled:
		status = http.StatusTooManyRequests
	case fault.Unavailable:
		status = http.StatusServiceUnavailable
	default:
		return err
	}
	view.Failure = messageOf(err)
	httpkit.SetRetryAfter(w.Header(), err)
	return a.render(w, r, status, page, view)
}

// withNext returns the address of a page that leads to next afterwards.
func withNext(path, next string) string {
	if next == homePath {
		return path
	}
	return path + "?" + nextField + "=" + url.QueryEscape(next)
}

// nextOf returns where the visitor wanted to go: a path of this site, or the
// admin site's own page.
func nextOf(r *http.Request) string {
	next := r.FormValue(nextField)
	if !isLocal(next) {
		return homePath
	}
	return next
}

// isLocal reports whether a browser takes an address for one of this site.
// Browsers take a backslash for a slash, and leave out control characters.
func isLocal(next string) bool {
	if len(next) > maxNext || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, isUnsafe) {
		return false
	}
	u, err := url.Parse(next)
	return err == nil && u.Scheme == "" && u.Host == "" && !strings.Contains(u.Path, "//") && !strings.HasPrefix(next, loginPath)
}

func isUnsafe(r rune) bool { return r <= ' ' || r == '\\' || r > '~' }
