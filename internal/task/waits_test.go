package task_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/access"
	"roster/internal/task"
)

// A waiting task says what it waits for, whichever way it is read.
func TestTasks_Waits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		hold := func(ctx context.Context, _ *task.Job, _ args) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		one := task.Define(task.Kind{Name: "one", Version: 1, Concurrency: 1}, hold)
		many := task.Define(task.Kind{Name: "many", Version: 1}, hold)
		tasks := task.NewTasks(s, task.NewRegistry(one, many), time.Now, quiet())
		actor := access.System("test")
		begin := func(kind, queue string) int64 {
			id, err := tasks.Start(t.Context(), actor, kind, nil, queue)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		wantWaits := func(id int64, state task.State, want string) {
			t.Helper()
			got, err := tasks.Find(t.Context(), actor, id)
			if err != nil || got.State != state || got.Waits != want {
				t.Errorf("found %d: got %s, %q, %v, want %s, %q", id, got.State, got.Waits, err, state, want)
			}
			listed, err := tasks.List(t.Context(), actor, task.Filter{After: id - 1, Through: id}, 0, 1)
			if err != nil || len(listed) != 1 || listed[0].Waits != want {
				t.Errorf("listed %d: got %+v, %v, want %q", id, listed, err, want)
			}
			searched, err := tasks.Search(t.Context(), actor, task.Filter{After: id - 1, Through: id, Words: []string{got.Kind}}, 0, 1)
			if err != nil || len(searched.Tasks) != 1 || searched.Tasks[0].Waits != want {
				t.Errorf("searched %d: got %+v, %v, want %q", id, searched, err, want)
			}
		}
		first := begin("one", "")
		wantWaits(first, task.Pending, "for a worker: none is running")
		stop := start(t, s, task.Options{Concurrency: 2, Queues: []string{"default", "mail"}}, one, many)
		pause(3 * time.Second)
		wantWaits(first, task.Running, "")
		second := begin("one", "mail")
		pause(3 * time.Second)
		wantWaits(second, task.Pending, "for another one to end: 1 may run at a time")
		begin("many", "")
		pause(10 * time.Second)
		third := begin("many", "")
		pause(3 * time.Second)
		wantWaits(third, task.Pending, "for a worker: all are busy")
		elsewhere := begin("many", "elsewhere")
		wantWaits(elsewhere, task.Pending, `for a worker that serves the queue "elsewhere": none is running`)
		if err := tasks.Cancel(t.Context(), actor, third); err != nil {
			t.Fatal(err)
		}
		wantWaits(third, task.Canceled, "")
		stop(0)
		n, err := many.New(time.Now(), "test", args{})
		if err != nil {
			t.Fatal(err)
		}
		n.RunAt = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
		var later int64
		if err := s.InTaskTx(t.Context(), func(tx task.Tx) (err error) { later, err = tx.Enqueue(n); return err }); err != nil {
			t.Fatal(err)
		}
		wantWaits(later, task.Pending, "until 2030-01-02 03:04:05 UTC")
	})
}
