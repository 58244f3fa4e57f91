package index

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"roster/internal/store/index/grams"
	"roster/internal/store/sqldb"
)

const (
	// every is how often a process looks whether there is work.
	every = 2 * time.Second
	// share is how much longer than it works the work rests, so that it takes
	// little from those who write meanwhile. Making the index rests less, so that
	// searches do not stay slow for long.
	share      = 20
	buildShare = 4
	// retry is when what failed is tried again.
	retry = time.Minute
)

// Run keeps the index until ctx is done: it makes what is missing, and brings
// into it who was written.
func (x *Index) Run(ctx context.Context, log *slog.Logger) {
	failed := "" // why, as last logged
	rest := func(worked time.Duration) { wait(ctx, share*worked) }
	for ctx.Err() == nil {
		err := x.work(ctx, rest)
		pause := every
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			failed = ""
		case !errors.Is(err, errBusy):
			pause = retry
			if why := err.Error(); why != failed {
				failed = why
				log.WarnContext(ctx, "searches read every user, as their index cannot be kept", "error", err)
			}
		}
		wait(ctx, pause)
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Work does all that there is to do, without a rest. Another process that works
// on the index makes it fail with a Conflict.
func (x *Index) Work(ctx context.Context) error { return x.work(ctx, func(time.Duration) {}) }

func (x *Index) work(ctx context.Context, rest func(time.Duration)) error {
	if err := x.prepare(ctx); err != nil {
		return err
	}
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var s state
		err := x.db.Read(ctx, "ask for the search index", func(c sqldb.Conn) (err error) {
			s, _, err = x.read(c, "")
			return err
		})
		if err == nil && x.isTaken(s, time.Now()) {
			err = errBusy
		}
		if err != nil {
			return err
		}
		if s.complete {
			more, err = x.drain(ctx, rest)
		} else if more, err = x.build(ctx, s, func(worked time.Duration) { rest(worked * buildShare / share) }); err == nil && !more {
			more = true // what was written meanwhile
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// prepare makes the triggers that are missing. As changes without
// them were not noted, it restarts the index, also where it was made by other rules.
func (x *Index) prepare(ctx context.Context) error {
	var missing []string
	var s state
	err := x.db.Read(ctx, "look for triggers", func(c sqldb.Conn) (err error) {
		if s, _, err = x.read(c, ""); err == nil {
			missing, err = x.missing(c)
		}
		return err
	})
	if err != nil || len(missing) == 0 && s.version == grams.Version {
		return err
	}
	if err := x.restart(ctx); err != nil {
		return err
	}
	for _, name := range missing {
		if err := x.makeTrigger(ctx, x.Triggers[name]); err != nil {
			return err
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return x.restart(ctx) // who was built before the triggers were there may have changed
}

func (x *Index) restart(ctx context.Context) error {
	return x.hold(ctx, func(t sqldb.Tx, _ state) error { return begin(t) })
}

func (x *Index) makeTrigger(ctx context.Context, statement string) error {
	return x.db.Write(ctx, func(t sqldb.Tx) error {
		for _, query := range []string{x.Before, statement, x.After} {
			if query == "" {
				continue
			}
			if _, err := t.Exec(query); err != nil {
				return err
			}
		}
		return nil
	})
}
