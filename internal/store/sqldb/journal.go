package sqldb

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"roster/internal/fault"
	"roster/internal/metrics"
	"roster/internal/tracing"
)

// slow is the time from which an operation is worth a line in the log, where
// nothing else is said.
const slow = 500 * time.Millisecond

// Observers count and trace what a database does. The zero value does neither.
type Observers struct {
	Slow    time.Duration     // from when an operation is logged as slow; 0: 500 ms
	Metrics *metrics.Database // nil: nothing is counted
	Traces  *tracing.Tracer   // nil: nothing is traced
}

// The errors that every database answers with alike.
var (
	// ErrClosed is what a closed store answers.
	ErrClosed = fault.New(fault.Unavailable, "The database is closed.")
	// ErrTxOver is what a Tx answers after its function has returned.
	ErrTxOver = fault.Wrap(fault.Internal, "The database failed.", errors.New("the transaction is over"))
	// ErrUnfinished stands for a function that panicked or ended its goroutine.
	ErrUnfinished = fault.Wrap(fault.Internal, "The database failed.", errors.New("the transaction's function did not return"))
)

// Journal logs operations that are slow or fail, and passes every operation to the
// observers. It names operations and the database's errors, never what is stored.
type Journal struct {
	*slog.Logger
	Observers
}

// NewJournal returns a journal; a nil log is none.
func NewJournal(log *slog.Logger, o Observers) Journal {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if o.Slow <= 0 {
		o.Slow = slow
	}
	return Journal{log, o}
}

// Note passes an operation to the observers, and logs one that took long or failed
// because of the storage.
func (j Journal) Note(ctx context.Context, name string, took time.Duration, err error) {
	failed := IsFatal(err)
	if failed {
		j.ErrorContext(ctx, "database failed", "operation", name, "error", err)
	}
	j.Metrics.Done(name, took, failed)
	j.Traces.Operation(ctx, name, took, failed)
	if took >= j.Slow {
		j.WarnContext(ctx, "database is slow", "operation", name, "duration", took)
	}
}

// IsFatal reports whether a transaction cannot go on after the error.
func IsFatal(err error) bool {
	kind := fault.KindOf(err)
	return err != nil && kind != fault.NotFound && kind != fault.Conflict
}
