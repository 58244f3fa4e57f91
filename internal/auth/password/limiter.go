package password

import (
	"context"
	"time"

	"roster/internal/fault"
	"roster/internal/secret"
)

// Limiter bounds how many passwords are hashed at once, so that a storm of
// logins leaves the CPU to everything else. Those beyond wait, twice as many as
// may run; those beyond them are refused at once with an error of kind
// fault.Unavailable that says when to try again. It is safe for concurrent use.
type Limiter struct {
	hasher  *Hasher
	running chan struct{}
	inside  chan struct{} // running or waiting
}

const (
	waitingPerRunning = 2
	// retryAfter is about what a full queue takes with the slower of our algorithms.
	retryAfter = time.Second
)

// NewLimiter returns a Limiter that runs at most parallel hashes at once, at
// least one: the number of CPUs is right, as hashing does nothing but compute.
func NewLimiter(h *Hasher, parallel int) *Limiter {
	parallel = max(parallel, 1)
	return &Limiter{
		hasher:  h,
		running: make(chan struct{}, parallel),
		inside:  make(chan struct{}, parallel*(1+waitingPerRunning)),
	}
}

// Hash is Hasher.Hash within the bound. It returns ctx's error when ctx ends
// while it waits; a hash that has begun is finished.
func (l *Limiter) Hash(ctx context.Context, password secret.Text) (encoded string, err error) {
	err = l.do(ctx, func() (err error) {
		encoded, err = l.hasher.Hash(password)
		return err
	})
	return encoded, err
}

// Verify is Hasher.Verify within the bound. It returns ctx's error when ctx
// ends while it waits; a hash that has begun is finished.
func (l *Limiter) Verify(ctx context.Context, encoded string, password secret.Text) (ok, outdated bool, err error) {
	err = l.do(ctx, func() (err error) {
		ok, outdated, err = l.hasher.Verify(encoded, password)
		return err
	})
	return ok, outdated, err
}

// do runs work when it is its turn.
func (l *Limiter) do(ctx context.Context, work func() error) error {
	select {
	case l.inside <- struct{}{}:
	default:
		return &fault.Error{Kind: fault.Unavailable, Message: "Too many people are logging in at the moment.", RetryAfter: retryAfter}
	}
	defer func() { <-l.inside }()
	select {
	case l.running <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.running }()
	if err := ctx.Err(); err != nil {
		return err // select takes either when both are ready
	}
	return work()
}
