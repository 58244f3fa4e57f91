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

// slow is the default duration from which an operation is logged.
const slow = 500 * time.Millisecond

// Observers count and trace database operations. The zero value does neither.
type Observers struct {
	Slow    time.Duration     // minimum duration to log an operation as slow; 0: 500 ms
	Metrics *metrics.Database // nil: no metrics
	Traces  *tracing.Tracer   // nil: no traces
}

// The errors common to all databases.
var (
	// ErrClosed is returned by a closed store.
	ErrClosed = fault.New(fault.Unavailable, "The database is closed.")
	// ErrTxOver is returned by a Tx after its function has returned.
	ErrTxOver = fault.Wrap(fault.Internal, "The database failed.", errors.New("the transaction is over"))
	// ErrUnfinished is the error of a function that panicked or exited its
	// goroutine.
	ErrUnfinished = fault.Wrap(fault.Internal, "The database failed.", errors.New("the transaction's function did not return"))
)

// Journal logs slow and failed operations, and passes every operation to the
// observers. It logs names of operations and database errors, never data.
type Journal struct {
	*slog.Logger
	Observers
}

// NewJournal returns a journal; log may be nil.
func NewJournal(log *slog.Logger, o Observers) Journal {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if o.Slow <= 0 {
		o.Slow = slow
	}
	return Journal{log, o}
}

// Note passes an operation to the observers, and logs it if it was slow or
// failed because of the storage.
func (j Journal) Note(ctx context.Context, name string, took time.Duration, err error) {
	failed := IsFatal(err) && !isOfInput(err)
	if failed {
		j.ErrorContext(ctx, "database failed", "operation", name, "error", err)
	}
	j.Metrics.Done(name, took, failed)
	j.Traces.Operation(ctx, name, took, failed)
	if took >= j.Slow {
		j.WarnContext(ctx, "database is slow", "operation", name, "duration", took)
	}
}

// isOfInput reports whether the storage refused what it was given.
func isOfInput(err error) bool {
	kind := fault.KindOf(err)
	return kind == fault.Invalid || kind == fault.TooLarge
}

// IsFatal reports whether a transaction cannot continue after the error.
func IsFatal(err error) bool {
	kind := fault.KindOf(err)
	return err != nil && kind != fault.NotFound && kind != fault.Conflict
}
