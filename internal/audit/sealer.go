package audit

import (
	"context"
	"sync"
	"time"
)

const (
	sealEvery  = time.Second // maximum wait for a seal
	pruneEvery = time.Hour   // interval between deletions of old entries
)

// Sealer seals entries and deletes old ones in the background.
type Sealer struct {
	trail  *Trail
	keep   time.Duration
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// StartSealer starts sealing the entries of the trail, and deleting those older
// than keep; 0 keeps all. Call Stop to end it.
func StartSealer(trail *Trail, keep time.Duration) *Sealer {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sealer{trail: trail, keep: keep, cancel: cancel}
	s.done.Go(func() { s.run(ctx) })
	return s
}

// Stop seals the remaining entries, and returns when the sealer has stopped. It
// may be called repeatedly.
func (s *Sealer) Stop() {
	s.cancel()
	s.done.Wait()
}

func (s *Sealer) run(ctx context.Context) {
	ticks := time.NewTicker(sealEvery)
	defer ticks.Stop()
	var pruned time.Time
	failing, stuck := "", ""
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticks.C:
		}
		// Work in progress is completed: Stop waits for it.
		_, err := s.trail.Seal(context.WithoutCancel(ctx))
		failing = s.report("seal", failing, err)
		if now := time.Now(); s.keep > 0 && now.Sub(pruned) >= pruneEvery {
			pruned = now
			stuck = s.report("remove old entries", stuck, s.prune(context.WithoutCancel(ctx), now))
		}
	}
}

func (s *Sealer) prune(ctx context.Context, now time.Time) error {
	removed, err := s.trail.Prune(ctx, now, s.keep)
	if removed > 0 {
		s.trail.log.InfoContext(ctx, "old audit entries removed", "entries", removed)
	}
	return err
}

// report logs an error if it differs from the last one, and returns it.
func (s *Sealer) report(task, last string, err error) string {
	switch {
	case err == nil:
		return ""
	case err.Error() != last:
		s.trail.log.Error("audit trail maintenance failed", "task", task, "cause", err)
	}
	return err.Error()
}
