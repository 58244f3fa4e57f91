package httpkit_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// A quota is for each account and for each address without one. It comes back
// evenly, and what was refused does not count.
func TestThrottle(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	throttle := &httpkit.Throttle{Anonymous: httpkit.Quota{Limit: 2, Window: time.Minute}, Account: httpkit.Quota{Limit: 3, Window: time.Hour}, Now: func() time.Time { return now }}
	ann := access.NewActor(access.Account{ID: 7})
	for i, step := range []struct {
		after   time.Duration
		client  string
		actor   access.Actor
		limit   string
		message string
	}{
		{0, "192.0.2.1", access.Actor{}, `"anonymous";r=1;t=30`, ""},
		{0, "192.0.2.1", access.Actor{}, `"anonymous";r=0;t=60`, ""},
		{0, "192.0.2.1", access.Actor{}, `"anonymous";r=0;t=60`, "Request was throttled. Expected available in 30 seconds."},
		{0, "192.0.2.2", access.Actor{}, `"anonymous";r=1;t=30`, ""},
		{0, "192.0.2.1", ann, `"account";r=2;t=1200`, ""},
		{29 * time.Second, "192.0.2.1", access.Actor{}, `"anonymous";r=0;t=60`, "Request was throttled. Expected available in 1 second."},
		{time.Second, "192.0.2.1", access.Actor{}, `"anonymous";r=0;t=60`, ""},
		{0, "2001:db8:0:1::1", access.Actor{}, `"anonymous";r=1;t=30`, ""},
		{0, "2001:db8:0:1:ffff::2", access.Actor{}, `"anonymous";r=0;t=60`, ""},
		{0, "2001:db8:0:2::1", access.Actor{}, `"anonymous";r=1;t=30`, ""},
		{0, "::ffff:192.0.2.1", access.Actor{}, `"anonymous";r=1;t=30`, ""},
	} {
		now = now.Add(step.after)
		h := http.Header{}
		err := throttle.Check(t.Context(), h, step.client, step.actor, access.ViewUser)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if message != step.message || err != nil && fault.KindOf(err) != fault.Throttled || h.Get("RateLimit") != step.limit {
			t.Errorf("step %d: got %q, %s, want %q, %s", i, message, h.Get("RateLimit"), step.message, step.limit)
		}
	}
}

func TestThrottle_Off(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	for range 100 {
		if err := (&httpkit.Throttle{Now: time.Now}).Check(t.Context(), h, "192.0.2.1", access.Actor{}, access.ViewUser); err != nil || len(h) > 0 {
			t.Fatalf("got %v, %v", err, h)
		}
	}
}

// Requests at once do not exceed the quota, and addresses beyond what is kept
// do not use up the memory.
func TestThrottle_AtOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	throttle := &httpkit.Throttle{Anonymous: httpkit.Quota{Limit: 50, Window: time.Hour}, Now: func() time.Time { return now }}
	var allowed atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if throttle.Check(t.Context(), http.Header{}, "192.0.2.1", access.Actor{}, access.ViewUser) == nil {
				allowed.Add(1)
			}
		})
	}
	all.Wait()
	if allowed.Load() != 50 {
		t.Errorf("got %d requests allowed of 200, want 50", allowed.Load())
	}
	for i := range 250_000 {
		if err := throttle.Check(t.Context(), http.Header{}, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), access.Actor{}, access.ViewUser); err != nil {
			t.Fatal(err)
		}
	}
	if n := httpkit.Buckets(throttle); n > 100_000 {
		t.Errorf("got %d addresses kept", n)
	}
}

// shared is a count of several processes that may fail.
type shared struct {
	left int
	wait time.Duration
	err  error
}

func (s *shared) Take(context.Context, string, int, time.Duration) (int, time.Duration, error) {
	return s.left, s.wait, s.err
}

// A shared count decides, and while it fails each process counts by itself.
func TestThrottle_Shared(t *testing.T) {
	t.Parallel()
	count := &shared{left: 1}
	throttle := &httpkit.Throttle{Anonymous: httpkit.Quota{Limit: 2, Window: time.Minute}, Now: time.Now, Shared: count}
	for i, step := range []struct {
		count shared
		limit string
		fails bool
	}{
		{shared{left: 1}, `"anonymous";r=1;t=30`, false},
		{shared{wait: 30 * time.Second}, `"anonymous";r=0;t=60`, true},
		{shared{err: io.EOF}, `"anonymous";r=1;t=30`, false},
		{shared{err: io.EOF}, `"anonymous";r=0;t=60`, false},
		{shared{err: io.EOF}, `"anonymous";r=0;t=60`, true},
	} {
		*count = step.count
		h := http.Header{}
		err := throttle.Check(t.Context(), h, "192.0.2.1", access.Actor{}, access.ViewUser)
		if (err != nil) != step.fails || h.Get("RateLimit") != step.limit {
			t.Errorf("step %d: got %v, %s, want %s", i, err, h.Get("RateLimit"), step.limit)
		}
	}
}

// A scope has a quota beside that of the account, for each account and address.
func TestThrottle_Scopes(t *testing.T) {
	t.Parallel()
	now := time.Now()
	write := httpkit.ScopeQuota{Name: "users:write", Quota: httpkit.Quota{Limit: 1, Window: time.Minute}}
	throttle := &httpkit.Throttle{
		Account: httpkit.Quota{Limit: 9, Window: time.Hour}, Now: func() time.Time { return now },
		Scopes: map[access.Permission]httpkit.ScopeQuota{access.AddUser: write, access.ChangeUser: write},
	}
	ann, bob := access.NewActor(access.Account{ID: 7}), access.NewActor(access.Account{ID: 8})
	for i, step := range []struct {
		actor      access.Actor
		permission access.Permission
		limits     string
		fails      bool
	}{
		{ann, access.ViewUser, `"account";r=8;t=400`, false},
		{ann, access.AddUser, `"account";r=7;t=800, "users:write";r=0;t=60`, false},
		{ann, access.ChangeUser, `"account";r=6;t=1200, "users:write";r=0;t=60`, true},
		{bob, access.ChangeUser, `"account";r=8;t=400, "users:write";r=0;t=60`, false},
		{access.Actor{}, access.AddUser, `"users:write";r=0;t=60`, false},
		{access.Actor{}, access.AddUser, `"users:write";r=0;t=60`, true},
		{access.Actor{}, access.ViewUser, ``, false},
	} {
		h := http.Header{}
		err := throttle.Check(t.Context(), h, "192.0.2.1", step.actor, step.permission)
		if got := strings.Join(h.Values("RateLimit"), ", "); got != step.limits || (err != nil) != step.fails {
			t.Errorf("step %d: got %v, %s, want %s", i, err, got, step.limits)
		}
	}
}
