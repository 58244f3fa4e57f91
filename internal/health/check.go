package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// check is a readiness check. However many probes ask, and however long it
// hangs, it runs once at a time: probes that ask meanwhile share the run.
type check struct {
	name string
	run  func(ctx context.Context) error
	log  *slog.Logger

	optional bool // readiness does not depend on it

	mu      sync.Mutex
	current *call
	failing bool
}

// call is one run of a check.
type call struct {
	done chan struct{} // closed when err is set
	err  error
}

// result returns the result of the run under way, or else of a new one. It
// returns an error when ctx ends before.
func (c *check) result(ctx context.Context) error {
	running := c.join(ctx)
	select {
	case <-running.done:
		return running.err
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) { // and not a prober that went away
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

// perform runs the check for every probe that has joined, so that one that
// goes away does not end it for the others.
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

// protect turns a panic of the check into its failure.
func (c *check) protect(ctx context.Context) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return c.run(ctx)
}

// note logs when the check begins to fail, and when it is well again.
func (c *check) note(err error) {
	c.mu.Lock()
	changed := c.failing != (err != nil)
	c.failing = err != nil
	c.mu.Unlock()
	switch {
	case changed && err != nil:
		c.log.Warn("readiness check failed", "check", c.name, "error", err)
	case changed:
		c.log.Info("readiness check is well again", "check", c.name)
	}
}
