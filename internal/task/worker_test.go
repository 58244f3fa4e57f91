package task_test

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
)

// open returns an empty store; within synctest its clock is the bubble's.
func open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: storetest.MigratedFile(t), Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

type args struct {
	N int `json:"n"`
}

// kindOf returns a kind named "work" that does this.
func kindOf(k task.Kind, work func(ctx context.Context, job *task.Job, n int) error) task.Kind {
	k.Name, k.Version = "work", max(1, k.Version)
	return task.Define(k, func(ctx context.Context, job *task.Job, a args) (any, error) {
		return nil, work(ctx, job, a.N)
	})
}

func enqueue(t *testing.T, s *store.Store, k task.Kind, count int) (ids []int64) {
	t.Helper()
	err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
		for n := range count {
			one, err := k.New(time.Now(), access.System("test").Name(), args{n})
			if err != nil {
				return err
			}
			id, err := tx.Enqueue(one)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// start runs a worker until the test ends, or stop is called.
func start(t *testing.T, s task.Storage, o task.Options, kinds ...task.Kind) (stop func(patience time.Duration)) {
	t.Helper()
	w := task.StartWorker(s, task.NewRegistry(kinds...), o)
	stop = func(patience time.Duration) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		w.Stop(ctx)
	}
	t.Cleanup(func() { stop(0) })
	return stop
}

func want(t *testing.T, s *store.Store, id int64, state task.State) task.Task {
	t.Helper()
	got, err := s.FindTask(t.Context(), id)
	if err != nil || got.State != state {
		t.Errorf("task %d: got %s (%s), %v, want %s", id, got.State, got.Error, err, state)
	}
	return got
}

// await returns when the task is in a state, and fails after a limit.
func await(t *testing.T, s *store.Store, id int64, state task.State, limit time.Duration) time.Duration {
	t.Helper()
	begin := time.Now()
	for time.Since(begin) <= limit {
		got, err := s.FindTask(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if got.State == state {
			return time.Since(begin)
		}
		pause(100 * time.Millisecond)
	}
	want(t, s, id, state)
	t.FailNow()
	return 0
}

// pause lets the time of a bubble go on.
func pause(d time.Duration) { <-time.After(d) }

func TestWorker_RunsTasksOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		var mu sync.Mutex
		ran := map[int]int{}
		k := kindOf(task.Kind{}, func(_ context.Context, job *task.Job, n int) error {
			mu.Lock()
			defer mu.Unlock()
			ran[n]++
			job.Progress(1, 1)
			return nil
		})
		before := enqueue(t, s, k, 10)
		start(t, s, task.Options{Concurrency: 3}, k)
		after := enqueue(t, s, k, 1)
		for _, id := range append(before, after...) {
			await(t, s, id, task.Done, time.Second)
			if got := want(t, s, id, task.Done); got.Runs != 1 || got.Done != 1 || got.Finished.IsZero() {
				t.Errorf("got %+v", got)
			}
		}
		if len(ran) != 10 || ran[0] != 2 || ran[9] != 1 {
			t.Errorf("got %v, want each once, 0 twice as it came twice", ran)
		}
	})
}

// A result is kept; an error is tried again, later each time but at most an hour
// later, and then given up.
func TestWorker_RetriesErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind  task.Kind
		waits []time.Duration
	}{
		"as usual": {task.Kind{}, []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second}},
		"its own":  {task.Kind{MaxAttempts: 4, Backoff: 25 * time.Minute}, []time.Duration{25 * time.Minute, 50 * time.Minute, time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := open(t)
				var runs []time.Time
				k := kindOf(c.kind, func(context.Context, *task.Job, int) error {
					runs = append(runs, time.Now())
					return errors.New("the server is away")
				})
				id := enqueue(t, s, k, 1)[0]
				stop := start(t, s, task.Options{}, k)
				for _, wait := range c.waits {
					pause(wait*5/4 + 3*time.Second)
				}
				stop(time.Second)
				got := want(t, s, id, task.Dead)
				if got.Attempts != len(c.waits)+1 || got.Crashes != 0 || got.Error != "the server is away" || len(runs) != len(c.waits)+1 {
					t.Fatalf("got %+v after %d runs", got, len(runs))
				}
				for i, standard := range c.waits {
					if gap := runs[i+1].Sub(runs[i]); gap < standard*3/4 || gap > standard*5/4+2*time.Second {
						t.Errorf("attempt %d came after %s, want about %s", i+2, gap, standard)
					}
				}
			})
		})
	}
}

