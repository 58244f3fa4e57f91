package site_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// A page whose storage fails at any step is answered with 503, or in full: never with
// a list that lacks rows.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	prepared := storetest.Prepare(t, func(db *store.Store) {
		f := newFixtureOn(t, db)
		for n := range 3 {
			name := fmt.Sprint("user", n)
			in := form.Input{"username": {Kind: form.String, Text: name}, "email": {Kind: form.String, Text: name + "@example.com"}}
			if _, err := f.users.Create(t.Context(), root, in); err != nil {
				t.Fatal(err)
			}
		}
	})
	for _, target := range []string{listPath, listPath + "?q=user1&is_active__exact=1", listPath + "1/change/", listPath + "1/history/", listPath + "1/delete/", "/admin/tasks/overview/", "/admin/tasks/task/", "/admin/auth/user/"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			prepared.Interrupt(t, func(db *store.Store) (string, error) {
				w := httptest.NewRecorder()
				newFixtureOn(t, db).handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, http.NoBody))
				switch w.Code {
				case http.StatusOK:
					return w.Body.String(), nil
				case http.StatusServiceUnavailable:
					return "", fault.New(fault.Unavailable, "The page is not available.")
				}
				return "", fmt.Errorf("%s: got %d %.200s", target, w.Code, w.Body)
			})
		})
	}
}
