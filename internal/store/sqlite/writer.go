package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

	"roster/internal/store/sqldb"
)

const (
	// maxBatch is how many calls share a commit at most.
	maxBatch = 128
	// checkpointEvery is how many rows are written between checkpoints of the
	// write-ahead log. With a commit for each, as many make it some 14 MiB long.
	checkpointEvery = 512
	// logLimit is how many pages long the write-ahead log may get before the
	// writer waits for those who read it: 64 MiB, as a page has 4096 bytes.
	logLimit = 64 << 20 / 4096
)

// writer runs the calls of Write on the only connection that writes. Calls
// that wait while others are served join their transaction; each has a
// savepoint of its own, so that one that fails takes nothing of the others
// with it. All are answered after the one commit, but for those that fail
// before anything was written.
type writer struct {
	conn     *conn
	versions *versions
	log      sqldb.Journal
	inPlace  func() error // an error when the file is no longer there
	calls    chan *call
	closing  <-chan struct{}
	done     chan struct{} // closed when run has returned
	patience time.Duration
	since    int   // rows written since the last checkpoint
	logLimit int64 // see the constant
	logAgain int64 // how many pages the log must have to be waited for again
}

func newWriter(s *Engine, c *conn) *writer {
	return &writer{
		conn:     c,
		versions: s.versions,
		log:      s.log,
		inPlace:  s.InPlace,
		calls:    make(chan *call),
		closing:  s.closing,
		done:     make(chan struct{}),
		patience: patience,
		logLimit: logLimit,
	}
}

// Write runs fn in a transaction and returns after the commit is durable. Calls
// at the same time are run one after the other and share one commit.
func (s *Engine) Write(ctx context.Context, fn func(sqldb.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := newCall()
	s.waiting.Add(1)
	defer s.waiting.Add(-1)
	begin := time.Now()
	select {
	case s.writer.calls <- c:
		err := c.await(ctx, fn)
		s.log.Traces.Operation(ctx, "write", time.Since(begin), sqldb.IsFatal(err))
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return sqldb.ErrClosed
	}
}

// run serves calls until closing is closed.
func (w *writer) run() {
	defer close(w.done)
	for {
		select {
		case <-w.closing:
			return
		case c := <-w.calls:
			w.serve(c)
		}
	}
}

// serve runs one transaction for first and all who come before it is committed.
func (w *writer) serve(first *call) {
	begin := time.Now()
	if err := w.begin(); err != nil {
		w.log.Note(context.Background(), "begin", time.Since(begin), err)
		w.refuse(first, err)
		return
	}
	b := batch{conn: w.conn}
	for c := first; c != nil; c = w.next(&b) {
		b.run(c)
	}
	err := faultOf(w.finish(&b))
	w.log.Note(context.Background(), "commit", time.Since(begin), err)
	w.log.Metrics.Batch(b.size)
	b.answer(err)
	w.checkpoint(b.rows)
}

// begin begins a transaction, trying again while another program holds the lock.
func (w *writer) begin() error {
	if err := w.inPlace(); err != nil {
		return err
	}
	return faultOf(untilFree(w.patience, w.closing, func() error {
		_, err := w.conn.Exec("BEGIN IMMEDIATE")
		return err
	}))
}

// refuse answers all who wait. They have waited as long as first has, or are
// better refused now than after as long a time again.
func (w *writer) refuse(first *call, err error) {
	for c := first; c != nil; c = w.waiting() {
		c.answer <- err
	}
}

// next returns a call that may still join the batch, nil if there is none.
func (w *writer) next(b *batch) *call {
	if b.broken != nil || b.size == maxBatch {
		return nil
	}
	return w.waiting()
}

// waiting returns a call that waits to be served, nil if none does.
func (w *writer) waiting() *call {
	select {
	case c := <-w.calls:
		return c
	default:
		return nil
	}
}

// finish commits the batch, or rolls it back if that fails or there is
// nothing to commit.
func (w *writer) finish(b *batch) error {
	err := b.broken
	if err == nil && len(b.kept) > 0 {
		if err = w.versions.commit(w.conn, b.changes); err == nil {
			return nil
		}
	}
	// SQLite may have rolled back by itself; then this fails, which does not matter.
	_, _ = w.conn.Exec("ROLLBACK")
	return err
}

// checkpoint moves the write-ahead log into the database file now and then.
// What it cannot do now, as when others read or the disk is full, the next does.
func (w *writer) checkpoint(rows int) {
	if w.since += rows; w.since < checkpointEvery {
		return
	}
	w.since = 0
	begin := time.Now()
	pages, _, err := w.moveLog("PASSIVE")
	if err == nil && pages > max(w.logLimit, w.logAgain) {
		err = w.restartLog(pages)
	}
	w.log.Metrics.Checkpoint(pages)
	w.log.Note(context.Background(), "checkpoint", time.Since(begin), err)
}

// restartLog waits until no one reads the write-ahead log of that many pages,
// so that the next write starts it again. While reads overlap without a pause
// it would only grow. A reader who outlasts the busy timeout is waited for
// again when the log is twice as long.
func (w *writer) restartLog(pages int64) error {
	_, busy, err := w.moveLog("RESTART")
	w.logAgain = 0
	if busy {
		w.logAgain = 2 * pages
	}
	return err
}

// moveLog runs a checkpoint and returns how many pages the write-ahead log
// has, and whether a lock of others kept it from its end.
// See https://www.sqlite.org/pragma.html#pragma_wal_checkpoint.
func (w *writer) moveLog(mode string) (pages int64, busy bool, err error) {
	err = w.conn.Query("PRAGMA wal_checkpoint("+mode+")", func(row []driver.Value) error {
		busy = sqldb.IsTrue(row[0])
		pages, _ = row[1].(int64)
		return nil
	})
	if isBusy(err) {
		return 0, true, nil
	}
	return pages, busy, err
}