func TestWorker_EndsOfATask(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind  task.Kind
		work  func(ctx context.Context, job *task.Job, n int) error
		state task.State
		text  string // part of the error
		check func(task.Task) bool
	}{
		"an error for good": {
			work:  func(context.Context, *task.Job, int) error { return fault.New(fault.Invalid, "No such day.") },
			state: task.Dead, text: "No such day.", check: func(got task.Task) bool { return got.Attempts == 1 },
		},
		"a panic": {
			work:  func(context.Context, *task.Job, int) error { panic("out of cheese") },
			state: task.Dead, text: "given up after 3 crashes; the last: panic: out of cheese",
			check: func(got task.Task) bool {
				return got.Crashes == 3 && got.Attempts == 0 && strings.Contains(got.Stack, "worker_test.go")
			},
		},
		"an ended goroutine": {
			work:  func(context.Context, *task.Job, int) error { runtime.Goexit(); return nil },
			state: task.Dead, text: "ended its goroutine", check: func(got task.Task) bool { return got.Crashes == 3 },
		},
		"too slow": {
			kind: task.Kind{Timeout: 3 * time.Second, MaxAttempts: 1},
			work: func(ctx context.Context, _ *task.Job, _ int) error {
				<-ctx.Done()
				return ctx.Err()
			},
			state: task.Dead, text: "took longer than 3s", check: func(got task.Task) bool { return got.Attempts == 1 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := open(t)
				k := kindOf(tt.kind, tt.work)
				id := enqueue(t, s, k, 1)[0]
				start(t, s, task.Options{}, k)
				await(t, s, id, tt.state, time.Minute)
				if got := want(t, s, id, tt.state); !strings.Contains(got.Error, tt.text) || !tt.check(got) {
					t.Errorf("got %+v", got)
				}
			})
		})
	}
}

func TestWorker_KeepsResults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		k := task.Define(task.Kind{Name: "sum", Version: 1}, func(_ context.Context, _ *task.Job, a args) (any, error) {
			return map[string]int{"twice": 2 * a.N}, nil
		})
		id := enqueue(t, s, k, 2)[1]
		start(t, s, task.Options{}, k)
		await(t, s, id, task.Done, time.Second)
		if got := want(t, s, id, task.Done); string(got.Result) != `{"twice":2}` {
			t.Errorf("got %s", got.Result)
		}
	})
}

// Stop waits for what is under way, and gives back what does not end in time
// without counting it against the task.
func TestWorker_Stop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		k := kindOf(task.Kind{Timeout: time.Hour}, func(ctx context.Context, _ *task.Job, n int) error {
			length := []time.Duration{3 * time.Second, time.Hour, time.Second}[n]
			select {
			case <-time.After(length):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		ids := enqueue(t, s, k, 3)
		stop := start(t, s, task.Options{Concurrency: 2}, k)
		pause(time.Second)
		begin := time.Now()
		stop(10 * time.Second)
		if took := time.Since(begin); took > 11*time.Second {
			t.Errorf("it took %s", took)
		}
		want(t, s, ids[0], task.Done)
		if got := want(t, s, ids[1], task.Pending); got.Attempts != 0 || got.Crashes != 0 {
			t.Errorf("got %+v", got)
		}
		want(t, s, ids[2], task.Pending)
		if workers, err := s.ListWorkers(t.Context(), time.Time{}.AddDate(1, 0, 0)); err != nil || len(workers) != 0 {
			t.Errorf("got %+v, %v, want it to have signed off", workers, err)
		}
	})
}

