package mysql

import (
	"context"
	"sync"
	"time"

	"roster/internal/query"
	"roster/internal/store/sqldb"
)

// countPatience is how long callers wait for another count to finish, whose
// connection may hang.
const countPatience = time.Second

// Count counts with a statement. A count reads a whole index, so callers share:
// one count of a kind runs at a time, and callers that arrive meanwhile wait
// for the next one. No caller gets a count that began before its call, so each
// sees all commits until then, by any process. Relaxed counts are shared
// separately.
func (e *Engine) Count(ctx context.Context, which int, statement string) (int64, error) {
	shared, own := &e.counts[which], context.Background()
	if !query.IsFresh(ctx) {
		shared, own = &e.relaxed[which], query.Relaxed(own)
	}
	return shared.wait(ctx, func() (n int64, err error) {
		// No single caller determines how long or where a shared count runs.
		err = e.Read(own, "count users", func(c sqldb.Conn) error {
			n, err = sqldb.Integer(c, statement)
			return err
		})
		return n, err
	})
}

// sharedCount shares counts between callers. The zero value is ready to use. It
// is safe for concurrent use.
type sharedCount struct {
	mu      sync.Mutex
	running *counting // the last one started, unless it has finished or takes too long
	next    *counting // the next one; nil if no one waits for it
}

// counting is a shared count. Its result is available once it is done.
type counting struct {
	take func() (int64, error)
	done chan struct{}
	n    int64
	err  error
}

// wait returns the result of a take that starts after the call, its own or
// another caller's. It stops waiting when ctx is done; the take continues.
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

// join returns the next count, which starts now if none is running.
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

// begin starts the next count, if someone waits for it; no more callers join
// it. The caller holds the lock.
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

// pass lets the next count start after c, unless that already happened.
func (s *sharedCount) pass(c *counting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == c {
		s.begin()
	}
}
