package site_test

import (
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/access"
	"roster/internal/admin/resources"
	"roster/internal/admin/site"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/form"
	"roster/internal/httpkit"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/subject"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// now is the time of these tests.
var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fixture is a site on a database of its own.
type fixture struct {
	t             testing.TB
	store         *store.Store
	users         *user.Users
	subscriptions *user.Subscriptions
	trash         *user.Trash
	trail         *audit.Trail

	kinds     *task.Registry
	tasks     *task.Tasks
	schedules *periodic.Schedules

	accounts *auth.Accounts
	sessions *auth.Sessions
	factors  *auth.Factors
	groups   *auth.Groups
	invite   resources.Invite
	handler  http.Handler
	cookies  map[string]*http.Cookie

	facts       facts // of the home page
	unconfirmed bool  // the password was not given recently
}

// root is a staff account that may do everything.
var root = access.NewActor(access.Account{ID: 1, Username: "root", IsStaff: true, IsSuperuser: true})

// staff returns a staff account with those permissions.
func staff(permissions ...access.Permission) access.Actor {
	return access.NewActor(access.Account{ID: 2, Username: "clerk", IsStaff: true, Permissions: permissions})
}

// newFixture returns a site on SQLite that root works in.
func newFixture(t *testing.T) *fixture {
	t.Helper()
	return newFixtureOn(t, storetest.OpenSQLite(t))
}

func newBenchFixture(b *testing.B) *fixture {
	b.Helper()
	return newFixtureOn(b, storetest.OpenSQLite(b))
}

// onEngines runs a test on every database.
func onEngines(t *testing.T, test func(*testing.T, *fixture)) {
	t.Helper()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, newFixtureOn(t, open(t)))
		})
	}
}

func newFixtureOn(t testing.TB, s *store.Store) *fixture {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	clock := func() time.Time { return now }
	f := &fixture{t: t, store: s, cookies: map[string]*http.Cookie{}, users: user.NewUsers(s, func() time.Time { return now }, log)}
	f.subscriptions = user.NewSubscriptions(s, auth.NewKeys("a secret of the tests"), func() time.Time { return now }, log)
	f.users.KeepDeleted()
	f.trash = user.NewTrash(s, f.users, clock, log)
	f.trail = audit.NewTrail(s, audit.NewChain("secret"), log)
	f.groups = auth.NewGroups(s, clock, log)
	limiter := password.NewLimiter(password.NewHasher(password.Weak), 1, 0)
	f.accounts = auth.NewAccounts(s, limiter, auth.NewValidators(12), clock, log)
	f.sessions = auth.NewSessions(s, auth.SessionOptions{
		Limiter: limiter, Throttle: auth.NewLoginThrottle(s, auth.DefaultLoginRates(), clock), Failures: s, Now: clock, Log: log,
	})
	f.factors = auth.NewFactors(s, auth.NewKeys("a secret of the tests"), clock, log)
	f.kinds = task.NewRegistry(job.Noop(), job.CleanupInactiveUsers(nil, nil, clock), job.WelcomeEmail(nil, nil), job.BulkNotification(nil, nil, nil, clock))
	f.tasks = task.NewTasks(s, f.kinds, clock, log)
	f.schedules = periodic.NewSchedules(s, f.kinds, clock, log)
	f.handler = f.handlerFor(root)
	return f
}

// handlerFor returns the pages of the site as one actor sees it.
func (f *fixture) handlerFor(actor access.Actor) http.Handler {
	f.t.Helper()
	s := f.siteFor(actor)
	router := httpkit.NewRouter(s.Pages.NotFound())
	s.Register(router)
	return router
}

// siteFor returns the site as one actor sees it.
func (f *fixture) siteFor(actor access.Actor) *site.Site {
	f.t.Helper()
	assets, err := httpkit.NewAssets(site.Static())
	if err != nil {
		f.t.Fatal(err)
	}
	pages, err := httpkit.NewPages(assets, site.Templates())
	if err != nil {
		f.t.Fatal(err)
	}
	return site.New(site.Options{
		Door:  pages.Door(func(*http.Request) access.Actor { return actor }, slog.New(slog.NewTextHandler(f.t.Output(), nil))),
		Pages: pages,
		Resources: []site.Resource{
			resources.Users(resources.UserServices{
				Users: f.users, Subscriptions: f.subscriptions, Trash: f.trash, KeepDays: 30, Tasks: f.tasks,
				Records: subject.NewRecords(f.users, f.subscriptions, f.trail, f.tasks, job.NewMails(f.store)),
			}), resources.Trash(f.trash, 30),
			resources.Accounts(f.accounts, f.groups, f.sessions, f.factors, f.invite), resources.Groups(f.accounts, f.groups),
			resources.Mailings(f.mail()), resources.Deliveries(f.mail()), resources.Tasks(f.mail()), resources.Reports(job.NewKeptReports(f.store)),
			resources.Schedules(f.schedules, func() time.Time { return now }), resources.AuditEntries(f.trail),
		},
		Home:   f.home(),
		Views:  []site.View{resources.Overview(f.tasks, f.schedules, func() time.Time { return now })},
		Trail:  f.trail,
		Zone:   time.UTC,
		Now:    func() time.Time { return now },
		Signer: site.NewSigner("a secret of the tests"),
		Confirmed: func(h httpkit.Handler) httpkit.Handler {
			return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
				if f.unconfirmed {
					return &httpkit.StatusError{Status: http.StatusTeapot, Message: "password, please"}
				}
				return h(w, r, actor)
			}
		},
		Refuse: func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "staff only", http.StatusUnauthorized)
		},
	})
}

