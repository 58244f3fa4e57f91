package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// check is a readiness check. It runs at most once at a time, even if it hangs:
// concurrent probes share a run.
type check struct {
	name string
	run  func(ctx context.Context) error
	log  *slog.Logger

	optional bool // does not affect readiness

	mu      sync.Mutex
	current *call
	failing bool
}

// call is one run of a check.
type call struct {
	done chan struct{} // closed when err is set
	err  error
}

// result returns the result of the current run, or of a new one. It returns an
// error if ctx ends first.
func (c *check) result(ctx context.Context) error {
	running := c.join(ctx)
	select {
	case <-running.done:
		return running.err
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) { // rather than a client that disconnected
		c.note(ctx.Err())
	}
	return ctx.Err()
}

func (c *check) join(ctx context.Context) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == nil {
		c.current = &call{done: make(chan struct{})}
		go c.perform(context.WithoutCancel(ctx), c.current)
	}
	return c.current
}

// perform runs the check for every probe that has joined, so that a client that
// disconnects does not end it for the others.
func (c *check) perform(ctx context.Context, running *call) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	running.err = c.protect(ctx)
	c.note(running.err)
	c.mu.Lock()
	c.current = nil
	c.mu.Unlock()
	close(running.done)
}

// protect turns a panic of the check into an error.
func (c *check) protect(ctx context.Context) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return c.run(ctx)
}

// note logs when the check starts to fail, and when it recovers.
func (c *check) note(err error) {
	c.mu.Lock()
	changed := c.failing != (err != nil)
	c.failing = err != nil
	c.mu.Unlock()
	switch {
	case changed && err != nil:
		c.log.Warn("readiness check failed", "check", c.name, "error", err)
	case changed:
		c.log.Info("readiness check recovered", "check", c.name)
	}
}
