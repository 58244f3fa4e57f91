package server_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/store/sqldb"
)

// What a request takes beside a permission.
const (
	anybody = access.Permission("anybody")
	noActor = access.Permission("no actor")
	staff   = access.Permission("staff")
	two     = access.Permission("two permissions") // to view what is to be changed as well
	account = access.Permission("an account")      // with any credential
	session = access.Permission("a session")       // of an account, but no token
)

// matrix says for every route, by method, what it takes. What is not listed is
// refused to everybody: it is no method of the path.
var matrix = map[string]map[string]access.Permission{
	"/":            get(anybody),
	"/figures/":    get(access.ViewUser),
	"/users/":      get(access.ViewUser),
	"/users/rows/": get(access.ViewUser),

	"/unsubscribe/{token}/": page(anybody),
	"/i18n/setlang/":        page(anybody),

	"/docs/":                 get(anybody),
	"/docs/{name}/":          get(anybody),
	"/docs/{folder}/{name}/": get(anybody),

	"/static/{name...}": get(anybody),
	"/healthz":          get(anybody),
	"/readyz":           get(anybody),
	"/metrics":          get(noActor), // permissions do not count; addresses and a token count, see TestMetrics_Readers
	"/openapi.json":     get(anybody),
	"/openapi.yaml":     get(anybody),
	"/swagger.json":     get(anybody),
	"/swagger/":         get(anybody),
	"/redoc/":           get(anybody),
	"/api/":             {"GET": anybody, "HEAD": anybody, "OPTIONS": anybody},
	"/api/users/":       {"GET": access.ViewUser, "HEAD": access.ViewUser, "OPTIONS": access.ViewUser, "POST": access.AddUser},
	"/api/users/{id}/":  oneUser,

	"/api/trash/":              read(access.ViewUser),
	"/api/trash/{id}/restore/": {"OPTIONS": access.AddUser, "POST": access.AddUser},

	"/api/tasks/":             {"GET": access.Schedules.View(), "HEAD": access.Schedules.View(), "OPTIONS": access.Schedules.View(), "POST": access.Schedules.Add()},
	"/api/tasks/stats/":       read(access.Schedules.View()),
	"/api/tasks/workers/":     read(access.Schedules.View()),
	"/api/tasks/{id}/":        read(access.Schedules.View()),
	"/api/tasks/{id}/cancel/": {"OPTIONS": access.Schedules.Change(), "POST": access.Schedules.Change()},
	"/api/tasks/{id}/pause/":  {"OPTIONS": access.Schedules.Change(), "POST": access.Schedules.Change()},
	"/api/tasks/{id}/resume/": {"OPTIONS": access.Schedules.Change(), "POST": access.Schedules.Change()},
	"/api/tasks/{id}/resend/": {"OPTIONS": access.Schedules.Change(), "POST": access.Schedules.Change()},
	"/api/tasks/{id}/retry/":  {"OPTIONS": access.Schedules.Change(), "POST": access.Schedules.Change()},
	"/api/schedules/":         {"GET": access.Schedules.View(), "HEAD": access.Schedules.View(), "OPTIONS": access.Schedules.View(), "POST": access.Schedules.Add()},
	"/api/schedules/preview/": {"OPTIONS": access.Schedules.View(), "POST": access.Schedules.View()},
	"/api/schedules/{id}/": {
		"GET": access.Schedules.View(), "HEAD": access.Schedules.View(), "OPTIONS": access.Schedules.View(),
		"PUT": access.Schedules.Change(), "PATCH": access.Schedules.Change(), "DELETE": access.Schedules.Delete(),
	},
	"/api/schedules/{id}/run/": {"OPTIONS": access.Schedules.Change(), "POST": access.Schedules.Change()},

	"/api/users/active_count/": {"GET": access.ViewUser, "HEAD": access.ViewUser, "OPTIONS": access.ViewUser},

	"/api/token/":            {"OPTIONS": anybody, "POST": anybody},
	"/api/token/refresh/":    {"OPTIONS": anybody, "POST": anybody},
	"/api/token/verify/":     {"OPTIONS": anybody, "POST": anybody},
	"/api/token/blacklist/":  {"OPTIONS": anybody, "POST": anybody},
	"/.well-known/jwks.json": get(anybody),

	"/api/tokens/":             {"GET": account, "HEAD": account, "OPTIONS": anybody, "POST": session},
	"/api/tokens/{id}/":        {"GET": account, "HEAD": account, "OPTIONS": anybody, "DELETE": account},
	"/api/tokens/{id}/rotate/": {"OPTIONS": anybody, "POST": account},

	"/admin/login/":                {"GET": anybody, "HEAD": anybody, "POST": anybody},
	"/admin/login/unlock/":         page(anybody),
	"/admin/password_reset/":       page(anybody),
	"/admin/password_reset/done/":  get(anybody),
	"/admin/reset/{uid}/{token}/":  page(anybody),
	"/admin/reset/done/":           get(anybody),
	"/admin/setup/":                page(anybody), // gone once there is a staff account
	"/admin/logout/":               {"POST": anybody},
	"/admin/login/code/":           page(staff),
	"/admin/reauth/":               page(staff),
	"/admin/password_change/":      page(staff),
	"/admin/password_change/done/": get(staff),
	"/admin/sessions/":             page(staff),
	"/admin/tokens/":               page(staff),
	"/admin/totp/":                 page(staff),
	"/admin/identities/":           page(staff),
	"/admin/identities/link/":      page(staff),

	"/admin/login/{provider}/":          get(anybody),
	"/admin/login/{provider}/callback/": get(anybody),

	"/admin/settings/":           get(access.Superuser),
	"/admin/settings/loglevels/": page(access.Superuser),

	"/admin/":        get(staff),
	"/admin/search/": get(staff), "/admin/search/hits/": get(staff), // find what one may view
	"/admin/{app}/": get(staff), // shows what one may view, and is not found when that is nothing

	"/admin/users/tuser/":                  page(access.ViewUser), // POST asks whether an action is meant
	"/admin/users/tuser/actions/{action}/": page(access.ViewUser), // and each action takes what it does
	"/admin/users/tuser/export/{format}/":  get(access.ViewUser),
	"/admin/users/tuser/add/":              page(access.AddUser),
	"/admin/users/tuser/{id}/":             get(access.ViewUser),
	"/admin/users/tuser/{id}/history/":     get(access.ViewUser),
	"/admin/users/tuser/{id}/change/":      {"GET": access.ViewUser, "HEAD": access.ViewUser, "POST": two},
	"/admin/users/tuser/{id}/delete/":      page(two),
	"/admin/users/tuser/{id}/activate/":    {"GET": access.ViewUser, "HEAD": access.ViewUser, "POST": two},
	"/admin/users/tuser/{id}/deactivate/":  {"GET": access.ViewUser, "HEAD": access.ViewUser, "POST": two},
	"/admin/users/tuser/{id}/mail/":        page(two),
	"/admin/users/tuser/{id}/data/":        get(access.ViewUser),

	"/admin/users/trash/":                  page(access.ViewUser), // as of users
	"/admin/users/trash/actions/{action}/": page(access.ViewUser),
	"/admin/users/trash/empty/":            {"GET": two, "HEAD": two, "POST": access.DeleteUser},
	"/admin/users/trash/{id}/":             get(access.ViewUser),
	"/admin/users/trash/{id}/change/":      get(access.ViewUser),
	"/admin/users/trash/{id}/restore/":     page(two),

	"/admin/auth/user/":              get(access.Accounts.View()),
	"/admin/auth/user/add/":          page(two),
	"/admin/auth/user/{id}/":         get(access.Accounts.View()),
	"/admin/auth/user/{id}/history/": get(access.Accounts.View()),
	"/admin/auth/user/{id}/change/":  {"GET": access.Accounts.View(), "HEAD": access.Accounts.View(), "POST": two},
	"/admin/auth/user/{id}/delete/":  page(two),

	"/admin/auth/user/holders/":           get(access.Accounts.View()),
	"/admin/auth/user/{id}/permissions/":  get(access.Accounts.View()),
	"/admin/auth/user/{id}/password/":     page(two),
	"/admin/auth/user/{id}/two-factor/":   page(two),
	"/admin/auth/user/{id}/tokens/":       get(two),
	"/admin/auth/user/{id}/identities/":   get(two),
	"/admin/auth/user/{id}/invite/":       {"GET": access.Accounts.View(), "HEAD": access.Accounts.View(), "POST": two},
	"/admin/auth/user/{id}/end-sessions/": {"GET": access.Accounts.View(), "HEAD": access.Accounts.View(), "POST": two},
	"/admin/auth/user/{id}/unlock/":       {"GET": access.Accounts.View(), "HEAD": access.Accounts.View(), "POST": two},

	"/admin/auth/group/{id}/permissions/": get(access.Groups.View()),

	"/admin/auth/group/":              get(access.Groups.View()),
	"/admin/auth/group/add/":          page(two),
	"/admin/auth/group/{id}/":         get(access.Groups.View()),
	"/admin/auth/group/{id}/history/": get(access.Groups.View()),
	"/admin/auth/group/{id}/change/":  {"GET": access.Groups.View(), "HEAD": access.Groups.View(), "POST": two},
	"/admin/auth/group/{id}/delete/":  page(two),

	"/admin/mail/mailing/":                 get(access.Schedules.View()),
	"/admin/mail/mailing/compose/":         get(access.MailUser), // leads to the page
	"/admin/mail/mailing/deliveries/":      get(access.Schedules.View()),
	"/admin/mail/mailing/{id}/":            get(access.Schedules.View()),
	"/admin/mail/mailing/{id}/change/":     get(access.Schedules.View()),
	"/admin/mail/mailing/{id}/history/":    get(access.Schedules.View()),
	"/admin/mail/mailing/{id}/deliveries/": get(access.Schedules.View()),
	"/admin/mail/mailing/{id}/stop/":       page(two),
	"/admin/mail/mailing/{id}/pause/":      pressed,
	"/admin/mail/mailing/{id}/resume/":     pressed,
	"/admin/mail/mailing/{id}/resend/":     pressed,
	"/admin/mail/compose/":                 page(two), // to view users as well
	"/admin/mail/delivery/":                get(access.Schedules.View()),
	"/admin/mail/delivery/{id}/":           get(access.Schedules.View()),
	"/admin/mail/delivery/{id}/change/":    get(access.Schedules.View()),

	"/admin/tasks/overview/":              get(access.Schedules.View()),
	"/admin/tasks/task/":                  page(access.Schedules.View()), // POST asks whether an action is meant
	"/admin/tasks/task/actions/{action}/": page(access.Schedules.View()), // and each action takes what it does
	"/admin/tasks/task/export/{format}/":  get(access.Schedules.View()),
	"/admin/tasks/task/add/":              page(access.Schedules.Add()),
	"/admin/tasks/task/{id}/":             get(access.Schedules.View()),
	"/admin/tasks/task/{id}/history/":     get(access.Schedules.View()),
	"/admin/tasks/task/{id}/change/":      get(access.Schedules.View()),
	"/admin/tasks/task/{id}/resend/":      pressed,
	"/admin/tasks/task/{id}/retry/":       pressed,
	"/admin/tasks/task/{id}/cancel/":      pressed,
	"/admin/tasks/report/":                get(access.ViewUser),
	"/admin/tasks/report/{id}/":           get(access.ViewUser),
	"/admin/tasks/report/{id}/change/":    get(access.ViewUser),

	"/admin/django_celery_beat/periodictask/":                  page(access.Schedules.View()),
	"/admin/django_celery_beat/periodictask/actions/{action}/": page(access.Schedules.View()),
	"/admin/django_celery_beat/periodictask/add/":              page(access.Schedules.Add()),
	"/admin/django_celery_beat/periodictask/{id}/":             get(access.Schedules.View()),
	"/admin/django_celery_beat/periodictask/{id}/history/":     get(access.Schedules.View()),
	"/admin/django_celery_beat/periodictask/{id}/change/":      {"GET": access.Schedules.View(), "HEAD": access.Schedules.View(), "POST": two},
	"/admin/django_celery_beat/periodictask/{id}/delete/":      page(two),
	"/admin/django_celery_beat/periodictask/{id}/run/":         pressed,

	"/admin/admin/logentry/":             get(access.ViewAudit),
	"/admin/admin/logentry/verify/":      page(access.ViewAudit), // GET leads back
	"/admin/admin/logentry/{id}/":        get(access.ViewAudit),
	"/admin/admin/logentry/{id}/change/": get(access.ViewAudit),
}