// insert stores n users, user1 the oldest, a day apart up to now; every third
// is not active.
func (f *fixture) insert(n int) {
	f.t.Helper()
	f.insertEvery(24*time.Hour, n)
}

func (f *fixture) insertEvery(interval time.Duration, n int) {
	f.t.Helper()
	err := f.store.InTx(f.t.Context(), func(tx user.Tx) error {
		for i := 1; i <= n; i++ {
			at := now.Add(time.Duration(i-n) * interval)
			_, err := tx.InsertUser(user.User{
				Username: fmt.Sprintf("user%d", i), Email: fmt.Sprintf("user%d@example.com", i),
				FirstName: form.TextOf(fmt.Sprintf("First%d", i)), IsActive: i%3 != 0, CreatedAt: at, UpdatedAt: at,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// get returns the answer to GET.
func (f *fixture) get(path string) *httptest.ResponseRecorder {
	f.t.Helper()
	return f.send(httptest.NewRequestWithContext(f.t.Context(), http.MethodGet, path, http.NoBody))
}

// send keeps cookies as a browser does.
func (f *fixture) send(r *http.Request) *httptest.ResponseRecorder {
	for _, cookie := range f.cookies {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		if f.cookies[cookie.Name] = cookie; cookie.MaxAge < 0 {
			delete(f.cookies, cookie.Name)
		}
	}
	return w
}

// post returns the answer to a form.
func (f *fixture) post(path string, form url.Values) *httptest.ResponseRecorder {
	f.t.Helper()
	r := httptest.NewRequestWithContext(f.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return f.send(r)
}

// page returns the text of a page that must be there.
func (f *fixture) page(path string) string {
	f.t.Helper()
	w := f.get(path)
	if w.Code != http.StatusOK {
		f.t.Fatalf("GET %s: got status %d, Location %q", path, w.Code, w.Header().Get("Location"))
	}
	return w.Body.String()
}

// fingerprints change with every change of a style sheet; pages do not.
var fingerprints = regexp.MustCompile(`\.[0-9a-f]{8}\.(css|js|svg)`)

// wantGolden compares a page with the file of that name.
func wantGolden(t *testing.T, name, page string) {
	t.Helper()
	got := fingerprints.ReplaceAllString(page, ".FINGERPRINT.$1")
	golden := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, string(want)); diff != "" {
		t.Errorf("%s differs (-got +want):\n%s", golden, diff)
	}
}

func TestSite_StaffOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for name, c := range map[string]struct {
		actor access.Actor
		want  int
	}{
		"anonymous":          {access.Actor{}, http.StatusUnauthorized},
		"whom policy lets":   {access.AllowAny.Anonymous(), http.StatusUnauthorized},
		"no staff":           {access.NewActor(access.Account{ID: 3, IsSuperuser: true}), http.StatusUnauthorized},
		"without permission": {staff(), http.StatusForbidden},
		"other permission":   {staff(access.AddUser), http.StatusForbidden},
		"may view":           {staff(access.ViewUser), http.StatusOK},
		"may do everything":  {root, http.StatusOK},
	} {
		f.handler = f.handlerFor(c.actor)
		if got := f.get("/admin/users/tuser/").Code; got != c.want {
			t.Errorf("%s: got status %d, want %d", name, got, c.want)
		}
	}
}

func TestSite_Methods(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/admin/users/tuser/", http.NoBody))
	if w.Code != http.StatusMethodNotAllowed || !strings.Contains(strings.Join(w.Header()["Allow"], ","), "GET") {
		t.Errorf("got %d, Allow %q, want 405 and the methods", w.Code, w.Header()["Allow"])
	}
	if got := f.get("/admin/users/tuser").Header().Get("Location"); got != "/admin/users/tuser/" {
		t.Errorf("without the slash: sent to %q", got)
	}
}

// mail returns the sources of the pages of mail.
func (f *fixture) mail() resources.MailSources {
	return resources.MailSources{Tasks: f.tasks, Mailings: job.NewMailings(f.tasks, f.users, f.store), Now: func() time.Time { return now }}
}
