package mysql

import (
	"context"
	"time"
)

// What the tests look into.
var (
	FaultOf      = faultOf
	IsRepeatable = isRepeatable
	IsAway       = isAway
	Lifetime     = lifetime
	CheckVersion = checkVersion
	CheckSession = checkSession
	AwaitServer  = awaitServer
)

// RefusalAt is Refusal of a database that was not opened.
func RefusalAt(o Options, err error) error {
	return (&Engine{server: server{options: o.withDefaults()}}).Refusal(err)
}

// Trim gives up connections as if it were time, and returns how many are open
// before and after.
func Trim(e *Engine) (before, after int) {
	before = e.db.Stats().OpenConnections
	e.trim()
	return before, e.db.Stats().OpenConnections
}

// SharedCount is sharedCount.
type SharedCount = sharedCount

// Wait is wait.
func (s *SharedCount) Wait(ctx context.Context, take func() (int64, error)) (int64, error) {
	return s.wait(ctx, take)
}

// UnknownOutcome wraps the error of a COMMIT.
func UnknownOutcome(err error) error { return outcomeError{err} }

// WithLag sets how much the replicas may lag, and has them checked often.
func WithLag(o Options, maxLag, checkTimeout time.Duration) Options {
	o.maxLag, o.checkEvery, o.checkTimeout = maxLag, 20*time.Millisecond, checkTimeout
	return o
}
