package api_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/user"
)

// failing is a store whose every call fails.
type failing struct {
	user.Store // nil: the calls below are all that there are

	err error
}

func (f failing) FindUser(context.Context, int64) (user.User, error) { return user.User{}, f.err }
func (f failing) ListUsers(context.Context, user.Query, int64, int) ([]user.User, error) {
	return nil, f.err
}
func (f failing) CountUsers(context.Context, user.Query) (int64, error) { return 0, f.err }
func (f failing) CountActiveUsers(context.Context) (int64, error)       { return 0, f.err }
func (f failing) Version(context.Context) (uint64, bool)                { return 0, false }
func (f failing) InTx(context.Context, func(user.Tx) error) error       { return f.err }

// A failure of the storage is answered by its kind; only the log has its cause.
func TestFailure_OfTheStorage(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk /dev/secret is broken")
	tests := []struct {
		err        error
		want       int
		body       string
		retryAfter string
	}{
		{fault.Wrap(fault.Unavailable, "The database is busy.", cause), 503, `{"detail":"The database is busy."}`, "1"},
		{&fault.Error{Kind: fault.Unavailable, Message: "Busy.", RetryAfter: 1500 * time.Millisecond, Cause: cause}, 503, `{"detail":"Busy."}`, "2"},
		{fault.Wrap(fault.Full, "There is no room left.", cause), 507, `{"detail":"There is no room left."}`, ""},
		{cause, 500, `{"detail":"A server error occurred."}`, ""},
	}
	for _, tt := range tests {
		var log bytes.Buffer
		f := newFixture(t, failing{err: tt.err}, setup{log: &log})
		for _, request := range [][3]string{
			{"GET", "/api/users/", ""}, {"GET", "/api/users/1/", ""}, {"GET", "/api/users/active_count/", ""},
			{"POST", "/api/users/", `{"username":"abc","email":"abc@example.com"}`}, {"DELETE", "/api/users/1/", ""},
		} {
			if tt.want == 507 && request[0] == "GET" {
				continue // reading needs no room
			}
			log.Reset()
			got := f.do(t, request[0], request[1], request[2])
			if got.Code != tt.want || got.Body.String() != tt.body || got.Header().Get("Retry-After") != tt.retryAfter {
				t.Errorf("%s %s: got %d %s, Retry-After %q, want %d %s", request[0], request[1], got.Code, got.Body, got.Header().Get("Retry-After"), tt.want, tt.body)
			}
			if !strings.Contains(log.String(), "/dev/secret") {
				t.Errorf("%s %s: the log lacks the cause: %s", request[0], request[1], log.String())
			}
		}
	}
}

// A page for people fails as quietly.
func TestFailure_OnAPage(t *testing.T) {
	t.Parallel()
	f := newFixture(t, failing{err: errors.New("secret")}, setup{})
	got := f.do(t, "GET", "/api/users/1/", "", "Accept", "text/html")
	if got.Code != http.StatusInternalServerError || strings.Contains(got.Body.String(), "secret") {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}

// A client that went away is not an error of the server.
func TestFailure_ClientWentAway(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	f := newFixture(t, failing{err: context.Canceled}, setup{log: &log})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(gone, http.MethodGet, "/api/users/1/", http.NoBody)
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("got %d, log %s", w.Code, log.String())
	}
}
