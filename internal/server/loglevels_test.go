package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/server"
)

// A superuser changes the log levels of the process on a page, and the change is
// recorded. Forms of another process, unknown levels, and no change record nothing.
func TestLogLevels_Page(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	yes := true
	s.change(t, auth.AccountChange{IsSuperuser: &yes})
	token, csrf, process := s.logIn(t), s.csrf(t), server.ProcessName()
	send := func(method string, fields url.Values) (int, string) {
		t.Helper()
		r := httptest.NewRequest(method, "/admin/settings/loglevels/", strings.NewReader(fields.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-CSRFToken", csrf.Value)
		r.AddCookie(csrf)
		cookie(token)(r)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	changes := func() (found []audit.Change) {
		t.Helper()
		rows, err := s.Store.ListAudit(t.Context(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if row.Object.Type == "server" {
				if row.Object.Name != process || row.Actor != "ann" || row.Action != audit.Update {
					t.Errorf("got the entry %+v", row)
				}
				found = append(found, row.Changes...)
			}
		}
		return found
	}
	status, page := send(http.MethodGet, nil)
	if status != http.StatusOK || !strings.Contains(page, "<option selected>CRITICAL</option>") || !strings.Contains(page, process+" until it restarts") {
		t.Fatalf("got %d %s", status, page)
	}
	for name, tt := range map[string]struct {
		fields url.Values
		status int
	}{
		"another process": {url.Values{"process": {"other:1"}, "level": {"DEBUG"}}, http.StatusConflict},
		"unknown level":   {url.Values{"process": {process}, "level": {"LOUD"}}, http.StatusUnprocessableEntity},
		"no level":        {url.Values{"process": {process}}, http.StatusUnprocessableEntity},
		"unknown of http": {url.Values{"process": {process}, "level": {"INFO"}, "level-http": {"LOUD"}}, http.StatusUnprocessableEntity},
		"no change":       {url.Values{"process": {process}, "level": {"CRITICAL"}}, http.StatusOK},
	} {
		if status, page := send(http.MethodPost, tt.fields); status != tt.status || !strings.Contains(page, "<option selected>CRITICAL</option>") {
			t.Errorf("%s: got %d, want %d and the levels as they were", name, status, tt.status)
		}
	}
	if got := changes(); got != nil {
		t.Errorf("got %v, want nothing recorded", got)
	}
	status, page = send(http.MethodPost, url.Values{"process": {process}, "level": {"ERROR"}, "level-http": {"DEBUG"}})
	if status != http.StatusOK || !strings.Contains(page, "<option selected>ERROR</option>") || strings.Count(page, "<option selected>DEBUG</option>") != 1 {
		t.Errorf("got %d %s", status, page)
	}
	status, _ = send(http.MethodPost, url.Values{"process": {process}, "level": {"ERROR"}})
	want := []audit.Change{
		{Field: "LOG_LEVEL", Old: "CRITICAL", New: "ERROR"}, {Field: "LOG_LEVELS http", Old: "", New: "DEBUG"}, {Field: "LOG_LEVELS http", Old: "DEBUG", New: ""},
	}
	if diff := cmp.Diff(want, changes()); diff != "" || status != http.StatusOK {
		t.Errorf("got %d (-want +got):\n%s", status, diff)
	}
}
