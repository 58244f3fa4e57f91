package task_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
)

// hub is a task.Broker that a test speaks through.
type hub struct {
	queues []string
	news   chan struct{}
}

func (h *hub) Announce([]string) {}

func (h *hub) Listen(queues []string) <-chan struct{} {
	h.queues = queues
	return h.news
}

// counted counts how often tasks are looked for.
type counted struct {
	task.Storage

	claims atomic.Int64
}

func (c *counted) ClaimTasks(ctx context.Context, claim task.Claim) ([]task.Task, error) {
	c.claims.Add(1)
	return c.Storage.ClaimTasks(ctx, claim)
}

// A notified worker immediately runs what another process has stored; one that
// is not notified finds it a second later.
func TestWorker_IsNotified(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := storetest.MigratedFile(t)
		var stores [2]*store.Store
		for i := range stores {
			s, err := store.Open(t.Context(), store.Options{Path: path, Readers: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			stores[i] = s
		}
		here, elsewhere := stores[0], stores[1]
		k, h := kindOf(task.Kind{}, func(context.Context, *task.Job, int) error { return nil }), &hub{news: make(chan struct{}, 1)}
		stop := start(t, here, task.Options{Broker: h, Queues: []string{task.DefaultQueue}}, k)
		defer stop(0)
		pause(150 * time.Millisecond)
		ids := enqueue(t, elsewhere, k, 1)
		h.news <- struct{}{}
		if took := await(t, here, ids[0], task.Done, time.Second); took > 200*time.Millisecond {
			t.Errorf("notified: it took %s", took)
		}
		if len(h.queues) != 1 || h.queues[0] != task.DefaultQueue {
			t.Errorf("it listens to %q, want its queue", h.queues)
		}
		pause(100 * time.Millisecond)
		ids = enqueue(t, elsewhere, k, 1)
		if took := await(t, here, ids[0], task.Done, 2*time.Second); took < 500*time.Millisecond {
			t.Errorf("not notified: it took %s, want until the next look", took)
		}
	})
}

// However often a worker is notified of tasks that others claim, it polls at intervals.
func TestWorker_IsNotifiedInVain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, h := &counted{Storage: open(t)}, &hub{news: make(chan struct{}, 1)}
		k := kindOf(task.Kind{}, func(context.Context, *task.Job, int) error { return nil })
		stop := start(t, c, task.Options{Broker: h}, k)
		for range 200 {
			h.news <- struct{}{}
			pause(time.Millisecond)
		}
		stop(0)
		if got := c.claims.Load(); got < 10 || got > 30 {
			t.Errorf("it looked %d times in 200 ms, want about every 10 ms", got)
		}
	})
}
