// Package admin is the door for staff: login and logout, and the pages of a staff
// member's own account (password, sessions, second factor). The lists and forms
// of the admin site are in site, their descriptions in resources.
package admin

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
	"roster/internal/secret"
)

//go:embed templates
var templates embed.FS

//go:embed static
var static embed.FS

// Templates returns the templates of this package's pages, for httpkit.NewPages.
func Templates() fs.FS { return httpkit.Folder(templates, "templates") }

// Static returns the styles and scripts of this package's pages, for httpkit.NewAssets.
func Static() fs.FS { return httpkit.Folder(static, "static") }

// Sessions manages logins; *auth.Sessions implements it.
type Sessions interface {
	// LogIn starts a session; the error may be auth.ErrBadLogin.
	LogIn(ctx context.Context, r auth.LoginRequest) (auth.Login, error)
	// LogOut ends the session of a token, if there is one.
	LogOut(ctx context.Context, token auth.Token, from access.Origin) error
	// EnterCode completes a login that needs a code, and returns a new token.
	EnterCode(ctx context.Context, r auth.CodeRequest) (auth.Login, error)
	// Confirm checks the password again and records the time.
	Confirm(ctx context.Context, in auth.SignedIn, pw secret.Text, from access.Origin) error
	// List returns the sessions of an account, the most recently used first.
	List(ctx context.Context, actor access.Actor, account int64) ([]auth.Session, error)
	// Revoke ends sessions of an account and returns how many.
	Revoke(ctx context.Context, actor access.Actor, account int64, which auth.SessionChoice) (int64, error)
	// Remember returns the text that makes the browser of a session known.
	Remember(ctx context.Context, text string, in auth.SignedIn) (string, error)
	// RequestUnlock returns the mail with which an owner unlocks a login, if any.
	RequestUnlock(ctx context.Context, username string, from access.Origin) (auth.UnlockMail, error)
	// UnlockBy unlocks the login of the account of such a mail.
	UnlockBy(ctx context.Context, token, device string, from access.Origin) (string, error)
}

// Options are the dependencies of the pages.
type Options struct {
	Pages    *httpkit.Pages
	Keeper   *session.Keeper
	Sessions Sessions
	Accounts *auth.Accounts
	Factors  *auth.Factors
	Passkeys *auth.Passkeys
	Tokens   *auth.APITokens
	First    *auth.First
	// Local reports whether a request comes from this machine, and no setting says
	// that others connect.
	Local  func(*http.Request) bool
	Logins ProviderLogins
	Links  *auth.PasswordLinks
	// LinkHosts are the hosts to which providers may return visitors, and the sites
	// of passkeys, because clients choose the Host header.
	LinkHosts httpkit.Hosts
	// LinkBase is the address of this site in mails, without a slash at the end,
	// "" if the settings do not name it. Clients choose the Host header.
	LinkBase string
	// SendUnlock and SendLink send a mail with that link in the background.
	SendUnlock func(m auth.UnlockMail, link string)
	SendLink   func(m auth.PasswordMail, link string)
	Composer   Composer
	LogLevels  LogLevels
	Settings   []SettingGroup
	Now        func() time.Time
	Zone       *time.Location // of the times on the pages
	Log        *slog.Logger
}

// Admin holds the handlers of the pages. It is safe for concurrent use.
type Admin struct {
	Options
}

// New returns the handlers.
func New(o Options) *Admin { return &Admin{o} }

// need is the state of the session that a route requires.
type need int

const (
	anyone    need = iota
	signedIn       // with the password; the second factor may be missing
	staff          // with a complete login
	confirmed      // who has also given the password recently
)

