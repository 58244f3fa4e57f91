package admin_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/user"
)

// desk is an admin.Composer that notes what it is asked to do.
type desk struct {
	count   int64
	tests   []string
	started []string
	keys    map[string]bool
	refuse  error
}

func (d *desk) Recipients(_ context.Context, _ access.Actor, _ job.BulkArgs, limit int) (int64, []user.User, error) {
	sample := []user.User{}
	for i := range min(d.count, int64(limit)) {
		sample = append(sample, user.User{ID: i + 1, Username: "ada", Email: "ada@example.com"})
	}
	return d.count, sample, nil
}

func (d *desk) Render(to user.User, m job.BulkArgs) (text, html string, err error) {
	return "Hello " + to.Username + ", " + m.Message, "<p>" + m.Message + "</p>", nil
}

func (d *desk) SendTest(_ context.Context, _ access.Actor, address string, to user.User, m job.BulkArgs) error {
	d.tests = append(d.tests, address+" "+to.Username+" "+m.Subject)
	return d.refuse
}

func (d *desk) Start(_ context.Context, _ access.Actor, key string, m job.BulkArgs, at time.Time) (int64, bool, error) {
	if d.keys[key] {
		return 0, false, nil
	}
	d.keys[key] = true
	d.started = append(d.started, m.Subject+" "+m.Filter.Filter+" "+at.Format(time.DateOnly))
	return 7, true, nil
}

func message(action string, more ...string) url.Values {
	v := url.Values{"action": {action}, "subject": {"Hello"}, "message": {"We are\r\nopen."}, "active": {"1"}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

// grant makes ann a superuser.
func (s *site) grant(t *testing.T) {
	t.Helper()
	yes := true
	if _, err := s.accounts.Update(t.Context(), access.System("test"), s.account.ID, auth.AccountChange{IsSuperuser: &yes}); err != nil {
		t.Fatal(err)
	}
}

func TestCompose_Steps(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	d := &s.desk
	d.count, d.keys = 4169, map[string]bool{}
	b := s.browser(t)
	const path = "/admin/mail/compose/"
	b.want(b.do(path+"?filter=x", nil), http.StatusFound, "/admin/login/?next=%2Fadmin%2Fmail%2Fcompose%2F%3Ffilter%3Dx")
	b.logIn()
	b.want(b.do(path, nil), http.StatusForbidden, "")
	s.grant(t)
	b.want(b.do(path+"?filter=username+sw+%22a%22", nil), http.StatusOK, "4,169 users</strong>, for example:")
	b.want(b.do(path, message("preview")), http.StatusOK, "Hello ada, We are\nopen.")
	w := b.do(path, message("html"))
	b.want(w, http.StatusOK, "<p>We are\nopen.</p>")
	if got := w.Header().Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || !strings.Contains(got, "frame-ancestors 'self'") || !strings.HasSuffix(got, "sandbox") {
		t.Errorf("got %s", got)
	}
	b.want(b.do(path, message("test")), http.StatusOK, "A test was sent to ann@example.com.")
	d.refuse = fault.New(fault.Unavailable, "550 no")
	b.want(b.do(path, message("test")), http.StatusOK, "The test was not sent: 550 no")
	b.want(b.do(path, message("confirm", "at", "2026-12-24T18:00", "rate", "60")), http.StatusOK, "Send to 4,169 users</button>")
	const key = "0123456789012345678901234567"
	for range 2 { // a double click
		w = b.do(path, message("send", "key", key, "at", "2026-12-24T18:00", "filter", `username sw "a"`))
		if w.Code != http.StatusSeeOther {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	}
	if got := strings.Join(append(d.started, d.tests...), "; "); got != `Hello username sw "a" 2026-12-24; ann@example.com ada Hello; ann@example.com ada Hello` {
		t.Errorf("got %s", got)
	}
	b.want(b.do(path, message("send")), http.StatusBadRequest, "Bad request")
	d.count = 0
	b.want(b.do(path, message("confirm")), http.StatusUnprocessableEntity, "No user matches.")
}

func TestCompose_Refused(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.desk.count = 1
	b := s.browser(t)
	b.logIn()
	s.grant(t)
	for want, fields := range map[string][]string{
		"Enter a subject.":                          {"subject", " "},
		"The subject must be one line.":             {"subject", "a\tb"},
		"The subject may have at most":              {"subject", strings.Repeat("a", 201)},
		"Enter a text.":                             {"message", "\r\n "},
		"The rate must be a number from 0 to 60000": {"rate", "-1"},
		"The start must be in the future.":          {"at", "2026-11-23T12:00"},
		"The start must be within a year.":          {"at", "2028-01-01T00:00"},
		"The start must be a time such as":          {"at", "noon"},
		"Correct the filter":                        {"filter", "username sw"},
	} {
		for _, action := range []string{"preview", "html", "test", "confirm", "send"} {
			b.want(b.do("/admin/mail/compose/", message(action, fields...)), http.StatusUnprocessableEntity, want)
		}
	}
}
