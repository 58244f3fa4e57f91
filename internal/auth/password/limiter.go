package password

import (
	"context"
	"time"

	"roster/internal/fault"
	"roster/internal/secret"
)

// Limiter limits concurrent hashing, so that a flood of logins leaves CPU for
// everything else. Further calls wait, up to twice the limit; beyond that,
// calls fail immediately with kind fault.Unavailable and RetryAfter. It is safe
// for concurrent use.
type Limiter struct {
	hasher  *Hasher
	running chan struct{}
	inside  chan struct{} // running or waiting
}

const (
	waitingPerRunning = 2
	// retryAfter is roughly how long a full queue takes with the slower
	// algorithm.
	retryAfter = time.Second
)

// NewLimiter returns a Limiter that runs at most parallel hashes at a time, at
// least one. Use the number of CPUs, because hashing is CPU-bound.
func NewLimiter(h *Hasher, parallel int) *Limiter {
	parallel = max(parallel, 1)
	return &Limiter{
		hasher:  h,
		running: make(chan struct{}, parallel),
		inside:  make(chan struct{}, parallel*(1+waitingPerRunning)),
	}
}

// Hash calls Hasher.Hash within the limit. It returns ctx's error if ctx ends
// while waiting; a started hash is completed.
func (l *Limiter) Hash(ctx context.Context, password secret.Text) (encoded string, err error) {
	err = l.do(ctx, func() (err error) {
		encoded, err = l.hasher.Hash(password)
		return err
	})
	return encoded, err
}

// Verify calls Hasher.Verify within the limit. It returns ctx's error if ctx
// ends while waiting; a started hash is completed.
func (l *Limiter) Verify(ctx context.Context, encoded string, password secret.Text) (ok, outdated bool, err error) {
	err = l.do(ctx, func() (err error) {
		ok, outdated, err = l.hasher.Verify(encoded, password)
		return err
	})
	return ok, outdated, err
}

// do runs work when a slot is free.
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
		return err // select picks either if both are ready
	}
	return work()
}
