package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/task"
	"roster/internal/tracing"
)

// runTasks runs the suite that every task.Storage and task.Store must pass.
// open returns an empty store that is closed when the test ends.
func runTasks(t *testing.T, open func(testing.TB) *store.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, *store.Store){
		"EnqueueRoundTrip": testEnqueueRoundTrip,
		"EnqueueRollback":  testEnqueueRollback,
		"OnEnqueue":        testOnEnqueue,
		"ClaimOrder":       testClaimOrder,
		"ClaimRoom":        testClaimRoom,
		"ClaimAtOnce":      testClaimAtOnce,
		"Delayed":          testDelayed,
		"Fence":            testFence,
		"Renew":            testRenew,
		"Retry":            testTaskRetry,
		"Sweep":            testSweep,
		"Park":             testPark,
		"Cancel":           testCancel,
		"Drop":             testDrop,
		"DropDeliveries":   testDropDeliveries,
		"DropOld":          testDropOld,
		"DropHistory":      testDropHistory,
		"Workers":          testWorkers,
		"WorkersLost":      testWorkersLost,
		"FilterTasks":      testFilterTasks,
		"SearchTasks":      testSearchTasks,
		"Trace":            testTrace,
		"CountQueues":      testCountQueues,
		"CountFinished":    testCountFinished,
		"Reports":          testReports,
		"Clock":            testClock,
		"Backlog":          testBacklog,
		"ForeignText":      testForeignText,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// chore returns a new task of that kind and number.
func chore(kind string, n int) task.New {
	return task.New{
		Kind: kind, Version: 1, Queue: task.DefaultQueue, Priority: task.DefaultPriority,
		Args: json.RawMessage(fmt.Sprintf(`{"n":%d}`, n)), Actor: "system:test", At: noon, RunAt: noon,
	}
}

func enqueue(t *testing.T, s *store.Store, all ...task.New) (ids []int64) {
	t.Helper()
	err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
		ids = nil
		for _, n := range all {
			id, err := tx.Enqueue(n)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("Enqueue: %v", err)
	}
	return ids
}

// claim takes up to limit tasks of the kinds "a" and "b" at a time after noon.
func claim(t *testing.T, s *store.Store, lease string, after time.Duration, limit int) []task.Task {
	t.Helper()
	return claimAs(t, s, newClaim(lease, after, limit))
}

func newClaim(lease string, after time.Duration, limit int) task.Claim {
	now := noon.Add(after)
	return task.Claim{
		Lease: lease, Worker: "worker of " + lease, Now: now, Until: now.Add(task.Lease), Limit: limit,
		Room: map[string]int{"a": limit, "b": limit},
	}
}

func claimAs(t *testing.T, s *store.Store, c task.Claim) []task.Task {
	t.Helper()
	tasks, err := s.ClaimTasks(t.Context(), c)
	if err != nil {
		t.Fatalf("ClaimTasks: %v", err)
	}
	return tasks
}

func numbers(tasks []task.Task) string {
	var all []string
	for _, one := range tasks {
		all = append(all, strings.Trim(string(one.Args), `{"n:}`))
	}
	return strings.Join(all, " ")
}

func findTask(t *testing.T, s *store.Store, id int64) task.Task {
	t.Helper()
	found, err := s.FindTask(t.Context(), id)
	if err != nil {
		t.Fatalf("FindTask %d: %v", id, err)
	}
	return found
}

func wantState(t *testing.T, s *store.Store, id int64, want task.State) task.Task {
	t.Helper()
	got := findTask(t, s, id)
	if got.State != want {
		t.Errorf("task %d: got state %s (%s), want %s", id, got.State, got.Error, want)
	}
	return got
}

func finish(t *testing.T, s *store.Store, lease string, of task.Task, o task.Outcome) bool {
	t.Helper()
	kept, err := s.FinishTask(t.Context(), lease, task.Run{ID: of.ID, Number: of.Runs}, o)
	if err != nil {
		t.Fatalf("FinishTask: %v", err)
	}
	return kept
}

func testEnqueueRoundTrip(t *testing.T, s *store.Store) {
	full := chore("a", 7)
	full.Version, full.Queue, full.Priority, full.Actor = 3, "mail", 250, "Zoë 😀"
	full.Args = json.RawMessage(`{"text":"é \" \\ 😀"}`)
	full.RunAt, full.Deadline = noon.Add(time.Hour), noon.Add(2*time.Hour)
	ids := enqueue(t, s, full, chore("b", 1))
	got := findTask(t, s, ids[0])
	if got.State != task.Pending || got.Kind != "a" || got.Version != 3 || got.Queue != "mail" || got.Priority != 250 ||
		string(got.Args) != string(full.Args) || got.Actor != full.Actor || got.At != full.At || got.RunAt != full.RunAt || got.Deadline != full.Deadline {
		t.Errorf("got %+v, want %+v", got, full)
	}
	if got.Runs != 0 || got.Result != nil || !got.Started.IsZero() || !got.Finished.IsZero() {
		t.Errorf("got %+v, want a task that never ran", got)
	}
	select {
	case <-s.Enqueued():
	default:
		t.Error("the tasks were not announced")
	}
	if _, err := s.FindTask(t.Context(), 1<<40); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v, want NotFound", err)
	}
	all, err := s.ListTasks(t.Context(), task.Filter{}, 0, 10)
	if err != nil || len(all) != 2 || all[0].ID != ids[1] {
		t.Errorf("got %+v, %v, want both, the newest first", all, err)
	}
	pending, err := s.ListTasks(t.Context(), task.Filter{State: task.Pending}, 1, 10)
	if err != nil || len(pending) != 1 || pending[0].ID != ids[0] {
		t.Errorf("got %+v, %v, want the one that is delayed", pending, err)
	}
	if counts, err := s.CountTasks(t.Context()); err != nil || counts[task.Pending] != 2 || len(counts) != 1 {
		t.Errorf("got %v, %v, want two pending", counts, err)
	}
}

