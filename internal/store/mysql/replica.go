package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"roster/internal/fault"
	"roster/internal/query"
	"roster/internal/store/sqldb"
)

// MaxLag is the maximum lag of a replica in use: it has every transaction
// acknowledged that long ago.
const MaxLag = 5 * time.Second

// restAfter is how long a replica is not used after it rejected a query that
// the primary answered, for example because it lacks a table.
const restAfter = 30 * time.Second

// replica is a read replica of the primary.
type replica struct {
	server

	probe *sql.DB // a separate connection, independent of a busy pool
	log   sqldb.Journal
	busy  atomic.Int64 // number of running reads

	mu     sync.Mutex      // guards the following fields
	hasAll time.Time       // it has everything committed before; zero while not in use
	rests  time.Time       // not in use until then
	why    string          // why it is not in use, as last logged
	alive  context.Context // of the running reads; done when the replica stops responding
	giveUp context.CancelFunc
}

func newReplica(o Options, address string, log sqldb.Journal) (*replica, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("DB_REPLICA_HOSTS: %w", err)
	}
	if o.Port, err = strconv.Atoi(port); err != nil {
		return nil, fmt.Errorf("DB_REPLICA_HOSTS: %w", err)
	}
	o.Host = host
	pool, err := newServer(o)
	if err != nil {
		return nil, err
	}
	probe, err := newProbe(o)
	if err != nil {
		return nil, sqldb.FirstError(err, pool.db.Close())
	}
	r := &replica{server: pool, probe: probe, log: log}
	r.alive, r.giveUp = context.WithCancel(context.Background())
	return r, nil
}

func (r *replica) close() error {
	r.giveUp()
	return sqldb.FirstError(r.probe.Close(), r.db.Close())
}

// pick returns the usable replica with the fewest running reads, or nil for the
// primary.
func (e *Engine) pick(ctx context.Context) (best *replica) {
	if len(e.replicas) == 0 || query.IsFresh(ctx) {
		return nil
	}
	now, first := time.Now(), e.turn.Add(1)
	for i := range uint64(len(e.replicas)) {
		r := e.replicas[(first+i)%uint64(len(e.replicas))]
		if r.serves(now) && (best == nil || r.busy.Load() < best.busy.Load()) {
			best = r
		}
	}
	return best
}

// serves reports whether the replica is in use.
func (r *replica) serves(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Sub(r.hasAll) <= r.options.maxLag
}

// use puts the replica into use: it has everything committed before then.
func (r *replica) use(then time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Now().Before(r.rests) {
		return
	}
	if r.hasAll.IsZero() {
		r.log.Info("read replica is in use", "replica", r.options.address())
	}
	r.hasAll, r.why = then, ""
}

// leaveOut takes the replica out of use for at least rest, and logs new
// reasons.
func (r *replica) leaveOut(cause error, rest time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	why := cause.Error()
	if isAway(cause) {
		why = "it is unavailable" // errors contain ports and differ each time
	}
	if r.why != why {
		r.log.Warn("read replica is not used", "replica", r.options.address(), "error", cause)
		r.why = why
	}
	r.hasAll = time.Time{}
	if rest > 0 {
		r.rests = time.Now().Add(rest)
	}
}

// endReads ends the running reads, which continue on the primary.
func (r *replica) endReads() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.giveUp()
	r.alive, r.giveUp = context.WithCancel(context.Background())
}

func (r *replica) reading() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.alive
}

// read passes a connection to fn once. ctx, and the connect timeout, bound the
// wait for it.
func (r *replica) read(ctx context.Context, fn func(*conn) error) error {
	r.busy.Add(1)
	defer r.busy.Add(-1)
	alive := r.reading()
	waiting, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	defer context.AfterFunc(alive, cancel)()
	return r.lend(waiting, func(c *conn) error {
		c.ctx = alive
		return fn(c)
	})
}

// readReplica runs fn on a replica. It returns false if that failed and the
// primary should be used.
func (e *Engine) readReplica(ctx context.Context, r *replica, name string, fn func(*conn) error) (settled bool, err error) {
	leave, err := e.enter()
	if err != nil {
		return true, err
	}
	defer leave()
	start := time.Now()
	err = r.read(ctx, fn)
	if err == nil || isVerdict(err) {
		e.log.Note(ctx, name, time.Since(start), err)
		return true, err
	}
	if ctx.Err() == nil && isAway(err) {
		r.leaveOut(err, 0) // until it responds again
	}
	return false, err
}

// isVerdict reports whether the error is a result of fn, such as a missing row:
// the database's own errors have no kind yet.
func isVerdict(err error) bool {
	_, ok := errors.AsType[*fault.Error](err)
	return ok
}

// isRefusal reports whether the server responded that it cannot do it, which
// will not change soon.
func isRefusal(err error) bool {
	code := codeOf(err)
	return code != 0 && code != codeInterrupted && !isAway(err) && !isRepeatable(err)
}
