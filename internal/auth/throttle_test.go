package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/auth"
	"roster/internal/fault"
)

// clock is a time that stands still until a test moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newThrottle() (*auth.LoginThrottle, *clock) {
	c := newClock()
	return auth.NewLoginThrottle(auth.NewSteadyCounters(), auth.DefaultLoginRates(), c.Now), c
}

// at is an attempt of a stranger at a name without an account.
func at(name, address string) auth.Attempt {
	a, _ := netip.ParseAddr(address)
	return auth.Attempt{Name: name, Address: a}
}

// tries takes permits until one is refused, and returns how many it got and the error.
func tries(t *testing.T, throttle *auth.LoginThrottle, account, address string) (n int, err error) {
	t.Helper()
	for ; n < 1000; n++ {
		if _, err = throttle.Take(t.Context(), at(account, address)); err != nil {
			return n, err
		}
	}
	return n, nil
}

// TestLoginThrottle_Storm: of 200 tries at once on one account, from one
// address or from as many, ten are looked at; another account logs in meanwhile.
func TestLoginThrottle_Storm(t *testing.T) {
	t.Parallel()
	addresses := map[string]func(i int) string{
		"one address":   func(int) string { return "127.0.0.1" },
		"200 addresses": func(i int) string { return fmt.Sprintf("198.51.100.%d", i) },
	}
	for name, address := range addresses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			throttle, _ := newThrottle()
			var calls sync.WaitGroup
			var allowed atomic.Int64
			for i := range 200 {
				calls.Go(func() {
					_, err := throttle.Take(t.Context(), at("boss", address(i)))
					if err == nil {
						allowed.Add(1)
					} else if fault.KindOf(err) != fault.Throttled {
						t.Errorf("got %v, want it throttled", err)
					}
				})
			}
			calls.Wait()
			if allowed.Load() != 10 {
				t.Errorf("%d tries allowed, want 10", allowed.Load())
			}
			if _, err := throttle.Take(t.Context(), at("editor", address(0))); err != nil {
				t.Errorf("another account: got %v, want a permit", err)
			}
		})
	}
}

func TestLoginThrottle_WindowEnds(t *testing.T) {
	t.Parallel()
	throttle, c := newThrottle()
	if n, err := tries(t, throttle, "boss", "192.0.2.1"); n != 10 || fault.RetryAfter(err) != 5*time.Minute {
		t.Fatalf("got %d tries, then wait %v, want 10 and 5 minutes", n, fault.RetryAfter(err))
	}
	c.Advance(5*time.Minute - time.Second)
	if n, err := tries(t, throttle, "boss", "192.0.2.1"); n != 0 || fault.RetryAfter(err) != time.Second {
		t.Errorf("a second before the end: got %d tries, then wait %v, want 0 and 1 s", n, fault.RetryAfter(err))
	}
	c.Advance(time.Second)
	if n, _ := tries(t, throttle, "boss", "192.0.2.1"); n != 10 {
		t.Errorf("at the end: got %d tries, want 10", n)
	}
}

// TestLoginThrottle_Address: what is tried on many accounts from one address
// is bounded too, and a try that the address forbids costs its account nothing.
func TestLoginThrottle_Address(t *testing.T) {
	t.Parallel()
	throttle, c := newThrottle()
	for i := range 30 {
		if _, err := throttle.Take(t.Context(), at(fmt.Sprint("user", i), "192.0.2.1")); err != nil {
			t.Fatalf("account %d: got %v", i, err)
		}
	}
	n, err := tries(t, throttle, "boss", "192.0.2.1")
	if n != 0 || fault.RetryAfter(err) != time.Minute {
		t.Errorf("got %d tries, then %v, want none for a minute", n, err)
	}
	if n, _ := tries(t, throttle, "boss", "192.0.2.2"); n != 10 {
		t.Errorf("from another address: got %d tries, want all 10", n)
	}
	c.Advance(time.Minute)
	if n, _ := tries(t, throttle, "editor", "192.0.2.1"); n != 10 {
		t.Errorf("a minute later: got %d tries, want 10", n)
	}
}

