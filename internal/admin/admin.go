// Package admin is the door for staff: how they log in and out, and what they
// do with their own account.
package admin

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
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

// Static returns the styles of this package's pages, for httpkit.NewAssets.
func Static() fs.FS { return httpkit.Folder(static, "static") }

// Sessions is how staff log in; *auth.Sessions does it.
type Sessions interface {
	// LogIn starts a session; the error may be auth.ErrBadLogin.
	LogIn(ctx context.Context, r auth.LoginRequest) (auth.Login, error)
	// LogOut ends the session of a token, if there is one.
	LogOut(ctx context.Context, token auth.Token, from access.Origin) error
	// EnterCode ends a login that needs a code, and returns another token.
	EnterCode(ctx context.Context, token auth.Token, code string, from access.Origin) (auth.Token, error)
	// Confirm notes that the password was given again.
	Confirm(ctx context.Context, in auth.SignedIn, pw secret.Text, from access.Origin) error
	// List returns the sessions of an account, the latest used first.
	List(ctx context.Context, actor access.Actor, account int64) ([]auth.Session, error)
	// Revoke ends sessions of an account and returns how many.
	Revoke(ctx context.Context, actor access.Actor, account int64, which auth.SessionChoice) (int64, error)
}

// Options are what the pages need.
type Options struct {
	Guard    httpkit.Guard
	Keeper   *session.Keeper
	Sessions Sessions
	Accounts *auth.Accounts
	Factors  *auth.Factors
	Now      func() time.Time
	Zone     *time.Location // of the times on the pages
	Log      *slog.Logger
}

// Admin holds the handlers of the pages. It is safe for concurrent use.
type Admin struct {
	Options
}

// New returns the handlers.
func New(o Options) *Admin { return &Admin{o} }

// need is who may use a route.
type need int

const (
	anybody   need = iota
	signedIn       // with the password, whatever else is missing
	staff          // with everything
	confirmed      // who has lately given the password, too
)

// Route is a line of the table.
type Route struct {
	Method, Path string
	need         need
	handle       handler
}

// handler answers a request within a session, the zero SignedIn for none. When
// it returns an error it has written nothing.
type handler func(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error

// Routes is the table of the pages. HEAD follows GET.
func (a *Admin) Routes() []Route {
	return []Route{
		{"GET", loginPath, anybody, a.showLogin},
		{"POST", loginPath, anybody, a.logIn},
		{"GET", codePath, signedIn, a.showCode},
		{"POST", codePath, signedIn, a.enterCode},
		{"POST", "/admin/logout/", anybody, a.logOut},
		{"GET", confirmPath, signedIn, a.showConfirm},
		{"POST", confirmPath, signedIn, a.confirm},
		{"GET", passwordPath, staff, a.showPassword},
		{"POST", passwordPath, staff, a.changePassword},
		{"GET", "/admin/password_change/done/", staff, a.showPasswordDone},
		{"GET", sessionsPath, staff, a.showSessions},
		{"POST", sessionsPath, confirmed, a.revokeSessions},
		{"GET", factorPath, signedIn, a.showFactor},
		{"POST", factorPath, confirmed, a.changeFactor},
	}
}

// Register adds the pages to the router.
func (a *Admin) Register(rt *httpkit.Router) {
	byPath := map[string][]Route{}
	for _, line := range a.Routes() {
		byPath[line.Path] = append(byPath[line.Path], line)
	}
	for path, lines := range byPath {
		rt.Handle(path, a.serve(lines))
	}
}

// serve returns the handler of the routes of one path.
func (a *Admin) serve(lines []Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		at := slices.IndexFunc(lines, func(line Route) bool { return line.Method == method })
		if at < 0 {
			w.Header()["Allow"] = []string{allowed(lines)}
			a.Guard.Pages.ErrorPage(w, r, http.StatusMethodNotAllowed)
			return
		}
		in, _ := a.Keeper.Of(r)
		if elsewhere := lines[at].need.missing(in, a.Now()); elsewhere != "" {
			redirect(w, withNext(elsewhere, r.URL.RequestURI()))
			return
		}
		if err := lines[at].handle(w, r, in); err != nil {
			a.Guard.Fail(w, r, err)
		}
	})
}

// missing returns the page that gives what is needed and not there, "" when
// nothing is missing.
func (n need) missing(in auth.SignedIn, now time.Time) string {
	switch {
	case n == anybody:
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

func allowed(lines []Route) string {
	var methods []string
	for _, line := range lines {
		methods = append(methods, line.Method)
		if line.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	return strings.Join(methods, ", ")
}

// Refuse answers who may not enter the admin site: with the page that lets them.
func (a *Admin) Refuse(w http.ResponseWriter, r *http.Request) {
	in, _ := a.Keeper.Of(r)
	elsewhere := staff.missing(in, a.Now())
	if elsewhere == "" {
		a.Guard.Pages.ErrorPage(w, r, http.StatusForbidden)
		return
	}
	redirect(w, withNext(elsewhere, r.URL.RequestURI()))
}

// Confirm reports whether the visitor has lately given the password; when not,
// it has answered with the page that asks for it, which leads back to where a
// form is read.
func (a *Admin) Confirm(w http.ResponseWriter, r *http.Request) bool {
	in, _ := a.Keeper.Of(r)
	elsewhere := confirmed.missing(in, a.Now())
	if elsewhere != "" {
		redirect(w, withNext(elsewhere, r.URL.RequestURI()))
	}
	return elsewhere == ""
}

// redirect answers 302 to an address of this site.
func redirect(w http.ResponseWriter, target string) {
	h := w.Header()
	h["Location"] = []string{target}
	h["Cache-Control"] = []string{"no-store"}
	w.WriteHeader(http.StatusFound)
}