func TestWorker_Cancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		k := kindOf(task.Kind{}, func(ctx context.Context, _ *task.Job, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		})
		id := enqueue(t, s, k, 1)[0]
		start(t, s, task.Options{}, k)
		await(t, s, id, task.Running, time.Second)
		if err := s.InTaskTx(t.Context(), func(tx task.Tx) error { return tx.CancelTask(id, time.Now()) }); err != nil {
			t.Fatal(err)
		}
		await(t, s, id, task.Canceled, 6*time.Second)
	})
}

// Tasks of arguments that are too new wait for a worker that knows them; those
// whose deadline has passed are not begun.
func TestWorker_DoesNotBegin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		var ran atomic.Int32
		work := func(context.Context, *task.Job, int) error { ran.Add(1); return nil }
		older, newer := kindOf(task.Kind{Version: 1}, work), kindOf(task.Kind{Version: 2}, work)
		id := enqueue(t, s, newer, 1)[0]
		stop := start(t, s, task.Options{}, older)
		await(t, s, id, task.Parked, time.Second)
		late, err := older.New(time.Now().Add(-time.Hour), "test", args{})
		if err != nil {
			t.Fatal(err)
		}
		late.Deadline = time.Now()
		var lateID int64
		if err := s.InTaskTx(t.Context(), func(tx task.Tx) (err error) { lateID, err = tx.Enqueue(late); return err }); err != nil {
			t.Fatal(err)
		}
		await(t, s, lateID, task.Canceled, 2*time.Second)
		if ran.Load() != 0 {
			t.Errorf("%d ran", ran.Load())
		}
		stop(time.Second)
		start(t, s, task.Options{}, newer)
		await(t, s, id, task.Done, 2*time.Second)
	})
}

// The limits of a kind hold also when there is room for more.
func TestWorker_Limits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		var now, most atomic.Int32
		narrow := kindOf(task.Kind{Concurrency: 2}, func(context.Context, *task.Job, int) error {
			most.Store(max(most.Load(), now.Add(1)))
			pause(time.Second)
			now.Add(-1)
			return nil
		})
		var mu sync.Mutex
		var starts []time.Time
		slow := task.Define(task.Kind{Name: "slow", Version: 1, Rate: 10 * time.Second}, func(context.Context, *task.Job, args) (any, error) {
			mu.Lock()
			defer mu.Unlock()
			starts = append(starts, time.Now())
			return nil, nil
		})
		last := enqueue(t, s, slow, 3)[2]
		enqueue(t, s, narrow, 6)
		start(t, s, task.Options{Concurrency: 8}, narrow, slow)
		await(t, s, last, task.Done, 25*time.Second)
		if most.Load() != 2 {
			t.Errorf("got %d at once, want 2", most.Load())
		}
		for i := range 2 {
			if gap := starts[i+1].Sub(starts[i]); gap < 10*time.Second {
				t.Errorf("got %s between two starts, want 10s at least", gap)
			}
		}
	})
}

func TestKind_Arguments(t *testing.T) {
	t.Parallel()
	k := kindOf(task.Kind{}, nil)
	for text, ok := range map[string]bool{
		`{"n":1}`: true, `{}`: true, `null`: true, `{"n":"1"}`: false, `{"m":1}`: false, `[]`: false, `{"n":1} {}`: false, `{`: false,
	} {
		_, err := k.New(time.Now(), "test", json.RawMessage(text))
		if (err == nil) != ok || err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", text, err)
		}
	}
	if _, err := task.NewRegistry(k).Find("other"); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "The tasks are work.") {
		t.Errorf("got %v", err)
	}
}
