package server_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
)

// Every route of the API is open to tokens as the matrix says, within their
// scopes, and nothing else is.
func TestAccess_Tokens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	yes, no := true, false
	create := func(life time.Duration, scopes ...auth.Scope) string {
		_, text, err := s.tokens.Create(t.Context(), system, s.account.ID, auth.NewAPIToken{Name: "test", Scopes: scopes, Life: life})
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + text.Reveal()
	}
	all, expired, revoked := create(0), create(time.Hour), create(time.Hour)
	own := func(p access.Permission) bool { return p == anybody || p == account }
	s.walkAPI(t, "no permission", all, own)
	s.change(t, auth.AccountChange{IsSuperuser: &yes})
	s.Forget()
	s.walkAPI(t, "superuser", all, func(need access.Permission) bool { return need != session })
	s.walkAPI(t, "Django's scheme", strings.Replace(all, "Bearer", "Token", 1), func(need access.Permission) bool { return need != session })
	for scope, holds := range map[auth.Scope][]access.Permission{
		"users:read":  {access.ViewUser},
		"users:write": {access.ViewUser, access.AddUser, access.ChangeUser, access.DeleteUser},
		"tasks:read":  {access.Schedules.View()},
		"tasks:write": {access.Schedules.View(), access.Schedules.Add(), access.Schedules.Change(), access.Schedules.Delete()},
	} {
		s.walkAPI(t, string(scope), create(0, scope), func(need access.Permission) bool { return own(need) || slices.Contains(holds, need) })
	}
	s.now = s.now.Add(time.Hour)
	s.sql(t, "UPDATE roster_api_tokens SET expires_at = '2026-01-01 00:00:00' WHERE id = 2")
	s.sql(t, "DELETE FROM roster_api_tokens WHERE id = 3")
	s.walkAPI(t, "an expired token", expired, nothing)
	s.walkAPI(t, "a revoked token", revoked, nothing)
	s.walkAPI(t, "no token", "Bearer ", nothing)
	s.walkAPI(t, "a typo", all[:len(all)-1]+"_", nothing)
	scoped := create(0, "users:read")
	s.change(t, auth.AccountChange{IsActive: &no})
	s.Forget()
	s.walkAPI(t, "a deactivated account", all, nothing)
	s.change(t, auth.AccountChange{IsActive: &yes})
	s.walkAPI(t, "a token used while the account was inactive", all, nothing)
	s.walkAPI(t, "a scope that the account no longer has", scoped, func(need access.Permission) bool { return own(need) || need == access.ViewUser })
}

// HTTP Basic opens what the session of the account does; a wrong password opens
// nothing.
func TestAccess_Basic(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	yes, no := true, false
	basic := func(pw string) string {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.SetBasicAuth(s.account.Username, pw)
		return r.Header.Get("Authorization")
	}
	right := basic(testPassword.Reveal())
	own := func(p access.Permission) bool { return p == anybody || p == account || p == session }
	s.walkAPI(t, "no permission", right, own)
	s.change(t, auth.AccountChange{Permissions: &[]access.Permission{access.ViewUser}})
	s.walkAPI(t, "one permission", right, func(need access.Permission) bool { return need == access.ViewUser || own(need) })
	s.change(t, auth.AccountChange{IsSuperuser: &yes})
	s.walkAPI(t, "superuser", right, func(access.Permission) bool { return true })
	s.walkAPI(t, "a malformed header", "Basic x", nothing)
	s.sql(t, "INSERT INTO roster_totp (account_id, secret, confirmed, last_used, recovery) VALUES ("+
		strconv.FormatInt(s.account.ID, 10)+", '', 1, 0, '')")
	s.walkAPI(t, "with a second factor", right, nothing)
	s.sql(t, "DELETE FROM roster_totp")
	s.change(t, auth.AccountChange{IsActive: &no})
	for what, credential := range map[string]string{"deactivated": right, "a wrong password": basic("wrong")} { // few, because they count
		for _, path := range []string{"/api/", "/api/users/", "/openapi.json"} {
			if w := s.ask(s.csrf(t), header(credential), http.MethodGet, path); w.Code != http.StatusForbidden {
				t.Errorf("%s: %s: got %d, want 403", what, path, w.Code)
			}
		}
	}
}

// walkAPI is walk for the API, which alone knows tokens. A token that is refused
// opens nothing, not even what is open to everybody, except where one logs in.
func (s *site) walkAPI(t *testing.T, who, token string, admits func(access.Permission) bool) {
	t.Helper()
	documents := []string{"/.well-known/jwks.json", "/openapi.json", "/openapi.yaml", "/swagger.json", "/swagger/", "/redoc/"}
	inAPI := func(path string) bool {
		return strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "/api/token/") || slices.Contains(documents, path)
	}
	s.walkPaths(t, who, header(token), slices.DeleteFunc(slices.Clone(s.Paths), func(path string) bool { return !inAPI(path) }), admits)
	s.walkPaths(t, who+", other pages", header(token), slices.DeleteFunc(slices.Clone(s.Paths), inAPI),
		func(need access.Permission) bool { return need == anybody })
}