func testEnqueueRollback(t *testing.T, s *store.Store) {
	undone := errors.New("undone")
	err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
		_, err := tx.Enqueue(chore("a", 1))
		return errors.Join(err, undone)
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if got := claim(t, s, "l", 0, 5); len(got) != 0 {
		t.Errorf("got %v of a transaction that was rolled back", got)
	}
	select {
	case <-s.Enqueued():
		t.Error("a task that is not there was announced")
	default:
	}
}

// testTrace shows that a task keeps the trace in which it was stored, through all
// its runs.
func testTrace(t *testing.T, s *store.Store) {
	tracer, err := tracing.New(t.Context(), tracing.Options{Endpoint: "http://127.0.0.1:1", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tracer.Close(t.Context()) }() // nothing ended, so there is nothing to send
	r := httptest.NewRequest(http.MethodPost, "/api/users/", http.NoBody)
	r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	ctx, _ := tracer.Request(r.WithContext(t.Context()))
	if err := s.InTaskTx(ctx, func(tx task.Tx) error {
		_, err := tx.Enqueue(chore("a", 1))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	enqueue(t, s, chore("a", 2))
	for _, lease := range []string{"first", "second"} {
		got := claim(t, s, lease, 0, 5)
		if len(got) != 2 || got[0].Trace != tracing.Parent(ctx) || got[0].Trace == "" || got[1].Trace != "" {
			t.Fatalf("the %s time: got %+v, want the first traced by %s", lease, got, tracing.Parent(ctx))
		}
		if _, err := s.SweepTasks(t.Context(), noon.Add(3*time.Hour), 5, func(task.Task) task.Outcome {
			return task.Outcome{State: task.Pending, RunAt: noon, At: noon}
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// testOnEnqueue shows that the queues of tasks are announced once they are stored, or
// wait again.
func testOnEnqueue(t *testing.T, s *store.Store) {
	var announced []string
	s.OnEnqueue(func(queues []string) { announced = append(announced, strings.Join(queues, "+")) })
	mail := chore("a", 1)
	mail.Queue = "mail"
	ids := enqueue(t, s, mail, chore("a", 2))
	undone := errors.New("undone")
	if err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
		_, err := tx.Enqueue(mail)
		return errors.Join(err, undone)
	}); !errors.Is(err, undone) {
		t.Fatal(err)
	}
	claim(t, s, "l", 0, 1)
	if _, err := s.SweepTasks(t.Context(), noon.Add(time.Hour), 5, func(task.Task) task.Outcome {
		return task.Outcome{State: task.Dead, At: noon}
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.InTaskTx(t.Context(), func(tx task.Tx) error { return tx.RetryTask(ids[0], noon) }); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(announced, " "), "mail+default mail "; got != want && got != "mail+default default " {
		t.Errorf("got %q, want %q", got, want)
	}
}

// testClaimOrder shows that the urgent come first, then the oldest, each once,
// from the queues that are asked for.
func testClaimOrder(t *testing.T, s *store.Store) {
	urgent, old, other := chore("a", 3), chore("b", 2), chore("a", 4)
	urgent.Priority, old.RunAt, other.Queue = 1, noon.Add(-time.Hour), "other"
	enqueue(t, s, chore("a", 1), old, urgent, other, chore("unknown", 9))
	onlyOther := newClaim("l0", 0, 10)
	onlyOther.Queues = []string{"other", "none"}
	if got := numbers(claimAs(t, s, onlyOther)); got != "4" {
		t.Errorf("of one queue: got %q, want 4", got)
	}
	first := claim(t, s, "l1", 0, 2)
	if got := numbers(first); got != "3 2" {
		t.Errorf("got %q, want 3 2", got)
	}
	for _, one := range first {
		if one.State != task.Running || one.Runs != 1 || one.Worker != "worker of l1" || one.Started != noon {
			t.Errorf("got %+v, want it to run", one)
		}
	}
	if got := numbers(claim(t, s, "l2", 0, 10)); got != "1" {
		t.Errorf("got %q, want the one that is left, and none of an unknown kind", got)
	}
}

func testClaimRoom(t *testing.T, s *store.Store) {
	enqueue(t, s, chore("a", 1), chore("a", 2), chore("b", 3), chore("b", 4))
	c := newClaim("l", 0, 4)
	c.Room = map[string]int{"a": 1, "b": 1}
	if got := numbers(claimAs(t, s, c)); got != "1 3" {
		t.Errorf("got %q, want one of each kind", got)
	}
	c.Room = map[string]int{"a": 5}
	if got := numbers(claimAs(t, s, c)); got != "2" {
		t.Errorf("got %q, want the kind that there is room for", got)
	}
}

// testClaimAtOnce shows that many who claim at once never get the same task,
// and leave none.
func testClaimAtOnce(t *testing.T, s *store.Store) {
	const claimers, count = 4, 40
	for n := range count {
		enqueue(t, s, chore("a", n))
	}
	var mu sync.Mutex
	taken := map[int64]int{}
	var wait sync.WaitGroup
	for n := range claimers {
		wait.Go(func() {
			for {
				tasks := claim(t, s, fmt.Sprint("l", n), 0, 3)
				mu.Lock()
				for _, one := range tasks {
					taken[one.ID]++
				}
				enough := len(taken) == count
				mu.Unlock()
				if enough || t.Failed() {
					return
				}
			}
		})
	}
	wait.Wait()
	for id, n := range taken {
		if n != 1 {
			t.Errorf("task %d was taken %d times", id, n)
		}
	}
}

func testDelayed(t *testing.T, s *store.Store) {
	later := chore("a", 1)
	later.RunAt = noon.Add(time.Minute)
	enqueue(t, s, later)
	if got := claim(t, s, "l", time.Minute-time.Microsecond, 5); len(got) != 0 {
		t.Errorf("got %v before its time", got)
	}
	if got := numbers(claim(t, s, "l", time.Minute, 5)); got != "1" {
		t.Errorf("got %q at its time", got)
	}
}

// testFence shows that only who holds the lease of this very run can say what
// became of it, and once.
func testFence(t *testing.T, s *store.Store) {
	ids := enqueue(t, s, chore("a", 1))
	first := claim(t, s, "l", 0, 1)[0]
	done := task.Outcome{State: task.Done, At: noon, Result: json.RawMessage(`{"sent":1}`)}
	if finish(t, s, "other", first, done) {
		t.Error("another lease finished the task")
	}
	if !finish(t, s, "l", first, task.Outcome{State: task.Pending, At: noon, RunAt: noon}) {
		t.Error("the task could not be given back")
	}
	second := claim(t, s, "l", 0, 1)[0]
	if finish(t, s, "l", first, done) {
		t.Error("the first run finished the second")
	}
	if !finish(t, s, "l", second, done) || finish(t, s, "l", second, done) {
		t.Error("want the run to be finished once")
	}
	got := wantState(t, s, ids[0], task.Done)
	if string(got.Result) != `{"sent":1}` || got.Finished != noon || got.Runs != 2 || got.Attempts != 0 {
		t.Errorf("got %+v", got)
	}
}

func testRenew(t *testing.T, s *store.Store) {
	ids := enqueue(t, s, chore("a", 1), chore("a", 2))
	tasks := claim(t, s, "l", 0, 2)
	runs := []task.Run{{ID: ids[0], Number: 1, Done: 30, Total: 100}, {ID: ids[1], Number: 2}}
	held, err := s.RenewTasks(t.Context(), "l", noon.Add(time.Hour), runs)
	if err != nil || len(held) != 1 || held[0] != (task.Held{ID: ids[0]}) {
		t.Errorf("got %+v, %v, want the run that the lease is for", held, err)
	}
	if got := findTask(t, s, ids[0]); got.Done != 30 || got.Total != 100 {
		t.Errorf("got progress %d of %d, want 30 of 100", got.Done, got.Total)
	}
	again := func(task.Task) task.Outcome {
		return task.Outcome{State: task.Pending, At: noon, RunAt: noon, Crashes: 1}
	}
	lost, err := s.SweepTasks(t.Context(), noon.Add(time.Minute), 10, again)
	if err != nil || len(lost) != 1 || lost[0].ID != tasks[1].ID {
		t.Errorf("got %+v, %v, want the one that was not renewed", lost, err)
	}
	if held, err := s.RenewTasks(t.Context(), "l", noon.Add(time.Hour), []task.Run{{ID: ids[1], Number: 1}}); err != nil || len(held) != 0 {
		t.Errorf("got %+v, %v after the lease was lost", held, err)
	}
}

func testTaskRetry(t *testing.T, s *store.Store) {
	ids := enqueue(t, s, chore("a", 1))
	first := claim(t, s, "l", 0, 1)[0]
	failed := task.Outcome{State: task.Pending, At: noon, RunAt: noon.Add(time.Minute), Error: strings.Repeat("é", 5000), Attempts: 1}
	finish(t, s, "l", first, failed)
	if got := claim(t, s, "l", time.Second, 1); len(got) != 0 {
		t.Errorf("got %v before the next attempt", got)
	}
	second := claim(t, s, "l", time.Minute, 1)[0]
	if second.Attempts != 1 || second.Runs != 2 || len(second.Error) != 2*4000 {
		t.Errorf("got %d attempts, %d runs and %d bytes of error", second.Attempts, second.Runs, len(second.Error))
	}
	finish(t, s, "l", second, task.Outcome{State: task.Dead, At: noon, Error: "for good", Stack: "main.go:1", Crashes: 1})
	dead := wantState(t, s, ids[0], task.Dead)
	if dead.Error != "for good" || dead.Stack != "main.go:1" || dead.Crashes != 1 || dead.Finished != noon {
		t.Errorf("got %+v", dead)
	}
	if err := s.InTaskTx(t.Context(), func(tx task.Tx) error { return tx.RetryTask(ids[0], noon) }); err != nil {
		t.Fatal(err)
	}
	if got := claim(t, s, "l", 0, 1); len(got) != 1 || got[0].Attempts != 0 || got[0].Crashes != 0 || !got[0].Finished.IsZero() {
		t.Errorf("got %+v, want it to run as if it never had", got)
	}
}
