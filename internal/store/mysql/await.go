package mysql

import (
	"context"
	"log/slog"
	"time"
)

// maxSilence is the longest time between two log lines about a wait.
const maxSilence = 30 * time.Second

// awaitServer checks a server, again and again while none answers, for as long as
// limit, and returns the last error.
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

// wait logs a wait for a server: when it begins, at intervals that
// grow from a second to maxSilence, and when it is over.
type wait struct {
	log    *slog.Logger
	began  time.Time
	limit  time.Duration
	next   time.Time     // when it is logged again; zero: it was not logged yet
	silent time.Duration // until next
}

// on logs that the wait goes on, if it is time for that.
func (w *wait) on(ctx context.Context, cause error) {
	now := time.Now()
	if now.Before(w.next) {
		return
	}
	w.silent = min(max(2*w.silent, time.Second), maxSilence)
	w.next = now.Add(w.silent)
	w.log.WarnContext(ctx, "waiting for the database", "waited", w.waited(), "at_most", w.limit, "error", cause)
}

// over logs that the wait has ended, if its beginning was logged. The caller
// reports the error.
func (w *wait) over(ctx context.Context, err error) {
	switch {
	case w.next.IsZero():
	case err == nil:
		w.log.InfoContext(ctx, "the database answers", "waited", w.waited())
	default:
		w.log.ErrorContext(ctx, "no longer waiting for the database", "waited", w.waited())
	}
}

func (w *wait) waited() time.Duration { return time.Since(w.began).Round(time.Millisecond) }
