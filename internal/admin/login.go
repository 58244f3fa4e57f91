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

// formView is the data of a page with a short form.
type formView struct {
	Next     string
	Username string
	Failure  string // why the last attempt failed, "" for none
	Locked   bool   // there were too many failed attempts
	App      bool   // the account has an authenticator app
	Empty    bool   // there is no staff account yet
	SetUp    string // the address of the page that creates the first one, "" if the visitor needs a link

	Passkey    auth.PasskeyOffer // zero: no passkey is asked for
	Providers  []button          // other ways to log in
	Linking    bool              // a login at a provider is to be linked
	NoPassword bool              // only the providers can log in to the account
}

// showLogin shows the login form. Visitors who have logged in are redirected.
func (a *Admin) showLogin(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	next := nextOf(r)
	if in.Actor().Staff() {
		return redirect(w, next)
	}
	view := a.loginView(r)
	var err error
	if view.Empty, err = a.First.Needed(r.Context()); err != nil {
		return err
	}
	if view.Empty && a.Local(r) {
		view.SetUp = SetupPath
	}
	return a.showForm(w, r, http.StatusOK, loginPage, view)
}

// loginView returns the login form. After a login at a provider that no account is
// linked to, only the password helps.
func (a *Admin) loginView(r *http.Request) formView {
	v := formView{Next: nextOf(r)}
	if v.Linking = v.Next == linkPath; !v.Linking {
		v.Providers = a.Logins.buttons(auth.ToLogIn, v.Next)
	}
	return v
}

// logIn starts a session with a new token, by a password or a passkey. The
// browser's former session ends.
func (a *Admin) logIn(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	if answer, ok := a.answer(r); ok {
		login, err := a.Passkeys.LogIn(r.Context(), passkeyLogin(w, r, answer))
		return a.welcome(w, r, loginPage, login, err)
	}
	former, _ := session.TokenOf(r)
	username := r.PostFormValue("username")
	login, err := a.Sessions.LogIn(r.Context(), auth.LoginRequest{
		Username: username, Password: secret.New(r.PostFormValue("password")),
		Origin: session.OriginOf(r), UserAgent: r.UserAgent(), Former: former, Device: session.DeviceOf(r),
	})
	if err != nil {
		view := a.loginView(r)
		view.Username = againShown(username)
		return a.tryAgain(w, r, loginPage, view, err)
	}
	session.Set(w, r, login.Token)
	session.SetDevice(w, r, login.Device)
	if login.NeedsCode {
		return redirect(w, withNext(codePath, nextOf(r)))
	}
	return redirect(w, nextOf(r))
}

// Limits of values that a form repeats, in bytes.
const (
	maxAgain = 1000    // of usernames, longer than any account's
	maxNext  = 8 << 10 // of the address to return to, longer than any list's
)

// againShown returns a value that a form repeats, "" for one that is too long.
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
	return a.showForm(w, r, http.StatusOK, codePage, formView{Next: nextOf(r)})
}

func (a *Admin) enterCode(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	if !in.Session.NeedsCode {
		return redirect(w, nextOf(r))
	}
	if answer, ok := a.answer(r); ok {
		login, err := a.Passkeys.EnterPasskey(r.Context(), passkeyLogin(w, r, answer))
		return a.welcome(w, r, codePage, login, err)
	}
	token, _ := session.TokenOf(r)
	login, err := a.Sessions.EnterCode(r.Context(), auth.CodeRequest{
		Token: token, Code: r.PostFormValue("code"), Origin: session.OriginOf(r), Device: session.DeviceOf(r),
	})
	return a.welcome(w, r, codePage, login, err)
}

// tryAgain shows the page with the error, if the visitor can correct it or wait.
func (a *Admin) tryAgain(w http.ResponseWriter, r *http.Request, page string, view formView, err error) error {
	status := httpkit.StatusOf(err)
	switch fault.KindOf(err) {
	case fault.Invalid:
		status = http.StatusOK // as Django answers an invalid form
	case fault.Throttled, fault.Unavailable:
	default:
		return err
	}
	view.Failure, view.Locked = messageOf(err), fault.KindOf(err) == fault.Throttled
	httpkit.SetRetryAfter(w.Header(), err)
	return a.showForm(w, r, status, page, view)
}

// withNext returns the address of a page that redirects to next afterwards.
func withNext(path, next string) string {
	if next == homePath {
		return path
	}
	return path + "?" + nextField + "=" + url.QueryEscape(next)
}

// nextOf returns the address to return to: a path of this site, the index of the
// admin site by default.
func nextOf(r *http.Request) string {
	next := r.FormValue(nextField)
	if !isLocal(next) {
		return homePath
	}
	return next
}

// isLocal reports whether to redirect to an address after a login.
func isLocal(next string) bool {
	return isOfSite(next) && !strings.HasPrefix(next, loginPath)
}

// isOfSite reports whether browsers resolve an address to this site. They treat a
// backslash as a slash and remove control characters.
func isOfSite(next string) bool {
	if len(next) > maxNext || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, isUnsafe) {
		return false
	}
	u, err := url.Parse(next)
	return err == nil && u.Scheme == "" && u.Host == "" && !strings.Contains(u.Path, "//")
}

func isUnsafe(r rune) bool { return r <= ' ' || r == '\\' || r > '~' }
