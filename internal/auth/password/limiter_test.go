package password_test

import (
	"context"
	"errors"
	"strings"
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
		l := password.NewLimiter(password.NewHasher(password.Argon2), 2, 0)
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
				err := l.Do(t.Context(), "", 0, func() error {
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
		if err := l.Do(t.Context(), "", 0, func() error { return nil }); err != nil {
			t.Errorf("after the storm: got %v, want room", err)
		}
	})
}

func TestLimiter_ContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := password.NewLimiter(password.NewHasher(password.Argon2), 1, 0)
		release := make(chan struct{})
		go func() { _ = l.Do(context.Background(), "", 0, func() error { <-release; return nil }) }()
		synctest.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err := l.Verify(ctx, "", "", secret.New("x"))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while waiting: got %v, want the deadline", err)
		}
		close(release)
		synctest.Wait()
		if _, err := l.Hash(ctx, "", secret.New("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("already over: got %v, want the deadline and no work", err)
		}
		if err := l.Do(t.Context(), "", 0, func() error { return nil }); err != nil {
			t.Errorf("got %v, want the place of those who left", err)
		}
	})
}

func TestLimiter_Panic(t *testing.T) {
	t.Parallel()
	l := password.NewLimiter(password.NewHasher(password.Argon2), 0, 0) // at least one runs
	for range 10 {
		func() {
			defer func() { _ = recover() }()
			_ = l.Do(t.Context(), "", 0, func() error { panic("work") })
		}()
	}
	if err := l.Do(t.Context(), "", 0, func() error { return nil }); err != nil {
		t.Errorf("got %v, want every place given back", err)
	}
}

func TestLimiter_HashAndVerify(t *testing.T) {
	t.Parallel()
	l := password.NewLimiter(password.NewHasher(password.Argon2), 2, 0)
	encoded, err := l.Hash(t.Context(), "192.0.2.1", secret.New("Corr3ct-horse"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"Corr3ct-horse": true, "corr3ct-horse": false} {
		ok, outdated, err := l.Verify(t.Context(), "192.0.2.1", encoded, secret.New(text))
		if ok != want || outdated || err != nil {
			t.Errorf("%s: got %t, outdated %t, %v, want %t", text, ok, outdated, err, want)
		}
	}
	if _, _, err := l.Verify(t.Context(), "", "sha1$x$y", secret.New("x")); err == nil {
		t.Error("got no error for a hash that cannot be read")
	}
}

// TestLimiter_Memory: as many hashes run as there are processors and as fit in the
// memory; one that needs more than there is runs alone.
func TestLimiter_Memory(t *testing.T) { //nolint:tparallel // its parts follow each other
	t.Parallel()
	const own = 19456 << 10 // bytes of a new hash
	tests := map[string]struct {
		parallel     int
		memory, each int64
		most, places int
	}{
		"512 MiB container, 16 cores": {16, 512 << 20 / 8, own, 3, 9},
		"two fit exactly":             {16, 2 * own, own, 2, 6},
		"one byte less":               {16, 2*own - 1, own, 1, 3},
		"less than one":               {16, own / 2, own, 1, 3},
		"one processor":               {1, 1 << 40, own, 1, 3},
		"four processors":             {4, 1 << 40, own, 4, 12},
		"not known":                   {4, 0, own, 4, 12},
		"a large stored hash":         {4, 4 * own, 3 * own, 1, 12},
		"one larger than the memory":  {4, 4 * own, 40 * own, 1, 12},
		"one without memory":          {4, 4 * own, 0, 4, 12},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := password.NewLimiter(password.NewHasher(password.Argon2), tt.parallel, tt.memory)
				var running, most, done atomic.Int64
				var calls sync.WaitGroup
				for range 50 {
					calls.Go(func() {
						if l.Do(t.Context(), "", tt.each, func() error {
							now := running.Add(1)
							for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
							}
							time.Sleep(time.Minute)
							running.Add(-1)
							return nil
						}) == nil {
							done.Add(1)
						}
					})
				}
				calls.Wait()
				if most.Load() != int64(tt.most) || done.Load() != int64(tt.places) {
					t.Errorf("got %d at once and %d done, want %d and %d", most.Load(), done.Load(), tt.most, tt.places)
				}
			})
		})
	}
}

// TestLimiter_OneClient: a client that floods takes half of the places, and others
// are served; one client may always have two.
func TestLimiter_OneClient(t *testing.T) {
	t.Parallel()
	for parallel, share := range map[int]int{1: 2, 2: 3, 4: 6} {
		synctest.Test(t, func(t *testing.T) {
			l := password.NewLimiter(password.NewHasher(password.Argon2), parallel, 0)
			var done, others atomic.Int64
			var calls sync.WaitGroup
			work := func() error { time.Sleep(time.Minute); return nil }
			for range 50 {
				calls.Go(func() {
					if l.Do(t.Context(), "192.0.2.1", 0, work) == nil {
						done.Add(1)
					}
				})
			}
			synctest.Wait()
			calls.Go(func() {
				if l.Do(t.Context(), "192.0.2.2", 0, work) == nil {
					others.Add(1)
				}
			})
			calls.Wait()
			if done.Load() != int64(share) || others.Load() != 1 {
				t.Errorf("%d at once: got %d of the client and %d of others, want %d and 1", parallel, done.Load(), others.Load(), share)
			}
			if l.Do(t.Context(), "192.0.2.1", 0, func() error { return nil }) != nil {
				t.Error("the client has no place after its flood")
			}
		})
	}
}

// TestLimiter_StoredHash: a stored hash counts for the memory of its parameters.
func TestLimiter_StoredHash(t *testing.T) {
	t.Parallel()
	h := password.NewHasher(password.PBKDF2SHA256)
	for encoded, want := range map[string]int64{
		"": 0, "!x": 0, "bogus$": 0, "pbkdf2_sha256$1$aaaaaaaaaaaaaaaaaaaaaa$" + strings.Repeat("A", 43) + "=": 0,
		"argon2$argon2id$v=19$m=102400,t=2,p=8$YWFhYWFhYWE$" + strings.Repeat("A", 43): 100 << 20,
		"scrypt$16384$salt$8$1$" + strings.Repeat("A", 86) + "==":                      128 * 8 * (16384 + 1),
	} {
		if got := password.MemoryOf(h, encoded); got != want {
			t.Errorf("%s: got %d, want %d", encoded, got, want)
		}
	}
}
