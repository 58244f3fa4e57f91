package store

import (
	"context"
	"log/slog"
	"time"

	"roster/internal/fault"
)

// journal writes to the log what is slow or fails. It names operations and
// SQLite's errors, never what is stored.
type journal struct{ *slog.Logger }

// note tells of an operation that took long or failed for a reason that lies
// with the storage.
func (j journal) note(ctx context.Context, name string, took time.Duration, err error) {
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
