package engine

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"roster/internal/fault"
)

// slow is the time from which an operation is worth a line in the log.
const slow = 500 * time.Millisecond

// The errors that every database answers with alike.
var (
	// ErrClosed is what a closed store answers.
	ErrClosed = fault.New(fault.Unavailable, "The database is closed.")
	// ErrTxOver is what a Tx answers after its function has returned.
	ErrTxOver = fault.Wrap(fault.Internal, "The database failed.", errors.New("the transaction is over"))
	// ErrUnfinished stands for a function that panicked or ended its goroutine.
	ErrUnfinished = fault.Wrap(fault.Internal, "The database failed.", errors.New("the transaction's function did not return"))
)

// Journal writes to the log what is slow or fails. It names operations and
// the database's errors, never what is stored.
type Journal struct{ *slog.Logger }

// NewJournal returns a journal; a nil log is none.
func NewJournal(log *slog.Logger) Journal {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return Journal{log}
}

// Note tells of an operation that took long or failed for a reason that lies
// with the storage.
func (j Journal) Note(ctx context.Context, name string, took time.Duration, err error) {
	if err != nil {
		switch fault.KindOf(err) {
		case fault.NotFound, fault.Conflict:
		default:
			j.ErrorContext(ctx, "database failed", "operation", name, "error", err)
		}
	}
	if took >= slow {
		j.WarnContext(ctx, "database is slow", "operation", name, "duration", took)
	}
}

// IsFatal reports whether a transaction cannot go on after the error.
func IsFatal(err error) bool {
	kind := fault.KindOf(err)
	return err != nil && kind != fault.NotFound && kind != fault.Conflict
}
