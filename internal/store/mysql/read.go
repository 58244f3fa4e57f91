package mysql

import (
	"context"
	"math/rand/v2"
	"time"

	"roster/internal/store/sqldb"
)

// tries is the maximum number of attempts per call, and pause the approximate
// wait between them.
const (
	tries = 3
	pause = 10 * time.Millisecond
)

// Read passes a connection to fn, retries if it breaks, and adds a kind to the
// error. With a relaxed context, it uses a replica if one is in use; a failed
// read is retried on the primary. name identifies the operation in the log.
func (e *Engine) Read(ctx context.Context, name string, fn func(sqldb.Conn) error) error {
	read := func(c *conn) error { return fn(c) }
	r := e.pick(ctx)
	if r == nil {
		return e.call(ctx, name, read)
	}
	settled, replicaErr := e.readReplica(ctx, r, name, read)
	if settled {
		return replicaErr
	}
	err := e.call(ctx, name, read)
	if err == nil && isRefusal(replicaErr) {
		r.leaveOut(replicaErr, restAfter) // the query itself is valid
	}
	return err
}

// Known never knows a count.
func (*Engine) Known(int) (n int64, generation uint64, ok bool) { return 0, 0, false }

// Generation is never known: MySQL does not report commits.
func (*Engine) Generation() (generation uint64, ok bool) { return 0, false }

// call passes a connection to fn, and retries if that may help. ctx applies
// until fn has started.
func (e *Engine) call(ctx context.Context, name string, fn func(*conn) error) error {
	leave, err := e.enter()
	if err != nil {
		return err
	}
	defer leave()
	start, begun := time.Now(), false
	for try := 1; ; try++ {
		waiting, cancel := context.WithTimeout(ctx, ioTimeout)
		err = e.lend(waiting, func(c *conn) error {
			ctx, begun = context.WithoutCancel(ctx), true
			return fn(c)
		})
		cancel()
		if !begun && ctx.Err() != nil {
			return ctx.Err()
		}
		if try == tries || !isRepeatable(err) {
			break
		}
		time.Sleep(pause/2 + rand.N(pause<<try)) //nolint:gosec // jitter
	}
	err = faultOf(err)
	e.log.Note(ctx, name, time.Since(start), err)
	return err
}
