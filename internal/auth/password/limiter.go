package password

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"roster/internal/fault"
	"roster/internal/secret"
)

// Limiter limits concurrent hashing, so that a flood of logins leaves CPU and
// memory for everything else. Further calls wait, up to twice the number that can
// run; beyond that, calls fail immediately with kind fault.Unavailable and
// RetryAfter. One client may have half of all places, but at least two. It is safe
// for concurrent use.
type Limiter struct {
	hasher *Hasher
	memory int64 // bytes
	least  int64 // bytes that each hash counts for, so that at most so many run as there are CPUs
	places int   // running or waiting
	share  int   // of the places, for one client
	free   *semaphore.Weighted

	mu      sync.Mutex
	taken   int
	clients map[string]int
}

const (
	waitingPerRunning = 2
	leastShare        = 2
	// retryAfter is roughly how long a full queue takes with the slower
	// algorithm.
	retryAfter = time.Second
)

// NewLimiter returns a Limiter that runs at most parallel hashes at a time, as far
// as they fit in that memory in bytes; one always runs. Use the number of CPUs,
// because hashing is CPU-bound. Without a limit of the memory, 0, there is enough
// for parallel new hashes.
func NewLimiter(h *Hasher, parallel int, memory int64) *Limiter {
	parallel = max(parallel, 1)
	own := h.target.memory()
	if memory == 0 {
		memory = max(own, Argon2.scheme().memory()) * int64(parallel)
	}
	memory = max(memory, own, int64(parallel))
	l := &Limiter{
		hasher: h, memory: memory, least: memory / int64(parallel),
		free: semaphore.NewWeighted(memory), clients: map[string]int{},
	}
	l.places = int(memory/l.weight(own)) * (1 + waitingPerRunning)
	l.share = max(l.places/2, leastShare)
	return l
}

// weight returns what a hash of that memory counts for. One that needs more than
// there is runs alone.
func (l *Limiter) weight(memory int64) int64 { return min(max(memory, l.least), l.memory) }

// Hash calls Hasher.Hash within the limit, for a client such as an address, ""
// without the limit of one client. It returns ctx's error if ctx ends while
// waiting; a started hash is completed.
func (l *Limiter) Hash(ctx context.Context, client string, password secret.Text) (encoded string, err error) {
	err = l.do(ctx, client, l.hasher.target.memory(), func() (err error) {
		encoded, err = l.hasher.Hash(password)
		return err
	})
	return encoded, err
}

// Verify calls Hasher.Verify within the limit, like Hash.
func (l *Limiter) Verify(ctx context.Context, client, encoded string, password secret.Text) (ok, outdated bool, err error) {
	err = l.do(ctx, client, l.hasher.memoryOf(encoded), func() (err error) {
		ok, outdated, err = l.hasher.Verify(encoded, password)
		return err
	})
	return ok, outdated, err
}

// do runs work when there is room for its memory in bytes.
func (l *Limiter) do(ctx context.Context, client string, memory int64, work func() error) error {
	if !l.enter(client) {
		return &fault.Error{Kind: fault.Unavailable, Message: "Too many people are logging in at the moment.", RetryAfter: retryAfter}
	}
	defer l.leave(client)
	if err := l.free.Acquire(ctx, l.weight(memory)); err != nil {
		return err
	}
	defer l.free.Release(l.weight(memory))
	if err := ctx.Err(); err != nil {
		return err // there was room, and the time was over
	}
	return work()
}

// enter takes a place, and reports whether there is one.
func (l *Limiter) enter(client string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.taken == l.places || client != "" && l.clients[client] == l.share {
		return false
	}
	l.taken++
	l.clients[client]++
	return true
}

func (l *Limiter) leave(client string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken--
	if l.clients[client]--; l.clients[client] == 0 {
		delete(l.clients, client)
	}
}
