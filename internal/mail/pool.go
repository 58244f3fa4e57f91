package mail

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// errClosed is why a closed pool lets nobody in.
var errClosed = errors.New("mail is shutting down")

// pool bounds the connections and keeps those that are idle. The one that was
// used last is used first, so that the others can expire.
type pool struct {
	places chan struct{}
	idle   time.Duration
	busy   sync.WaitGroup // who is inside, and connections that say goodbye

	mu     sync.Mutex
	kept   []*conn
	closed bool
}

func newPool(size int, idle time.Duration) *pool {
	return &pool{places: make(chan struct{}, size), idle: idle}
}

// enter waits for a place; leave gives it back.
func (p *pool) enter(ctx context.Context) error {
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		<-p.places
		return errClosed
	}
	p.busy.Add(1)
	return nil
}

func (p *pool) leave() {
	<-p.places
	p.busy.Done()
}

// take returns a kept connection, nil when there is none.
func (p *pool) take() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.kept) - 1
	if last < 0 {
		return nil
	}
	c := p.kept[last]
	p.kept = p.kept[:last]
	c.expiry.Stop() // when it comes too late, expire finds that the connection is gone
	return c
}

// put keeps a connection until it is taken, expires, or the pool is closed.
func (p *pool) put(c *conn) {
	if !p.keep(c) {
		c.quit()
	}
}

func (p *pool) keep(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	c.expiry = time.AfterFunc(p.idle, func() { p.expire(c) })
	p.kept = append(p.kept, c)
	return true
}

func (p *pool) expire(c *conn) {
	p.mu.Lock()
	i := slices.Index(p.kept, c)
	if i >= 0 {
		p.kept = slices.Delete(p.kept, i, i+1)
		p.busy.Add(1)
	}
	p.mu.Unlock()
	if i >= 0 {
		c.quit()
		p.busy.Done()
	}
}

// close ends what is kept, lets nobody in any more, and waits for those inside.
func (p *pool) close() {
	p.mu.Lock()
	kept := p.kept
	p.kept, p.closed = nil, true
	p.mu.Unlock()
	for _, c := range kept { // all at once: each may have to wait for its goodbye
		c.expiry.Stop()
		p.busy.Go(c.quit)
	}
	p.busy.Wait()
}
