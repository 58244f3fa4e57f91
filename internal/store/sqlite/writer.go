package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

	"roster/internal/store/sqldb"
)

const (
	// maxBatch is the maximum number of calls per commit.
	maxBatch = 128
	// checkpointEvery is the number of rows between checkpoints of the
	// write-ahead log. With one commit per row, that is about 14 MiB.
	checkpointEvery = 512
	// logLimit is the number of pages of the write-ahead log above which the
	// writer waits for its readers: 64 MiB with pages of 4096 bytes.
	logLimit = 64 << 20 / 4096
)

// writer runs the calls of Write on the only connection that writes. Waiting
// calls join the current transaction; each has its own savepoint, so that a
// failure does not affect the others. All are answered after the commit, except
// those that fail before anything was written.
type writer struct {
	conn     *conn
	versions *versions
	log      sqldb.Journal
	inPlace  func() error // returns an error if the file was moved
	calls    chan *call
	closing  <-chan struct{}
	done     chan struct{} // closed when run has returned
	patience time.Duration
	since    int   // rows written since the last checkpoint
	logLimit int64 // initially the constant
	logAgain int64 // number of pages from which to wait again
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

// Write runs fn in a transaction and returns after a durable commit. Concurrent
// calls run one after the other and share a commit.
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

// serve runs one transaction for first and all calls that arrive before the
// commit.
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

// begin begins a transaction, and retries while another program holds the lock.
func (w *writer) begin() error {
	if err := w.inPlace(); err != nil {
		return err
	}
	return faultOf(untilFree(w.patience, w.closing, func() error {
		_, err := w.conn.Exec("BEGIN IMMEDIATE")
		return err
	}))
}

// refuse fails all waiting calls. They have waited as long as first, or are
// better failed now than after waiting as long again.
func (w *writer) refuse(first *call, err error) {
	for c := first; c != nil; c = w.waiting() {
		c.answer <- err
	}
}

// next returns a call that can join the batch, or nil.
func (w *writer) next(b *batch) *call {
	if b.broken != nil || b.size == maxBatch {
		return nil
	}
	return w.waiting()
}

// waiting returns a waiting call, or nil.
func (w *writer) waiting() *call {
	select {
	case c := <-w.calls:
		return c
	default:
		return nil
	}
}

// finish commits the batch, or rolls it back if that fails or there is nothing
// to commit.
func (w *writer) finish(b *batch) error {
	err := b.broken
	if err == nil && len(b.kept) > 0 {
		if err = w.versions.commit(w.conn, b.changes); err == nil {
			return nil
		}
	}
	// SQLite may already have rolled back; then this fails, which does not
	// matter.
	_, _ = w.conn.Exec("ROLLBACK")
	return err
}

// checkpoint periodically moves the write-ahead log into the database file.
// What fails, because others read or the disk is full, is left to the next one.
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

// restartLog waits until no one reads the write-ahead log, which has that many
// pages, so that the next write restarts it. With overlapping reads it would
// grow without limit. If a reader outlasts the busy timeout, the next wait is
// when the log has doubled.
func (w *writer) restartLog(pages int64) error {
	_, busy, err := w.moveLog("RESTART")
	w.logAgain = 0
	if busy {
		w.logAgain = 2 * pages
	}
	return err
}

// moveLog runs a checkpoint and returns the number of pages of the write-ahead
// log, and whether a lock prevented completion. See
// https://www.sqlite.org/pragma.html#pragma_wal_checkpoint.
func (w *writer) moveLog(mode string) (pages int64, busy bool, err error) {
	err = w.conn.Query("PRAGMA wal_checkpoint("+mode+")", func(row []driver.Value) error {
		return sqldb.Scan(row, &busy, &pages)
	})
	if isBusy(err) {
		return 0, true, nil
	}
	return pages, busy, err
}