var oneUser = map[string]access.Permission{
	"GET": access.ViewUser, "HEAD": access.ViewUser, "OPTIONS": access.ViewUser,
	"PUT": access.ChangeUser, "PATCH": access.ChangeUser, "DELETE": access.DeleteUser,
}

// read is what a path of the API takes that is only read.
func read(p access.Permission) map[string]access.Permission {
	return map[string]access.Permission{"GET": p, "HEAD": p, "OPTIONS": p}
}

func get(p access.Permission) map[string]access.Permission {
	return map[string]access.Permission{"GET": p, "HEAD": p}
}

// pressed is a button of a record: GET leads to the record.
var pressed = map[string]access.Permission{"GET": access.Schedules.View(), "HEAD": access.Schedules.View(), "POST": two}

func page(p access.Permission) map[string]access.Permission {
	return map[string]access.Permission{"GET": p, "HEAD": p, "POST": p}
}

var methods = []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}

// rowOf returns the row of a path; formats of the API share that of the path
// without one.
func rowOf(path string) (map[string]access.Permission, bool) {
	path = strings.TrimSuffix(strings.NewReplacer(".{format.}", "", "//", "/").Replace(path), "/") + "/"
	for _, p := range []string{path, strings.TrimSuffix(path, "/")} {
		if row, ok := matrix[p]; ok {
			return row, true
		}
	}
	return nil, false
}

