package api_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/api"
	"roster/internal/auth"
	"roster/internal/auth/jwt"
	"roster/internal/auth/password"
	"roster/internal/httpkit"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

// fixture is the API behind the stack that all requests pass.
type fixture struct{ handler http.Handler }

// setup is what a test may want otherwise.
type setup struct {
	policy   access.Policy    // AllowAny when empty
	pageSize int              // 10 when 0
	now      func() time.Time // time.Now when nil
	log      io.Writer        // nil: none
	actor    access.Actor     // anonymous when zero
	kinds    *task.Registry   // none when nil
	limits   user.Limits      // of the database
}

// newFixture returns the API on that storage.
func newFixture(tb testing.TB, db user.Store, o setup) *fixture {
	tb.Helper()
	if o.policy == "" {
		o.policy = access.AllowAny
	}
	if o.pageSize == 0 {
		o.pageSize = 10
	}
	if o.log == nil {
		o.log = io.Discard
	}
	if o.now == nil {
		o.now = time.Now
	}
	if o.kinds == nil {
		o.kinds = task.NewRegistry()
	}
	log := slog.New(slog.NewTextHandler(o.log, nil))
	assets, err := httpkit.NewAssets(api.Static())
	if err != nil {
		tb.Fatal(err)
	}
	pages, err := httpkit.NewPages(assets, api.Templates())
	if err != nil {
		tb.Fatal(err)
	}
	tasks, schedules := newWork(db, o)
	users := user.NewUsers(db, o.now, log)
	users.Within(o.limits)
	users.KeepDeleted()
	router := httpkit.NewRouter(pages.NotFound())
	err = api.New(api.Options{
		Users: users, Trash: newTrash(db, users, o), Actor: func(*http.Request) access.Actor { return o.policy.Actor(o.actor) }, PageSize: o.pageSize,
		Tasks: tasks, Schedules: schedules, Tokens: newTokens(db, o), JWTs: newJWTs(db, o),
		Pages: pages, Assets: assets, Version: "test", Log: log,
	}).Register(router)
	if err != nil {
		tb.Fatal(err)
	}
	handler, err := httpkit.Stack{
		Log: log, Hosts: httpkit.Hosts{"*"}, MaxBody: 8 << 20, Failed: pages.ErrorPage,
	}.Wrap(router)
	if err != nil {
		tb.Fatal(err)
	}
	return &fixture{handler}
}

// newTokens returns the service of API tokens, where the storage has accounts.
func newTokens(db user.Store, o setup) *auth.APITokens {
	s, ok := db.(auth.Store)
	if !ok {
		return nil
	}
	return auth.NewAPITokens(s, o.now, slog.New(slog.DiscardHandler))
}

// newJWTs returns the service of JSON Web Tokens, where the storage has accounts.
func newJWTs(db user.Store, o setup) *auth.JWTs {
	s, ok := db.(auth.Store)
	if !ok {
		return nil
	}
	sessions := auth.NewSessions(s, auth.SessionOptions{
		Limiter:  password.NewLimiter(password.NewHasher(password.Weak), 1, 0),
		Throttle: auth.NewLoginThrottle(auth.NewMemoryCounters(), auth.DefaultLoginRates(), o.now), Failures: auth.NewMemoryCounters(), Now: o.now, Log: slog.New(slog.DiscardHandler),
	})
	return auth.NewJWTs(sessions, auth.JWTOptions{
		Profile: jwt.Profile{Algorithm: jwt.EdDSA, Issuer: "roster", Audience: "roster", Now: o.now},
		Keys:    auth.NewKeys("a secret of the tests"), AccessLife: 5 * time.Minute, RefreshLife: 24 * time.Hour,
	})
}

// newWork returns the services of background work, where the storage has tasks.
func newWork(db user.Store, o setup) (*task.Tasks, *periodic.Schedules) {
	s, ok := db.(interface {
		task.Store
		periodic.Store
	})
	if !ok {
		return nil, nil
	}
	log := slog.New(slog.DiscardHandler)
	return task.NewTasks(s, o.kinds, o.now, log), periodic.NewSchedules(s, o.kinds, o.now, log)
}

// send sends a request with a JSON body (none when empty) and further headers
// as name, value pairs.
func (f *fixture) send(method, target, body string, headers ...string) (*http.Request, *httptest.ResponseRecorder) {
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, reader)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	if method == http.MethodHead {
		w.Body.Reset() // as net/http's server does
	}
	return r, w
}

// do is send for paths of the API: the answer must be one that the OpenAPI
// document describes.
func (f *fixture) do(t *testing.T, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r, w := f.send(method, target, body, headers...)
	checkDescribed(t, r, w.Result())
	return w
}

// create adds a user of that name and fails the test when that does not work.
func (f *fixture) create(tb testing.TB, username string) {
	tb.Helper()
	body := `{"username":"` + username + `","email":"` + username + `@example.com"}`
	if _, got := f.send("POST", "/api/users/", body); got.Code != http.StatusCreated {
		tb.Fatalf("create %s: got %d %s", username, got.Code, got.Body)
	}
}

// newTrash returns the deleted users of a store that has them.
func newTrash(db user.Store, users *user.Users, o setup) *user.Trash {
	kept, _ := db.(user.TrashStore)
	return user.NewTrash(kept, users, o.now, slog.New(slog.DiscardHandler))
}
