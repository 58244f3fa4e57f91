package audit

import (
	"context"
	"sync"
	"time"
)

const (
	sealEvery  = time.Second // how long an entry waits for its seal
	pruneEvery = time.Hour   // how long an entry stays that is old enough to go
)

// Sealer seals entries in the background, and removes those that are old.
type Sealer struct {
	trail  *Trail
	keep   time.Duration
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// StartSealer begins to seal the entries of the trail, and to remove those that
// are older than keep; 0 keeps all. Stop ends it.
func StartSealer(trail *Trail, keep time.Duration) *Sealer {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sealer{trail: trail, keep: keep, cancel: cancel}
	s.done.Go(func() { s.run(ctx) })
	return s
}

// Stop seals what is there, and returns when nothing runs any more. It may be
// called again.
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
		// What is under way is finished: Stop waits for it.
		_, err := s.trail.Seal(context.WithoutCancel(ctx))
		failing = s.tell("seal", failing, err)
		if now := time.Now(); s.keep > 0 && now.Sub(pruned) >= pruneEvery {
			pruned = now
			stuck = s.tell("remove old entries", stuck, s.prune(context.WithoutCancel(ctx), now))
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

// tell writes a failure of what was to be done to the log when it is another
// than the last one, and returns it.
func (s *Sealer) tell(task, last string, err error) string {
	switch {
	case err == nil:
		return ""
	case err.Error() != last:
		s.trail.log.Error("the audit trail cannot be looked after", "task", task, "cause", err)
	}
	return err.Error()
}