func TestLoginThrottle_SuccessDoesNotCount(t *testing.T) {
	t.Parallel()
	throttle, _ := newThrottle()
	for i := range 100 {
		p, err := throttle.Take(t.Context(), at("boss", "192.0.2.1"))
		if err != nil {
			t.Fatalf("login %d: got %v", i, err)
		}
		if err := throttle.GiveBack(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if n, _ := tries(t, throttle, "boss", "192.0.2.1"); n != 10 {
		t.Errorf("after 100 logins: got %d tries, want 10", n)
	}
}

// TestLoginThrottle_SuccessForgetsNothing: owning an account is of no help
// against another one, nor does its owner's login help an attacker.
func TestLoginThrottle_SuccessForgetsNothing(t *testing.T) {
	t.Parallel()
	throttle, _ := newThrottle()
	for i := range 9 {
		if _, err := throttle.Take(t.Context(), at("boss", "192.0.2.1")); err != nil {
			t.Fatalf("try %d: got %v", i, err)
		}
	}
	p, err := throttle.Take(t.Context(), at("boss", "192.0.2.1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := throttle.GiveBack(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if n, _ := tries(t, throttle, "boss", "192.0.2.1"); n != 1 {
		t.Errorf("after a login: got %d tries, want the one that was left", n)
	}
}

// TestLoginThrottle_LateGiveBack: a login that took longer than the window
// does not make room in the next one.
func TestLoginThrottle_LateGiveBack(t *testing.T) {
	t.Parallel()
	throttle, c := newThrottle()
	p, err := throttle.Take(t.Context(), at("boss", "192.0.2.1"))
	if err != nil {
		t.Fatal(err)
	}
	c.Advance(5 * time.Minute)
	if n, _ := tries(t, throttle, "boss", "192.0.2.2"); n != 10 {
		t.Fatalf("got %d tries, want 10", n)
	}
	if err := throttle.GiveBack(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if n, _ := tries(t, throttle, "boss", "192.0.2.2"); n != 0 {
		t.Errorf("got %d more tries, want none", n)
	}
}

func TestLoginThrottle_SameAccount(t *testing.T) {
	t.Parallel()
	throttle, _ := newThrottle()
	spellings := []string{"boss", "BOSS", "Boss", "ｂｏｓｓ", "boſs", "boss ", "\nboss", "\x1cboss\u00a0", "bóss", "bo\u0302ss"}
	for i := range 10 {
		if _, err := throttle.Take(t.Context(), at(spellings[i%len(spellings)], "")); err != nil {
			t.Fatalf("try %d: got %v", i, err)
		}
	}
	for _, spelling := range spellings {
		if n, _ := tries(t, throttle, spelling, "192.0.2.1"); n != 0 {
			t.Errorf("%s: got %d tries, want none", spelling, n)
		}
	}
}

func TestLoginThrottle_SameAddress(t *testing.T) {
	t.Parallel()
	tests := []struct {
		first, second string
		same          bool
	}{
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::1%eth1", true},
	}
	for _, tt := range tests {
		throttle, _ := newThrottle()
		for i := range 30 {
			if _, err := throttle.Take(t.Context(), at(fmt.Sprint("user", i), tt.first)); err != nil {
				t.Fatalf("%s: try %d: got %v", tt.first, i, err)
			}
		}
		n, _ := tries(t, throttle, "boss", tt.second)
		if same := n == 0; same != tt.same {
			t.Errorf("%s and %s: got %d tries after 30, want one address: %t", tt.first, tt.second, n, tt.same)
		}
	}
}

// brokenCounters fail, as a database that is away does.
type brokenCounters struct{ uses *[]auth.Use }

var errBroken = errors.New("connection refused")

func (b brokenCounters) Take(_ context.Context, _ time.Time, uses ...auth.Use) (time.Duration, error) {
	*b.uses = append(*b.uses, uses...)
	return 0, errBroken
}

func (brokenCounters) GiveBack(context.Context, time.Time, ...auth.Use) error { return errBroken }

func TestLoginThrottle_FailsClosed(t *testing.T) {
	t.Parallel()
	var uses []auth.Use
	throttle := auth.NewLoginThrottle(brokenCounters{&uses}, auth.DefaultLoginRates(), newClock().Now)
	_, err := throttle.Take(t.Context(), at("hunter2", "192.0.2.1"))
	if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, errBroken) {
		t.Errorf("got %v, want it unavailable because of the counters", err)
	}
	for _, u := range uses {
		if strings.Contains(u.Key, "hunter2") {
			t.Errorf("the key %s shows what was typed", u.Key)
		}
	}
}
