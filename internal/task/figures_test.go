package task_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/task"
)

func TestListPunctuality(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, kinds := open(t), task.NewRegistry(nothing)
		begin := time.Now()
		sql(t, s, everyTenSeconds, entry(1, "work", "{}", begin, "interval_id", "0, 1"),
			entry(2, "others.task", "{}", begin, "interval_id", "0, 1"))
		want := func(last time.Time, late time.Duration) {
			t.Helper()
			got, err := task.ListPunctuality(t.Context(), s, kinds)
			if err != nil || len(got) != 1 || !got[0].LastRun.Equal(last) || got[0].Late != late || got[0].Kind != "work" {
				t.Errorf("got %+v, %v, want ours alone, run at %v and late by %v", got, err, last, late)
			}
		}
		want(time.Time{}, 0)
		pause(25 * time.Second)
		want(time.Time{}, 5*time.Second)
		b := task.StartBeat(s, kinds, quiet())
		defer b.Stop()
		pause(time.Second)
		want(begin.Add(20*time.Second), 0)
	})
}

// heard is a task.Observer that records its calls.
type heard struct {
	mu    sync.Mutex
	calls []string
}

type heardKey struct{}

func (h *heard) note(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, text)
}

func (h *heard) RunBegan(ctx context.Context, t task.Task) (context.Context, func(task.Outcome)) {
	h.note("began " + t.Kind)
	return context.WithValue(ctx, heardKey{}, "its own"), func(o task.Outcome) { h.note("ended " + string(o.State)) }
}

func (h *heard) WorkerLost(t task.Task) { h.note("lost " + t.Worker) }

func TestWorker_Observer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, h := open(t), &heard{}
		k := kindOf(task.Kind{}, func(ctx context.Context, _ *task.Job, _ int) error {
			if ctx.Value(heardKey{}) != "its own" {
				t.Error("the work did not get the context of its observer")
			}
			return nil
		})
		enqueue(t, s, k, 1)
		now := time.Now()
		_, err := s.ClaimTasks(t.Context(), task.Claim{
			Lease: "x", Worker: "frozen", Now: now, Until: now.Add(time.Second), Limit: 1, Room: map[string]int{"work": 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		w := task.StartWorker(s, task.NewRegistry(k), task.Options{Observer: h})
		pause(20 * time.Second)
		w.Stop(t.Context())
		if want := []string{"lost frozen", "began work", "ended done"}; !slices.Equal(h.calls, want) {
			t.Errorf("got %q, want %q", h.calls, want)
		}
	})
}
