package auth

import (
	"context"
	"sync"
	"time"

	"roster/internal/fault"
)

// sweepEvery is how often sessions are compared with their accounts.
const sweepEvery = 10 * time.Second

// Sweep deletes the sessions of accounts that may not log in, for up to 100
// accounts. Changes by Roster end sessions at once; this is for changes by
// Django, and must happen before the account may log in again.
func (s *Sessions) Sweep(ctx context.Context) error {
	barred, err := s.store.BarredAccounts(ctx)
	for _, id := range barred {
		err = firstError(err, write(ctx, s.store, func(tx Tx) error { return sweep(tx, id) }))
	}
	return err
}

func sweep(tx Tx, id int64) error {
	a, _, err := tx.FindAccount(id)
	if err != nil && fault.KindOf(err) != fault.NotFound || err == nil && a.mayLogIn() {
		return err
	}
	_, err = tx.DeleteSessions(id, SessionChoice{})
	return err
}

// StartUpkeep sweeps sessions regularly, and reseals second factors and the keys of
// tokens once, in the background. stop ends it and returns when it has ended.
func StartUpkeep(s *Sessions, f *Factors, j *JWTs) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		ticks := time.NewTicker(sweepEvery)
		defer ticks.Stop()
		resealed := false
		for {
			resealed = resealed || f.resealAll(ctx) && j.reseal(ctx)
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
			}
			if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
				s.Log.Warn("sessions of deactivated accounts cannot be ended", "cause", err)
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}