// refused reports whether an answer says that one may not, or must log in.
func refused(w *httptest.ResponseRecorder) bool {
	return w.Code == http.StatusForbidden || w.Code == http.StatusUnauthorized || strings.HasPrefix(w.Header().Get("Location"), "/admin/login/")
}

// walk sends every method to every route, but for what ends the session, and
// checks who is let in.
func (s *site) walk(t *testing.T, who string, with credential, holds func(access.Permission) bool) {
	t.Helper()
	s.walkPaths(t, who, with, s.Paths, func(need access.Permission) bool { return need == anybody || need != noActor && holds(need) })
}

func (s *site) walkPaths(t *testing.T, who string, with credential, paths []string, admits func(access.Permission) bool) {
	t.Helper()
	csrf := s.csrf(t)
	for _, path := range paths {
		row, _ := rowOf(path)
		for _, method := range methods {
			need, known := row[method]
			if path == "/admin/logout/" || path == "/admin/login/" && method == http.MethodPost {
				continue
			}
			w := s.ask(csrf, with, method, path)
			switch {
			case !known && w.Code < 400 && w.Code != http.StatusMovedPermanently:
				t.Errorf("%s: %s %s: got %d, although the matrix knows no such method", who, method, path, w.Code)
			case known && refused(w) == admits(need):
				t.Errorf("%s: %s %s, which takes %s: got %d %s", who, method, path, need, w.Code, w.Header().Get("Location"))
			}
		}
	}
}

