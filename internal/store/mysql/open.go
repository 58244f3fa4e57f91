package mysql

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"roster/internal/store/sqldb"
)

// Engine is a database on a MySQL server and its configured replicas. It is
// safe for concurrent use.
type Engine struct {
	server // the primary

	replicas []*replica
	turn     atomic.Uint64 // rotates among equal replicas
	log      sqldb.Journal
	counts   [2]sharedCount // by the index of sqldb.Counts
	relaxed  [2]sharedCount // relaxed counts

	mu     sync.Mutex // guards closed, and calls against it
	closed bool
	calls  sync.WaitGroup

	closing  chan struct{} // closed when closed becomes true
	tidying  sync.WaitGroup
	watching watch
}

// tidyEvery is the interval at which surplus connections are closed.
const tidyEvery = time.Minute

// Open connects to the server, and waits for it as configured. It returns a
// one-line error that names the setting if it cannot connect, or if the server
// is not MySQL 8.0.17 or later. It does not wait for replicas.
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

// Journal logs what the database finds.
func (e *Engine) Journal() sqldb.Journal { return e.log }

// Close waits for running calls, then closes all connections. It may be called
// repeatedly.
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

// tidy periodically closes idle connections beyond the pool's size. Closing
// each one immediately would make a busy server open and close connections
// constantly, and exceed the limit.
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

// enter begins a call, which leave ends.
func (e *Engine) enter() (leave func(), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, sqldb.ErrClosed
	}
	e.calls.Add(1)
	return e.calls.Done, nil
}

// await checks the server repeatedly until it responds.
func (e *Engine) await(ctx context.Context) error {
	err := awaitServer(ctx, e.options.Wait, e.log.Logger, e.checkServer)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return e.refusalOf(err)
}
