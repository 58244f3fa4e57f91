package mysql

import (
	"context"
	"math/rand/v2"
	"time"

	"roster/internal/store/sqldb"
)

// tries is how often a call runs at most, and pause about how long it waits
// before it runs again.
const (
	tries = 3
	pause = 10 * time.Millisecond
)

// Read lends a connection to fn, again when it breaks, and gives the error a
// kind. Under a relaxed context it is one to a replica, when one is in use; what
// fails there is read from the primary. name says in the log what was slow or
// failed.
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
		r.leaveOut(replicaErr, restAfter) // the query is not at fault
	}
	return err
}

// Known knows no counts.
func (*Engine) Known(int) (n int64, generation uint64, ok bool) { return 0, 0, false }

// Generation knows none: MySQL does not report whether anything was committed.
func (*Engine) Generation() (generation uint64, ok bool) { return 0, false }

// call lends a connection to fn, and again while that may help. ctx counts
// until fn has begun.
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
		time.Sleep(pause/2 + rand.N(pause<<try)) //nolint:gosec // it only keeps two from moving in step
	}
	err = faultOf(err)
	e.log.Note(ctx, name, time.Since(start), err)
	return err
}
