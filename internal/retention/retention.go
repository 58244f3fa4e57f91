// Package retention deletes data that is no longer kept, in the background.
package retention

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// Batch is the maximum number of rows deleted per transaction.
	Batch = 500

	every    = time.Minute          // interval between looks for old rows
	leastNap = 5 * time.Millisecond // of a rest
	mostNap  = 2 * time.Second      // of a rest
)

// Rule says which rows of a table are deleted.
type Rule struct {
	Table string
	Every time.Duration // between looks for old rows; 0: a minute
	// Drop deletes all rows that are due at now, in transactions of up to Batch
	// rows, and returns their number. It calls rest between transactions, and
	// ends if that returns an error.
	Drop func(ctx context.Context, now time.Time, rest func() error) (int64, error)
}

// Older returns a rule that deletes rows older than keep. drop deletes up to
// limit rows from before that time in one transaction and returns their number;
// it is called until there are none.
func Older(table string, keep time.Duration, drop func(ctx context.Context, before time.Time, limit int) (int64, error)) Rule {
	return Rule{Table: table, Drop: func(ctx context.Context, now time.Time, rest func() error) (dropped int64, err error) {
		for {
			n, err := drop(ctx, now.Add(-keep), Batch)
			if dropped += n; err != nil || n == 0 {
				return dropped, err
			}
			if err := rest(); err != nil {
				return dropped, err
			}
		}
	}}
}

// Keeper applies rules in the background.
type Keeper struct {
	rules  []Rule
	next   map[string]time.Time // when a rule with Every is due, by table
	log    *slog.Logger
	failed map[string]string // the last error, by table
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// Start starts applying the rules, now and then at their intervals, one after another. A
// rule that fails is logged and does not affect the others. Call Stop to end it.
func Start(log *slog.Logger, rules ...Rule) *Keeper {
	ctx, cancel := context.WithCancel(context.Background())
	k := &Keeper{rules: rules, log: log, next: map[string]time.Time{}, failed: map[string]string{}, cancel: cancel}
	k.done.Go(func() { k.run(ctx) })
	return k
}

// Stop aborts the current transaction, and returns when the keeper has stopped.
// It may be called repeatedly.
func (k *Keeper) Stop() {
	k.cancel()
	k.done.Wait()
}

func (k *Keeper) run(ctx context.Context) {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		for _, r := range k.rules {
			if now := time.Now(); !now.Before(k.next[r.Table]) {
				k.next[r.Table] = now.Add(r.Every)
				k.apply(ctx, r)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// apply applies a rule, and logs what it deleted and each new error.
func (k *Keeper) apply(ctx context.Context, r Rule) {
	dropped, err := r.Drop(ctx, time.Now(), rest(ctx))
	if dropped > 0 {
		k.log.Info("old rows deleted", "table", r.Table, "rows", dropped)
	}
	switch {
	case ctx.Err() != nil:
	case err == nil:
		delete(k.failed, r.Table)
	case err.Error() != k.failed[r.Table]:
		k.failed[r.Table] = err.Error()
		k.log.Error("old rows cannot be deleted", "table", r.Table, "cause", err)
	}
}

// rest returns a function that pauses for half as long as the work since the
// last pause took, so that others get a third of the time even of a database
// that does one thing at a time.
func rest(ctx context.Context) func() error {
	began := time.Now()
	return func() error {
		nap := time.NewTimer(min(max(time.Since(began)/2, leastNap), mostNap))
		defer nap.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-nap.C:
			began = time.Now()
			return nil
		}
	}
}
