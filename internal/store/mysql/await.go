package mysql

import (
	"context"
	"log/slog"
	"time"
)

// maxSilence is the maximum interval between two log lines about a wait.
const maxSilence = 30 * time.Second

// awaitServer checks a server repeatedly until it responds or limit has passed,
// and returns the last error.
func awaitServer(ctx context.Context, limit time.Duration, log *slog.Logger, check func(context.Context) error) error {
	waiting := wait{log: log, began: time.Now(), limit: limit}
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := check(ctx)
		if err == nil || !isAway(err) || time.Since(waiting.began)+pause > limit {
			waiting.over(ctx, err)
			return err
		}
		waiting.on(ctx, err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// wait logs the wait for a server: at its start, at intervals that grow from a
// second to maxSilence, and at its end.
type wait struct {
	log    *slog.Logger
	began  time.Time
	limit  time.Duration
	next   time.Time     // time of the next log line; zero: not logged yet
	silent time.Duration // interval before next
}

// on logs that the wait continues, if a log line is due.
func (w *wait) on(ctx context.Context, cause error) {
	now := time.Now()
	if now.Before(w.next) {
		return
	}
	w.silent = min(max(2*w.silent, time.Second), maxSilence)
	w.next = now.Add(w.silent)
	w.log.WarnContext(ctx, "waiting for the database", "waited", w.waited(), "at_most", w.limit, "error", cause)
}

// over logs the end of the wait, if its start was logged. The caller reports
// the error.
func (w *wait) over(ctx context.Context, err error) {
	switch {
	case w.next.IsZero():
	case err == nil:
		w.log.InfoContext(ctx, "the database is available", "waited", w.waited())
	default:
		w.log.ErrorContext(ctx, "no longer waiting for the database", "waited", w.waited())
	}
}

func (w *wait) waited() time.Duration { return time.Since(w.began).Round(time.Millisecond) }
