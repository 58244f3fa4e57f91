package mail

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// errClosed is returned by a closed pool.
var errClosed = errors.New("mail is shutting down")

// pool limits the number of connections and keeps idle ones. The most recently
// used one is reused first, so that the others can expire.
type pool struct {
	places chan struct{}
	idle   time.Duration
	busy   sync.WaitGroup // callers inside, and connections sending QUIT

	mu     sync.Mutex
	kept   []*conn
	closed bool
}

func newPool(size int, idle time.Duration) *pool {
	return &pool{places: make(chan struct{}, size), idle: idle}
}

// enter waits for a slot; leave releases it.
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

// take returns an idle connection, nil if there is none.
func (p *pool) take() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.kept) - 1
	if last < 0 {
		return nil
	}
	c := p.kept[last]
	p.kept = p.kept[:last]
	c.expiry.Stop() // if it is too late, expire finds the connection gone
	return c
}

// put keeps a connection until it is taken or expires, or the pool is closed.
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

// close closes idle connections, rejects new callers, and waits for those
// inside.
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
