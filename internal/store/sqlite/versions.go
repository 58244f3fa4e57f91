package sqlite

import (
	"sync"
	"sync/atomic"

	"roster/internal/store/sqldb"
)

const selectDataVersion = "PRAGMA data_version"

// versions knows whether the database changed, and carries the counts on.
//
// PRAGMA data_version of a connection changes whenever any other connection
// commits. The watcher is a connection that never writes, so its data_version
// changes with every commit; the writer's own changes with other processes' commits
// alone.
//
// What was last seen is published as a state. The writer publishes the state
// that its commit makes, under mu, which it holds from before COMMIT on: who
// sees the commit before the state waits for it. A change that was not
// published is another process's and begins a new epoch. Within an epoch all
// changes of the counts are known, so a count taken once holds on.
type versions struct {
	mu        sync.Mutex // held to publish
	published atomic.Pointer[state]
	bases     [len(sqldb.Counts{})]atomic.Pointer[base]

	watching sync.Mutex // guards watcher
	watcher  *conn
}

// state is the database as it is while the watcher's data_version is seen.
type state struct {
	seen       int64
	generation uint64       // grows with every state
	epoch      uint64       // grows when another process committed
	changes    sqldb.Counts // by this process within the epoch
}

// base is what a count was when its epoch began.
type base struct {
	epoch uint64
	count int64
}

// newVersions starts to watch the database.
func newVersions(watcher *conn) (*versions, error) {
	v := &versions{watcher: watcher}
	seen, err := v.watch()
	v.published.Store(&state{seen: seen, generation: 1, epoch: 1})
	return v, err
}

// watch returns the watcher's data_version.
func (v *versions) watch() (int64, error) {
	v.watching.Lock()
	defer v.watching.Unlock()
	if v.watcher == nil {
		return 0, sqldb.ErrClosed
	}
	return sqldb.Integer(v.watcher, selectDataVersion)
}

// stop lets go of the watcher. Nothing is known from then on.
func (v *versions) stop() {
	v.watching.Lock()
	defer v.watching.Unlock()
	v.watcher = nil
}

// current returns the state of the database now.
func (v *versions) current() (*state, error) {
	seen, err := v.watch()
	if err != nil {
		return nil, err
	}
	if st := v.published.Load(); st.seen == seen {
		return st, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.refresh()
}

// refresh is current for a caller that holds mu.
func (v *versions) refresh() (*state, error) {
	seen, err := v.watch()
	if err != nil {
		return nil, err
	}
	st := v.published.Load()
	if st.seen == seen {
		return st, nil
	}
	return v.publish(state{seen: seen, generation: st.generation + 1, epoch: st.epoch + 1}), nil
}

func (v *versions) publish(st state) *state {
	v.published.Store(&st)
	return &st
}

// commit commits the transaction of the writer's connection, which changes
// the counts by changes, and publishes the state.
func (v *versions) commit(writer *conn, changes sqldb.Counts) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	st, watchErr := v.refresh()
	ownBefore, ownErr := sqldb.Integer(writer, selectDataVersion)
	if _, err := writer.Exec("COMMIT"); err != nil {
		return err
	}
	if watchErr != nil || ownErr != nil {
		return nil // the next look finds an unknown change
	}
	seen, watchErr := v.watch()
	ownAfter, ownErr := sqldb.Integer(writer, selectDataVersion)
	if watchErr != nil || ownErr != nil || ownBefore != ownAfter {
		return nil
	}
	next := state{seen: seen, generation: st.generation + 1, epoch: st.epoch, changes: st.changes}
	next.changes.Add(changes)
	v.publish(next)
	return nil
}

// snapshot begins a read transaction on c and returns the state that it reads.
func (v *versions) snapshot(c sqldb.Conn) (*state, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for {
		st, err := v.refresh()
		if err != nil {
			return nil, err
		}
		if err := beginReading(c); err != nil {
			return nil, err
		}
		seen, err := v.watch()
		if err == nil && seen == st.seen {
			return st, nil
		}
		if _, rollbackErr := c.Exec("ROLLBACK"); err != nil || rollbackErr != nil {
			return nil, sqldb.FirstError(err, rollbackErr)
		}
	}
}

// beginReading begins a transaction and reads, as only that fixes what it sees.
func beginReading(c sqldb.Conn) error {
	if _, err := c.Exec("BEGIN"); err != nil {
		return err
	}
	_, err := sqldb.Texts(c, "SELECT 1 FROM t_users LIMIT 1")
	if err != nil {
		_, _ = c.Exec("ROLLBACK") // the first error is the one to report
	}
	return err
}

// counted notes that a snapshot of the state st has n users of that count.
func (v *versions) counted(which int, st *state, n int64) {
	v.bases[which].Store(&base{epoch: st.epoch, count: n - st.changes[which]})
}

// known returns a count and the generation that it belongs to, when the count
// is known now.
func (v *versions) known(which int) (n int64, generation uint64, ok bool) {
	b := v.bases[which].Load()
	if b == nil {
		return 0, 0, false
	}
	st, err := v.current()
	if err != nil || st.epoch != b.epoch {
		return 0, 0, false
	}
	return b.count + st.changes[which], st.generation, true
}

// generation returns the number of the state of the database now.
func (v *versions) generation() (generation uint64, ok bool) {
	st, err := v.current()
	if err != nil {
		return 0, false
	}
	return st.generation, true
}
