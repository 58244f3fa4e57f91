package sqlite

import (
	"context"
	"sync/atomic"

	"roster/internal/store/sqldb"
)

// batch is a group of calls that share a transaction.
type batch struct {
	conn    *conn
	size    int     // number of calls, including failed ones
	kept    []*call // answered when the transaction ends
	refused []refusal
	changes sqldb.Counts
	rows    int   // rows written by the kept calls
	broken  error // set if SQLite rolled back the whole transaction
}

// refusal is a call that failed after others succeeded. It may have read their
// uncommitted data, so it is answered only after the commit.
type refusal struct {
	call *call
	err  error
}

// run runs the function of c in its caller's goroutine within a savepoint. A
// failed call is answered immediately if no uncommitted data can have caused
// the failure.
func (b *batch) run(c *call) {
	b.size++
	if !c.begun.CompareAndSwap(false, true) {
		return // its context ended first
	}
	switch err := b.try(c); {
	case err == nil:
		b.kept = append(b.kept, c)
	case len(b.kept) == 0:
		c.answer <- err
	default:
		b.refused = append(b.refused, refusal{c, err})
	}
}

// answer reports the result of the transaction to every waiting call. If it
// failed, so did the data that refused calls have read.
func (b *batch) answer(err error) {
	for _, c := range b.kept {
		c.answer <- err
	}
	for _, r := range b.refused {
		r.call.answer <- sqldb.FirstError(err, r.err)
	}
}

func (b *batch) try(c *call) error {
	if _, err := b.conn.Exec("SAVEPOINT call"); err != nil {
		b.broken = faultOf(err)
		return b.broken
	}
	t := &tx{conn: b.conn}
	c.turn <- t
	err := <-c.ran
	failed := t.failed
	t.failed = sqldb.ErrTxOver
	if err = sqldb.FirstError(failed, err); err != nil {
		b.undo(failed)
		return err
	}
	if _, err := b.conn.Exec("RELEASE call"); err != nil {
		b.broken = faultOf(err)
		return b.broken
	}
	b.changes.Add(t.changes)
	b.rows += t.rows
	return nil
}

// undo rolls back a call. If it cannot, SQLite has rolled back the whole
// transaction because of failed, the call's storage error, if there was one.
func (b *batch) undo(failed error) {
	_, err := b.conn.Exec("ROLLBACK TO call")
	if err == nil {
		_, err = b.conn.Exec("RELEASE call")
	}
	if err != nil {
		b.broken = sqldb.FirstError(failed, faultOf(err))
	}
}

// call is one call of InTx. Its function runs in its caller's goroutine while
// the writer waits, so that a panic reaches its caller with its stack.
type call struct {
	begun  atomic.Bool // set by the writer or the end of the context, whichever is first
	turn   chan *tx    // from the writer: run now
	ran    chan error  // from the caller: done
	answer chan error  // from the writer: the result
}

func newCall() *call {
	return &call{turn: make(chan *tx, 1), ran: make(chan error, 1), answer: make(chan error, 1)}
}

// await waits for c's turn, runs fn and returns the writer's answer.
func (c *call) await(ctx context.Context, fn func(sqldb.Tx) error) error {
	select {
	case t := <-c.turn:
		return c.run(t, fn)
	case err := <-c.answer:
		return err
	case <-ctx.Done():
		if c.begun.CompareAndSwap(false, true) {
			return ctx.Err()
		}
	}
	select {
	case t := <-c.turn:
		return c.run(t, fn)
	case err := <-c.answer:
		return err
	}
}

// run runs fn. If fn panics, the panic continues after the writer has rolled
// back fn.
func (c *call) run(t *tx, fn func(sqldb.Tx) error) (err error) {
	outcome := sqldb.ErrUnfinished
	defer func() {
		c.ran <- outcome
		err = <-c.answer
	}()
	outcome = fn(t)
	return nil
}
