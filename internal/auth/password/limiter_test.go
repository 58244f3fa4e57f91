package password_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/auth/password"
	"roster/internal/fault"
	"roster/internal/secret"
)

// TestLimiter_Storm: of 50 logins at once, two compute, four wait and the rest
// is refused at once; when the six are done, the next one gets in.
func TestLimiter_Storm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := password.NewLimiter(password.NewHasher(password.Argon2), 2)
		var done, refused atomic.Int64
		var running, most int
		var mu sync.Mutex
		count := func(by int) {
			mu.Lock()
			defer mu.Unlock()
			running += by
			most = max(most, running)
		}
		var calls sync.WaitGroup
		for range 50 {
			calls.Go(func() {
				err := l.Do(t.Context(), func() error {
					count(1)
					time.Sleep(time.Minute)
					count(-1)
					return nil
				})
				switch {
				case err == nil:
					done.Add(1)
				case fault.KindOf(err) == fault.Unavailable && fault.RetryAfter(err) == time.Second:
					refused.Add(1)
				default:
					t.Errorf("got %v, want an error that says when to try again", err)
				}
			})
		}
		synctest.Wait()
		if refused.Load() != 44 {
			t.Errorf("%d refused while the first two run, want 44", refused.Load())
		}
		calls.Wait()
		if most != 2 || done.Load() != 6 {
			t.Errorf("%d at once and %d done, want 2 and 6", most, done.Load())
		}
		if err := l.Do(t.Context(), func() error { return nil }); err != nil {
			t.Errorf("after the storm: got %v, want room", err)
		}
	})
}

func TestLimiter_ContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := password.NewLimiter(password.NewHasher(password.Argon2), 1)
		release := make(chan struct{})
		go func() { _ = l.Do(context.Background(), func() error { <-release; return nil }) }()
		synctest.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err := l.Verify(ctx, "", secret.New("x"))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while waiting: got %v, want the deadline", err)
		}
		close(release)
		synctest.Wait()
		if _, err := l.Hash(ctx, secret.New("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("already over: got %v, want the deadline and no work", err)
		}
		if err := l.Do(t.Context(), func() error { return nil }); err != nil {
			t.Errorf("got %v, want the place of those who left", err)
		}
	})
}

func TestLimiter_Panic(t *testing.T) {
	t.Parallel()
	l := password.NewLimiter(password.NewHasher(password.Argon2), 0) // at least one runs
	for range 10 {
		func() {
			defer func() { _ = recover() }()
			_ = l.Do(t.Context(), func() error { panic("work") })
		}()
	}
	if err := l.Do(t.Context(), func() error { return nil }); err != nil {
		t.Errorf("got %v, want every place given back", err)
	}
}

func TestLimiter_HashAndVerify(t *testing.T) {
	t.Parallel()
	l := password.NewLimiter(password.NewHasher(password.Argon2), 2)
	encoded, err := l.Hash(t.Context(), secret.New("Corr3ct-horse"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"Corr3ct-horse": true, "corr3ct-horse": false} {
		ok, outdated, err := l.Verify(t.Context(), encoded, secret.New(text))
		if ok != want || outdated || err != nil {
			t.Errorf("%s: got %t, outdated %t, %v, want %t", text, ok, outdated, err, want)
		}
	}
	if _, _, err := l.Verify(t.Context(), "sha1$x$y", secret.New("x")); err == nil {
		t.Error("got no error for a hash that cannot be read")
	}
}