func nothing(access.Permission) bool { return false }

func TestAccess_EveryRouteHasARow(t *testing.T) {
	t.Parallel()
	for _, path := range newSite(t).Paths {
		if _, ok := rowOf(path); !ok {
			t.Errorf("%s has no row: say in matrix who may do what there", path)
		}
	}
}

// Every route and method is open to whom the matrix says, and to no one else.
func TestAccess_Matrix(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token, yes, no := cookie(s.logIn(t)), true, false
	own := func(p access.Permission) bool { return p == staff || p == account || p == session }
	s.walk(t, "anonymous", none, nothing)
	s.walk(t, "an unknown session", cookie(auth.NewToken()), nothing)
	s.walk(t, "no permission", token, own)
	for _, p := range s.permissions(t) {
		s.change(t, auth.AccountChange{Permissions: &[]access.Permission{p}})
		s.walk(t, string(p)+" alone", token, func(need access.Permission) bool { return need == p || own(need) })
	}
	s.change(t, auth.AccountChange{IsSuperuser: &yes})
	s.walk(t, "superuser", token, func(access.Permission) bool { return true })
	s.change(t, auth.AccountChange{IsActive: &no})
	s.walk(t, "deactivated", token, nothing)
	s.change(t, auth.AccountChange{IsActive: &yes, IsStaff: &no})
	s.walk(t, "no longer staff", token, nothing)
	s.change(t, auth.AccountChange{IsStaff: &yes})
	s.expire(t)
	s.walk(t, "expired session", token, nothing)
}

// permissions are all there are.
func (s *site) permissions(t *testing.T) (all []access.Permission) {
	t.Helper()
	rows, err := s.Store.ListPermissions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		all = append(all, row.Permission)
	}
	if !slices.Contains(all, access.ViewUser) {
		t.Fatalf("got the permissions %v", all)
	}
	return all
}

// expire ends all sessions as time would.
func (s *site) expire(t *testing.T) {
	t.Helper()
	s.sql(t, "UPDATE roster_sessions SET ends_at = '2026-01-01 00:00:00'")
}

// sql changes rows behind the server's back.
func (s *site) sql(t *testing.T, statement string) {
	t.Helper()
	err := s.Store.InAuthTx(t.Context(), func(tx auth.Tx) error {
		_, err := tx.(sqldb.Conn).Exec(statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What changes something needs the token of the pages as well as the session.
func TestAccess_SessionNeedsToken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	yes := true
	s.change(t, auth.AccountChange{IsSuperuser: &yes})
	token := s.logIn(t)
	for _, path := range s.Paths {
		row, _ := rowOf(path)
		for method := range row {
			if method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions {
				continue
			}
			r := httptest.NewRequest(method, strings.ReplaceAll(strings.ReplaceAll(path, "{id}", "999"), "{format.}", "json"), http.NoBody)
			r.AddCookie(&http.Cookie{Name: "roster_sid", Value: token.Reveal()})
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != http.StatusForbidden {
				t.Errorf("%s %s: got %d, want 403", method, path, w.Code)
			}
			if inAPI := strings.HasPrefix(path, "/api/"); inAPI && w.Body.String() != `{"detail":"CSRF Failed: CSRF token missing."}` {
				t.Errorf("%s %s: got %s", method, path, w.Body)
			}
		}
	}
	if w := s.ask(s.csrf(t), cookie(token), http.MethodPost, "/admin/logout/"); w.Code != http.StatusOK {
		t.Errorf("logout with the token: got %d", w.Code)
	}
}
