package mysql

import (
	"context"
	"sync"
	"time"

	"roster/internal/query"
	"roster/internal/store/sqldb"
)

// countPatience is how long those who want a count wait for another one to
// end: a connection may hang that others would not meet.
const countPatience = time.Second

// Count counts with a statement. To count reads a whole index, so callers share: one
// count of a kind runs at a time, and those who come meanwhile all wait for the
// next one. No caller gets a count that began before its call, so each sees
// all that was committed by then, by any process. Counts that may lag are
// shared apart.
func (e *Engine) Count(ctx context.Context, which int, statement string) (int64, error) {
	shared, own := &e.counts[which], context.Background()
	if !query.IsFresh(ctx) {
		shared, own = &e.relaxed[which], query.Relaxed(own)
	}
	return shared.wait(ctx, func() (n int64, err error) {
		// None of those who share decides how long or where it runs.
		err = e.Read(own, "count users", func(c sqldb.Conn) error {
			n, err = sqldb.Integer(c, statement)
			return err
		})
		return n, err
	})
}

// sharedCount lets callers share counts. The zero value is ready to use. It is
// safe for concurrent use.
type sharedCount struct {
	mu      sync.Mutex
	running *counting // the last one that began, unless it has ended or takes too long
	next    *counting // the one that begins after it; nil when no one waits for one
}

// counting is a count that is shared. Its result is there once it is done.
type counting struct {
	take func() (int64, error)
	done chan struct{}
	n    int64
	err  error
}

// wait returns what a take that begins after the call has returned, its own or
// another caller's. It waits no longer than until ctx is done; the take
// goes on.
func (s *sharedCount) wait(ctx context.Context, take func() (int64, error)) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	c := s.join(take)
	select {
	case <-c.done:
		return c.n, c.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// join returns the count that begins next, now when none runs.
func (s *sharedCount) join(take func() (int64, error)) *counting {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		s.next = &counting{take: take, done: make(chan struct{})}
	}
	joined := s.next
	if s.running == nil {
		s.begin()
	}
	return joined
}

// begin starts the next count, if someone waits for one; no caller joins it
// any more. It is called with the lock.
func (s *sharedCount) begin() {
	c := s.next
	s.running, s.next = c, nil
	if c == nil {
		return
	}
	late := time.AfterFunc(countPatience, func() { s.pass(c) })
	go func() {
		c.n, c.err = c.take()
		close(c.done)
		late.Stop()
		s.pass(c)
	}()
}

// pass lets the next count begin after c, unless that was done.
func (s *sharedCount) pass(c *counting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == c {
		s.begin()
	}
}
