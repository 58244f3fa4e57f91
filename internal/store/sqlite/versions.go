package sqlite

import (
	"sync"
	"sync/atomic"

	"roster/internal/store/sqldb"
)

const selectDataVersion = "PRAGMA data_version"

// versions detects changes of the database, and keeps the counts up to date.
//
// PRAGMA data_version of a connection changes whenever another connection
// commits. The watcher is a connection that never writes, so its data_version
// changes with every commit; that of the writer changes only with commits of
// other processes.
//
// The last observed values are published as a state. The writer publishes the
// state created by its commit under mu, which it holds since before COMMIT:
// readers that see the commit before the state wait for it. An unpublished
// change came from another process and begins a new epoch. Within an epoch all
// changes of the counts are known, so a count taken once remains valid.
type versions struct {
	mu        sync.Mutex // held while publishing
	published atomic.Pointer[state]
	bases     [len(sqldb.Counts{})]atomic.Pointer[base]

	watching sync.Mutex // guards watcher
	watcher  *conn
}

// state is the database state for a data_version of the watcher.
type state struct {
	seen       int64
	generation uint64       // increases with every state
	epoch      uint64       // increases when another process commits
	changes    sqldb.Counts // by this process within the epoch
}

// base is a count at the beginning of its epoch.
type base struct {
	epoch uint64
	count int64
}

// newVersions starts watching the database.
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

// stop closes the watcher. Afterwards nothing is known.
func (v *versions) stop() {
	v.watching.Lock()
	defer v.watching.Unlock()
	v.watcher = nil
}

// current returns the current state of the database.
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

// refresh is like current, for a caller that holds mu.
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

// commit commits the writer's transaction, which changes the counts by changes,
// and publishes the state.
func (v *versions) commit(writer *conn, changes sqldb.Counts) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	st, watchErr := v.refresh()
	ownBefore, ownErr := sqldb.Integer(writer, selectDataVersion)
	if _, err := writer.Exec("COMMIT"); err != nil {
		return err
	}
	if watchErr != nil || ownErr != nil {
		return nil // the next check finds an unknown change
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

// snapshot begins a read transaction on c and returns its state.
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

// beginReading begins a transaction and reads, because only a read fixes its
// snapshot.
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

// counted records that a snapshot of state st has n users for that count.
func (v *versions) counted(which int, st *state, n int64) {
	v.bases[which].Store(&base{epoch: st.epoch, count: n - st.changes[which]})
}

// known returns a count and its generation, if it is currently known.
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

// generation returns the number of the current state of the database.
func (v *versions) generation() (generation uint64, ok bool) {
	st, err := v.current()
	if err != nil {
		return 0, false
	}
	return st.generation, true
}
