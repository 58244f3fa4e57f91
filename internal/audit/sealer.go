package audit

import (
	"context"
	"sync"
	"time"
)

// sealEvery is how long an entry waits for its seal.
const sealEvery = time.Second

// Sealer seals entries in the background.
type Sealer struct {
	trail  *Trail
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// StartSealer begins to seal the entries of the trail. Stop ends it.
func StartSealer(trail *Trail) *Sealer {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sealer{trail: trail, cancel: cancel}
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
	failing := ""
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticks.C:
		}
		// What is under way is finished: Stop waits for it.
		_, err := s.trail.Seal(context.WithoutCancel(ctx))
		failing = s.tell(failing, err)
	}
}

// tell writes a failure to the log when it is another than the last one, and
// returns it.
func (s *Sealer) tell(last string, err error) string {
	switch {
	case err == nil:
		return ""
	case err.Error() != last:
		s.trail.log.Error("audit entries cannot be sealed", "cause", err)
	}
	return err.Error()
}
