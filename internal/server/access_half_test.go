package server_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"

	"roster/internal/access"
	"roster/internal/auth"
)

// A session whose second factor is outstanding opens what is open to everyone, and
// the page that asks for the factor.
func TestAccess_HalfALogin(t *testing.T) {
	t.Parallel()
	const code, confirm = "/admin/login/code/", "/admin/reauth/"
	s := newSite(t)
	yes, no := true, false
	s.change(t, auth.AccountChange{IsSuperuser: &yes})
	s.sql(t, "INSERT INTO roster_totp (account_id, secret, confirmed, last_used, recovery) VALUES ("+
		strconv.FormatInt(s.account.ID, 10)+", '', 1, 0, '[]')")
	half := cookie(s.logIn(t))
	paths := slices.DeleteFunc(slices.Clone(s.Paths), func(path string) bool { return path == code || path == confirm })
	walk := func(who string) {
		t.Helper()
		s.walkPaths(t, who, half, paths, func(need access.Permission) bool { return need == anybody })
	}
	walk("half a login")
	if w := s.ask(s.csrf(t), half, http.MethodPost, confirm); w.Code == http.StatusSeeOther { // its form is shown, but confirms nothing
		t.Errorf("%s: got %d %s", confirm, w.Code, w.Header().Get("Location"))
	}
	if w := s.ask(s.csrf(t), half, http.MethodGet, code); w.Code != http.StatusOK {
		t.Errorf("%s: got %d, want it shown", code, w.Code)
	}
	s.change(t, auth.AccountChange{IsActive: &no})
	walk("half a login of a deactivated account")
	if w := s.ask(s.csrf(t), half, http.MethodGet, code); !refused(w) {
		t.Errorf("%s: got %d for a deactivated account", code, w.Code)
	}
}
