package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"roster/internal/store/sqldb"
)

// The interval and timeout of checks of each replica.
const (
	checkEvery   = time.Second
	checkTimeout = 2 * time.Second
)

// The GTIDs of the primary's commits. Without a binary log there are none.
const (
	selectCommitted = "SELECT @@GLOBAL.log_bin AND @@GLOBAL.gtid_mode IN ('ON', 'ON_PERMISSIVE'), @@GLOBAL.gtid_executed"
	selectReached   = "SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)"
)

var (
	errNoGTIDs = errors.New("its lag is unknown, because the primary has no binary log or its gtid_mode is not ON")
	errBehind  = errors.New("it lags too far behind")
)

// mark is what the primary had committed at a certain time.
type mark struct {
	at        time.Time // everything acknowledged before is in committed
	committed string    // a GTID set, see MySQL's manual
}

// watch checks the replicas. Without replicas it does nothing.
type watch struct {
	primary *sql.DB // nil without replicas
	stop    context.CancelFunc
	loops   sync.WaitGroup
}

// newProbe returns a single connection for checks.
func newProbe(o Options) (*sql.DB, error) {
	connector, err := o.connector(o.checkTimeout)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	return db, nil
}

// addReplicas creates the configured replicas, without connecting.
func (e *Engine) addReplicas() (err error) {
	for _, address := range e.options.Replicas {
		r, err := newReplica(e.options, address, e.log)
		if err != nil {
			return err
		}
		e.replicas = append(e.replicas, r)
	}
	if len(e.replicas) > 0 {
		e.watching.primary, err = newProbe(e.options)
	}
	return err
}

// watchReplicas starts checking the replicas, which are not used until a check
// succeeds.
func (e *Engine) watchReplicas() {
	ctx, stop := context.WithCancel(context.Background())
	e.watching.stop = stop
	for _, r := range e.replicas {
		e.watching.loops.Go(func() { r.watch(ctx, e.watching.primary) })
	}
}

// closeReplicas stops the checks and closes the connections to the replicas.
func (e *Engine) closeReplicas() (err error) {
	if e.watching.stop != nil {
		e.watching.stop()
	}
	e.watching.loops.Wait()
	if e.watching.primary != nil {
		err = e.watching.primary.Close()
	}
	for _, r := range e.replicas {
		err = sqldb.FirstError(err, r.close())
	}
	return err
}

// watch checks the replica repeatedly until ctx is done.
func (r *replica) watch(ctx context.Context, primary *sql.DB) {
	ticks := time.NewTicker(r.options.checkEvery)
	defer ticks.Stop()
	var marks []mark
	for {
		marks = r.check(ctx, primary, marks)
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}

// check puts the replica into use or takes it out of use. marks are earlier
// marks, newest last; it returns those since the last that the replica has
// reached, with a new one. The first mark may be older than the maximum lag: a
// replica that lacks newer ones is behind.
func (r *replica) check(ctx context.Context, primary *sql.DB, marks []mark) []mark {
	ctx, cancel := context.WithTimeout(ctx, r.options.checkTimeout)
	defer cancel()
	for len(marks) > 1 && r.tooOld(marks[1].at) {
		marks = marks[1:]
	}
	newest, markErr := takeMark(ctx, primary)
	if markErr == nil {
		marks = append(marks, newest)
	}
	reached, err := r.reached(ctx, marks)
	var has time.Time
	if reached >= 0 {
		marks = marks[reached:] // it has all that the earlier marks have
		has = marks[0].at
	}
	if err == nil && !has.IsZero() && !r.serves(time.Now()) {
		err = r.checkServer(ctx)
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled): // the store is closing
	case err != nil:
		r.leaveOut(err, 0)
		r.endReads()
	case !r.tooOld(has):
		r.use(has)
	case r.serves(time.Now()): // its last known state is recent enough
	case markErr != nil:
		r.leaveOut(markErr, 0)
	case r.tooOld(marks[0].at):
		r.leaveOut(errBehind, 0)
	}
	return marks
}

func (r *replica) tooOld(at time.Time) bool { return time.Since(at) > r.options.maxLag }

// takeMark asks the primary what it has committed.
func takeMark(ctx context.Context, primary *sql.DB) (mark, error) {
	m := mark{at: time.Now()}
	var counted bool
	err := primary.QueryRowContext(ctx, selectCommitted).Scan(&counted, &m.committed)
	switch {
	case err != nil:
		return m, fmt.Errorf("cannot read the primary's GTIDs: %w", err)
	case !counted:
		return m, errNoGTIDs
	}
	return m, nil
}

// reached returns the index of the newest mark that the replica has reached, -1 if
// none. It always queries the replica.
func (r *replica) reached(ctx context.Context, marks []mark) (int, error) {
	if len(marks) == 0 {
		return -1, r.probe.PingContext(ctx)
	}
	for i, m := range slices.Backward(marks) {
		var has bool
		if err := r.probe.QueryRowContext(ctx, selectReached, m.committed).Scan(&has); err != nil {
			return -1, err
		}
		if has {
			return i, nil
		}
	}
	return -1, nil
}
