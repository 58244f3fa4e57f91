package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/secret"
	"roster/internal/store/storetest"
)

// newJWTFixture returns the API with the staff account ann, who has a password.
func newJWTFixture(t *testing.T) *fixture {
	t.Helper()
	db := storetest.OpenSQLite(t)
	hash, err := password.NewLimiter(password.NewHasher(password.Weak), 1, 0).Hash(t.Context(), "", secret.New("Correct-horse-9"))
	if err != nil {
		t.Fatal(err)
	}
	ann := auth.Account{Username: "ann", Password: secret.New(hash), IsActive: true, IsStaff: true, DateJoined: noon}
	err = db.InAuthTx(t.Context(), func(tx auth.Tx) (err error) {
		ann.ID, err = tx.InsertAccount(ann)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return newFixture(t, db, setup{policy: access.DjangoModelPermissions, now: func() time.Time { return noon }})
}

// A program logs in, refreshes its tokens, has them verified, and logs out.
func TestJWT_Story(t *testing.T) {
	t.Parallel()
	f := newJWTFixture(t)
	body := func(name string, value any) string { return `{"` + name + `": "` + value.(string) + `"}` } //nolint:forcetypeassert // a text, or the test fails
	first := f.ask(t, 200, "POST /api/token/", `{"username": " ann ", "password": "Correct-horse-9"}`)
	next := f.ask(t, 200, "POST /api/token/refresh/", body("refresh", first["refresh"]))
	for _, token := range []any{next["access"], next["refresh"], first["access"]} {
		if got := f.ask(t, 200, "POST /api/token/verify/", body("token", token)); len(got) != 0 {
			t.Errorf("got %v, want an empty object", got)
		}
	}
	f.ask(t, 400, "POST /api/token/verify/", body("token", first["refresh"]))
	f.ask(t, 200, "POST /api/token/blacklist/", body("refresh", next["refresh"]))
	wantAt(t, f.ask(t, 401, "POST /api/token/refresh/", body("refresh", next["refresh"])), map[string]any{"detail": "Token is blacklisted", "code": "token_not_valid"})
	f.ask(t, 400, "POST /api/token/verify/", body("token", next["access"]))
}

// A wrong password is answered as by simplejwt, with the scheme.
func TestJWT_WrongPassword(t *testing.T) {
	t.Parallel()
	w := newJWTFixture(t).do(t, http.MethodPost, "/api/token/", `{"username": "ann", "password": "wrong"}`)
	const want = `{"detail":"No active account found with the given credentials"}`
	if w.Code != http.StatusUnauthorized || w.Body.String() != want || w.Header().Get("WWW-Authenticate") != `Bearer realm="api"` {
		t.Errorf("got %d %s, %v", w.Code, w.Body, w.Header())
	}
}

// A page never shows the password that was sent.
func TestJWT_Page(t *testing.T) {
	t.Parallel()
	_, w := newJWTFixture(t).send(http.MethodPost, "/api/token/", `{"username": "", "password": "Correct-horse-9"}`, "Accept", "text/html")
	page := w.Body.String()
	if w.Code != http.StatusBadRequest || !strings.Contains(page, `name="password" type="password"`) || strings.Contains(page, "Correct-horse-9") {
		t.Errorf("got %d %s", w.Code, page)
	}
}

func TestJWT_Keys(t *testing.T) {
	t.Parallel()
	f := newJWTFixture(t)
	_, w := f.send(http.MethodGet, "/.well-known/jwks.json", "")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"crv":"Ed25519"`) || w.Header().Get("Cache-Control") != "public, max-age=3600" {
		t.Errorf("got %d %s, %v", w.Code, w.Body, w.Header())
	}
}
