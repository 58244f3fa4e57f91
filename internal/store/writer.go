package store

import (
	"context"
	"time"

	"roster/internal/user"
)

const (
	// maxBatch is how many calls share a commit at most.
	maxBatch = 128
	// checkpointEvery is how many calls are committed between checkpoints of
	// the write-ahead log. A call changes a handful of pages.
	checkpointEvery = 256
)

// writer runs the calls of InTx on the only connection that writes. Calls
// that wait while others are served join their transaction; each has a
// savepoint of its own, so that one that fails takes nothing of the others
// with it. All are answered after the one commit.
type writer struct {
	conn     *conn
	versions *versions
	log      journal
	calls    chan *call
	closing  <-chan struct{}
	done     chan struct{} // closed when run has returned
	patience time.Duration
	since    int // calls committed since the last checkpoint
}

func newWriter(s *Store, c *conn) *writer {
	return &writer{
		conn:     c,
		versions: s.versions,
		log:      s.log,
		calls:    make(chan *call),
		closing:  s.closing,
		done:     make(chan struct{}),
		patience: patience,
	}
}

// InTx runs fn in a transaction, see user.Store. Calls at the same time are
// run one after the other and share one commit.
func (s *Store) InTx(ctx context.Context, fn func(user.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := newCall()
	select {
	case s.writer.calls <- c:
		return c.await(ctx, fn)
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return errClosed
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
		w.log.note(context.Background(), "begin", time.Since(begin), err)
		w.refuse(first, err)
		return
	}
	b := batch{conn: w.conn}
	for c := first; c != nil; c = w.next(&b) {
		b.run(c)
	}
	err := faultOf(w.finish(&b))
	w.log.note(context.Background(), "commit", time.Since(begin), err)
	for _, c := range b.kept {
		c.answer <- err
	}
	w.checkpoint(len(b.kept))
}

// begin begins a transaction, trying again while another program holds the lock.
func (w *writer) begin() error {
	return faultOf(untilFree(w.patience, w.closing, func() error {
		_, err := w.conn.exec("BEGIN IMMEDIATE")
		return err
	}))
}

// refuse answers all who wait. They have waited as long as first has, or are
// better told now than after as long a time again.
func (w *writer) refuse(first *call, err error) {
	for c := first; c != nil; c = w.waiting() {
		c.answer <- err
	}
}

// next returns a call that may still join the batch, nil if there is none.
func (w *writer) next(b *batch) *call {
	if b.broken != nil || len(b.kept) == maxBatch {
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
	// SQLite may have rolled back by itself; then this fails, and need not be told.
	_, _ = w.conn.exec("ROLLBACK")
	return err
}

// checkpoint moves the write-ahead log into the database file now and then.
// What it cannot do now, as when others read or the disk is full, the next does.
func (w *writer) checkpoint(calls int) {
	if w.since += calls; w.since < checkpointEvery {
		return
	}
	w.since = 0
	begin := time.Now()
	_, err := w.conn.text("PRAGMA wal_checkpoint(PASSIVE)")
	if isBusy(err) {
		err = nil
	}
	w.log.note(context.Background(), "checkpoint", time.Since(begin), err)
}