// handler answers a request within a session, the zero SignedIn for none. When
// it returns an error it has written nothing.
type handler func(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error

// maxBody is the maximum length of the forms in bytes: a few short fields, and the
// address to return to.
const maxBody = 64 << 10

// Routes is the table of the pages. Most are about the visitor's own account, so they
// need a session in some state rather than a permission.
func (a *Admin) Routes() []httpkit.Route {
	routes := a.pages()
	for i := range routes {
		routes[i].MaxBody = maxBody
	}
	return routes
}

func (a *Admin) pages() []httpkit.Route {
	return []httpkit.Route{
		httpkit.Get(loginPath, access.Public, a.within(anyone, a.showLogin)),
		httpkit.Post(loginPath, access.Public, a.within(anyone, a.logIn)),
		httpkit.Get(SetupPath, access.Public, a.within(anyone, a.showSetup)),
		httpkit.Post(SetupPath, access.Public, a.within(anyone, a.setUp)),
		httpkit.Get(unlockPath, access.Public, a.within(anyone, a.showUnlock)),
		httpkit.Post(unlockPath, access.Public, a.within(anyone, a.unlock)),
		httpkit.Get(resetPath, access.Public, a.within(anyone, a.showReset)),
		httpkit.Post(resetPath, access.Public, a.within(anyone, a.requestReset)),
		httpkit.Get(resetPath+"done/", access.Public, a.within(anyone, a.showResetSent)),
		httpkit.Get(newPasswordPath, access.Public, a.within(anyone, a.showNewPassword)),
		httpkit.Post(newPasswordPath, access.Public, a.within(anyone, a.setNewPassword)),
		httpkit.Get(resetDonePath, access.Public, a.within(anyone, a.showResetDone)),
		httpkit.Get(codePath, access.Public, a.within(signedIn, a.showCode)),
		httpkit.Post(codePath, access.Public, a.within(signedIn, a.enterCode)),
		httpkit.Post("/admin/logout/", access.Public, a.within(anyone, a.logOut)),
		httpkit.Get(confirmPath, access.Public, a.within(signedIn, a.showConfirm)),
		httpkit.Post(confirmPath, access.Public, a.within(signedIn, a.confirm)),
		httpkit.Get(passwordPath, access.Public, a.within(staff, a.showPassword)),
		httpkit.Post(passwordPath, access.Public, a.within(staff, a.changePassword)),
		httpkit.Get("/admin/password_change/done/", access.Public, a.within(staff, a.showPasswordDone)),
		httpkit.Get(sessionsPath, access.Public, a.within(staff, a.showSessions)),
		httpkit.Post(sessionsPath, access.Public, a.within(confirmed, a.revokeSessions)),
		httpkit.Get(tokensPath, access.Public, a.within(staff, a.showTokens)),
		httpkit.Post(tokensPath, access.Public, a.within(confirmed, a.changeTokens)),
		httpkit.Get(factorPath, access.Public, a.within(signedIn, a.showFactor)),
		httpkit.Post(factorPath, access.Public, a.within(confirmed, a.changeFactor)),
		httpkit.Get(providerPath, access.Public, a.within(anyone, a.startProvider)),
		httpkit.Get(callbackPath, access.Public, a.within(anyone, a.finishProvider)),
		httpkit.Get(linkPath, access.Public, a.within(confirmed, a.showLink)),
		httpkit.Post(linkPath, access.Public, a.within(confirmed, a.link)),
		httpkit.Get(SettingsPath, access.Superuser, a.within(staff, a.showSettings)),
		httpkit.Get(httpkit.LanguagesPath, access.Public, a.within(anyone, a.showLanguages)),
		httpkit.Post(httpkit.LanguagesPath, access.Public, a.within(anyone, a.setLanguage)),
		httpkit.Get(LogLevelsPath, access.Superuser, a.within(staff, a.showLogLevels)),
		httpkit.Post(LogLevelsPath, access.Superuser, a.within(confirmed, a.setLogLevels)),
		httpkit.Get(ComposePath, access.Public, a.within(staff, a.showCompose)),
		httpkit.Post(ComposePath, access.Public, a.within(staff, a.compose)),
		httpkit.Get(identitiesPath, access.Public, a.within(staff, a.showIdentities)),
		httpkit.Post(identitiesPath, access.Public, a.within(confirmed, a.changeIdentities)),
	}
}

// within returns a handler that calls h if the session meets the need, and
// redirects to the page where the visitor can meet it otherwise.
func (a *Admin) within(n need, h handler) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
		in, _ := a.Keeper.Of(r)
		if elsewhere := n.missing(in, a.Now()); elsewhere != "" {
			return redirect(w, withNext(elsewhere, r.URL.RequestURI()))
		}
		return h(w, r, in)
	}
}

// missing returns the page on which the visitor meets the need, "" if it is met.
func (n need) missing(in auth.SignedIn, now time.Time) string {
	switch {
	case n == anyone:
		return ""
	case in.Account.ID == 0:
		return loginPath
	case n == signedIn:
		return ""
	case in.Session.NeedsCode:
		return codePath
	case n == confirmed && !in.Confirmed(now):
		return confirmPath
	case n == staff && in.MustEnrol:
		return factorPath
	}
	return ""
}

// Refuse redirects visitors who may not enter the admin site to the step that
// they lack: the login, the second factor or its enrollment. Accounts that are
// not staff get 403.
func (a *Admin) Refuse(w http.ResponseWriter, r *http.Request) {
	in, _ := a.Keeper.Of(r)
	elsewhere := staff.missing(in, a.Now())
	if elsewhere == "" {
		a.Pages.ErrorPage(w, r, http.StatusForbidden)
		return
	}
	_ = redirect(w, withNext(elsewhere, r.URL.RequestURI()))
}

// Confirmed returns a handler that calls h if the visitor has given the password
// recently, and redirects to the page that asks for it otherwise.
func (a *Admin) Confirmed(h httpkit.Handler) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
		return a.within(confirmed, func(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error { return h(w, r, actor) })(w, r, actor)
	}
}

func redirect(w http.ResponseWriter, target string) error {
	return httpkit.Redirect(w, http.StatusFound, target)
}
