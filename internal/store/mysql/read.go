package mysql

import (
	"context"
	"math/rand/v2"
	"time"

	"roster/internal/store/engine"
)

// tries is how often a call runs at most, and pause about how long it waits
// before it runs again.
const (
	tries = 3
	pause = 10 * time.Millisecond
)

// Read lends a connection to fn, again when it breaks, and gives the error a
// kind. name says in the log what was slow or failed.
func (e *Engine) Read(ctx context.Context, name string, fn func(engine.Conn) error) error {
	return e.call(ctx, name, func(c *conn) error { return fn(c) })
}

// Known knows no counts.
func (*Engine) Known(int) (n int64, generation uint64, ok bool) { return 0, 0, false }

// Generation cannot tell: MySQL does not say whether anything was committed.
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
