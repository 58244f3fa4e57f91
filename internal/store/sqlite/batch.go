package sqlite

import (
	"context"
	"sync/atomic"

	"roster/internal/store/sqldb"
)

// batch is the calls that share one transaction.
type batch struct {
	conn    *conn
	size    int     // calls taken, also those that failed
	kept    []*call // to be answered when the transaction has ended
	refused []refusal
	changes sqldb.Counts
	rows    int   // written by the calls that are kept
	broken  error // set when SQLite rolled the whole transaction back
}

// refusal is a call that failed after others were kept. What it saw may be
// theirs, so it is not answered before that is durable.
type refusal struct {
	call *call
	err  error
}

// run lets c's caller run its function within a savepoint. A call that fails
// is answered at once when nothing uncommitted can have made it fail.
func (b *batch) run(c *call) {
	b.size++
	if !c.begun.CompareAndSwap(false, true) {
		return // its context was done first
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

// answer reports to every waiting call how the transaction ended. When it
// failed, so did whatever the refused calls saw.
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

// undo takes back what a call did. When it cannot, SQLite has rolled back the
// whole transaction: because of failed, the call's error of the storage, if
// there was one.
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
// the writer waits, so that a panic goes where it belongs, with its stack.
type call struct {
	begun  atomic.Bool // set by who decides first: the writer, or the context
	turn   chan *tx    // the writer says: run now
	ran    chan error  // the caller says: done
	answer chan error  // the writer says: kept, or not
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

// run runs fn. When fn panics, the panic goes on after the writer has undone
// what fn did.
func (c *call) run(t *tx, fn func(sqldb.Tx) error) (err error) {
	outcome := sqldb.ErrUnfinished
	defer func() {
		c.ran <- outcome
		err = <-c.answer
	}()
	outcome = fn(t)
	return nil
}
