package audit

import (
	"context"
	"sync"
	"time"
)

// sealEvery is the maximum wait for a seal.
const sealEvery = time.Second

// Sealer seals entries in the background.
type Sealer struct {
	trail  *Trail
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// StartSealer starts sealing the entries of the trail. Call Stop to end it.
func StartSealer(trail *Trail) *Sealer {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sealer{trail: trail, cancel: cancel}
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
	failing := ""
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticks.C:
		}
		// Work in progress is completed: Stop waits for it.
		_, err := s.trail.Seal(context.WithoutCancel(ctx))
		failing = s.report(failing, err)
	}
}

// report logs an error if it differs from the last one, and returns it.
func (s *Sealer) report(last string, err error) string {
	switch {
	case err == nil:
		return ""
	case err.Error() != last:
		s.trail.log.Error("audit entries cannot be sealed", "cause", err)
	}
	return err.Error()
}
