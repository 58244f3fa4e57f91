package mysql

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"roster/internal/store/sqldb"
)

// Engine is a database on a MySQL server, and on the replicas of it that the
// options name. It is safe for concurrent use.
type Engine struct {
	server // the primary

	replicas []*replica
	turn     atomic.Uint64 // which of them comes first when they are alike
	log      sqldb.Journal
	counts   [2]sharedCount // by the index of sqldb.Counts
	relaxed  [2]sharedCount // those that may lag

	mu     sync.Mutex // guards closed, and calls against it
	closed bool
	calls  sync.WaitGroup

	closing  chan struct{} // closed when closed becomes true
	tidying  sync.WaitGroup
	watching watch
}

// tidyEvery is how often connections are given up that are no longer needed.
const tidyEvery = time.Minute

// Open connects to the server, waiting for it as long as the options say. It
// refuses, in one line that names the setting, what it cannot connect to and
// servers that are not MySQL 8.0.17 or later. It does not wait for replicas.
func Open(ctx context.Context, o Options) (*Engine, error) {
	o = o.withDefaults()
	primary, err := newServer(o)
	if err != nil {
		return nil, err
	}
	e := &Engine{server: primary, log: sqldb.NewJournal(o.Logger, o.Observers), closing: make(chan struct{})}
	err = e.addReplicas()
	e.tidying.Go(e.tidy)
	if err == nil {
		err = e.await(ctx)
	}
	if err != nil {
		return nil, sqldb.FirstError(err, e.Close())
	}
	e.watchReplicas()
	return e, nil
}

// Close waits for the calls under way, then closes all connections. Only the
// first call does anything.
func (e *Engine) Close() error {
	e.mu.Lock()
	if !e.closed {
		e.closed = true
		close(e.closing)
	}
	e.mu.Unlock()
	e.calls.Wait()
	e.tidying.Wait()
	return sqldb.FirstError(e.closeReplicas(), e.db.Close())
}

// tidy gives up unused connections beyond the pool's size, now
// and then. To close each at once would have a busy server open and close
// connections all the time, and see some more than the limit.
func (e *Engine) tidy() {
	ticks := time.NewTicker(tidyEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			e.trim()
			for _, r := range e.replicas {
				r.trim()
			}
		case <-e.closing:
			return
		}
	}
}

// enter begins a call, which ends with leave.
func (e *Engine) enter() (leave func(), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, sqldb.ErrClosed
	}
	e.calls.Add(1)
	return e.calls.Done, nil
}

// await checks the server, again and again while none answers.
func (e *Engine) await(ctx context.Context) error {
	err := awaitServer(ctx, e.options.Wait, e.log.Logger, e.checkServer)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return e.refusalOf(err)
}
