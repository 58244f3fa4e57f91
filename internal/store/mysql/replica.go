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

// MaxLag is how much a replica in use may lack: it has every transaction that
// was acknowledged that long ago.
const MaxLag = 5 * time.Second

// restAfter is how long a replica is left out that refused what the primary
// answered, such as a query of a table that it does not have.
const restAfter = 30 * time.Second

// replica is a server that follows the primary.
type replica struct {
	server

	probe *sql.DB // a connection of its own, which a busy pool does not hold up
	log   sqldb.Journal
	busy  atomic.Int64 // how many reads are under way

	mu     sync.Mutex      // guards what follows
	hasAll time.Time       // it has what was committed before; zero while it is left out
	rests  time.Time       // it is left out until then
	why    string          // why it is left out, as last logged
	alive  context.Context // of the reads under way; done when the replica no longer answers
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

// pick returns the replica to read from: of those in use the one with the
// fewest reads under way. It returns nil when the primary must answer.
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

// use takes the replica into use: it has all that was committed before then.
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

// leaveOut takes the replica out of use, for rest at least, and logs why when
// the reason is new.
func (r *replica) leaveOut(cause error, rest time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	why := cause.Error()
	if isAway(cause) {
		why = "it is away" // the errors name ports and differ each time
	}
	if r.why != why {
		r.log.Warn("read replica is left out", "replica", r.options.address(), "error", cause)
		r.why = why
	}
	r.hasAll = time.Time{}
	if rest > 0 {
		r.rests = time.Now().Add(rest)
	}
}

// endReads ends the reads under way, which go on at the primary.
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

// read lends a connection to fn once. ctx, and the time to open a connection,
// bound the wait for it.
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

// readReplica runs fn on a replica. It reports false when that failed and the
// primary is to be asked.
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
		r.leaveOut(err, 0) // until it answers again
	}
	return false, err
}

// isVerdict reports whether fn has found what it looked for, or that it is not
// there: the database's own errors have no kind yet.
func isVerdict(err error) bool {
	_, ok := errors.AsType[*fault.Error](err)
	return ok
}

// isRefusal reports whether the server answered that it cannot do it, and will
// not soon.
func isRefusal(err error) bool {
	code := codeOf(err)
	return code != 0 && code != codeInterrupted && !isAway(err) && !isRepeatable(err)
}
