package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/task"
)

// RunTasks runs the suite that every task.Storage and task.Store must pass.
// open returns an empty store that is closed when the test ends.
func RunTasks(t *testing.T, open func(testing.TB) *store.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, *store.Store){
		"EnqueueRoundTrip": testEnqueueRoundTrip,
		"EnqueueRollback":  testEnqueueRollback,
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
		"Workers":          testWorkers,
		"Clock":            testClock,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// chore returns a new task whose kind and number are told.
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
func claim(t *testing.T, s *store.Store, lease string, after time.Duration, limit int, change ...func(*task.Claim)) []task.Task {
	t.Helper()
	now := noon.Add(after)
	c := task.Claim{
		Lease: lease, Worker: "worker of " + lease, Now: now, Until: now.Add(task.Lease), Limit: limit,
		Room: map[string]int{"a": limit, "b": limit},
	}
	for _, fn := range change {
		fn(&c)
	}
	tasks, err := s.ClaimTasks(t.Context(), c)
	if err != nil {
		t.Fatalf("ClaimTasks: %v", err)
	}
	return tasks
}

func numbers(tasks []task.Task) string {
	var all []string
	for _, one := range tasks {
		all = append(all, strings.Trim(string(one.Args), `{"n":}`))
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
		t.Error("nobody was told of the tasks")
	}
	if _, err := s.FindTask(t.Context(), 1<<40); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v, want NotFound", err)
	}
	all, err := s.ListTasks(t.Context(), "", 0, 10)
	if err != nil || len(all) != 2 || all[0].ID != ids[1] {
		t.Errorf("got %+v, %v, want both, the newest first", all, err)
	}
	pending, err := s.ListTasks(t.Context(), task.Pending, ids[1], 10)
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
		t.Error("somebody was told of a task that is not there")
	default:
	}
}

// testClaimOrder shows that the urgent come first, then the oldest, each once,
// from the queues that are asked for.
func testClaimOrder(t *testing.T, s *store.Store) {
	urgent, old, other := chore("a", 3), chore("b", 2), chore("a", 4)
	urgent.Priority, old.RunAt, other.Queue = 1, noon.Add(-time.Hour), "other"
	enqueue(t, s, chore("a", 1), old, urgent, other, chore("unknown", 9))
	onlyOther := func(c *task.Claim) { c.Queues = []string{"other", "none"} }
	if got := numbers(claim(t, s, "l0", 0, 10, onlyOther)); got != "4" {
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
	room := func(a, b int) func(*task.Claim) {
		return func(c *task.Claim) {
			c.Room = map[string]int{"a": a}
			if b > 0 {
				c.Room["b"] = b
			}
		}
	}
	if got := numbers(claim(t, s, "l", 0, 4, room(1, 1))); got != "1 3" {
		t.Errorf("got %q, want one of each kind", got)
	}
	if got := numbers(claim(t, s, "l", 0, 4, room(5, 0))); got != "2" {
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
	again := func(of task.Task) task.Outcome {
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

func testSweep(t *testing.T, s *store.Store) {
	ids := enqueue(t, s, chore("a", 1), chore("a", 2))
	claim(t, s, "l", 0, 2)
	decide := func(of task.Task) task.Outcome {
		return task.Outcome{State: task.Pending, At: noon, RunAt: noon, Crashes: 1, Error: "lost " + of.Worker}
	}
	if lost, err := s.SweepTasks(t.Context(), noon.Add(task.Lease), 10, decide); err != nil || len(lost) != 0 {
		t.Errorf("got %v, %v while the lease goes on", lost, err)
	}
	after := noon.Add(task.Lease + time.Microsecond)
	if lost, err := s.SweepTasks(t.Context(), after, 1, decide); err != nil || len(lost) != 1 {
		t.Errorf("got %v, %v, want one at a time", lost, err)
	}
	if lost, err := s.SweepTasks(t.Context(), after, 10, decide); err != nil || len(lost) != 1 {
		t.Errorf("got %v, %v, want the other", lost, err)
	}
	for _, id := range ids {
		if got := wantState(t, s, id, task.Pending); got.Crashes != 1 || got.Error != "lost worker of l" {
			t.Errorf("got %+v", got)
		}
	}
	if got := claim(t, s, "l2", time.Minute, 5); len(got) != 2 || got[0].Runs != 2 {
		t.Errorf("got %+v, want both again", got)
	}
}

func testPark(t *testing.T, s *store.Store) {
	newer := chore("a", 1)
	newer.Version = 4
	ids := enqueue(t, s, newer)
	finish(t, s, "l", claim(t, s, "l", 0, 1)[0], task.Outcome{State: task.Parked, At: noon, Error: "version 4"})
	wantState(t, s, ids[0], task.Parked)
	unpark := func(newest int) {
		readable := []task.Versions{{Kind: "a", Oldest: 2, Newest: newest}, {Kind: "b", Oldest: 1, Newest: 9}}
		if err := s.UnparkTasks(t.Context(), readable, noon); err != nil {
			t.Fatal(err)
		}
	}
	unpark(3)
	wantState(t, s, ids[0], task.Parked)
	unpark(4)
	wantState(t, s, ids[0], task.Pending)
}

func testCancel(t *testing.T, s *store.Store) {
	later := chore("a", 3)
	later.RunAt = noon.Add(time.Hour)
	ids := enqueue(t, s, chore("a", 1), chore("a", 2), later)
	claim(t, s, "l", 0, 1)
	for _, id := range ids {
		err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
			if _, err := tx.FindTask(id); err != nil {
				return err
			}
			return tx.CancelTask(id, noon)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	wantState(t, s, ids[0], task.Running)
	wantState(t, s, ids[1], task.Canceled)
	wantState(t, s, ids[2], task.Canceled)
	held, err := s.RenewTasks(t.Context(), "l", noon.Add(time.Hour), []task.Run{{ID: ids[0], Number: 1}})
	if err != nil || len(held) != 1 || !held[0].CancelAsked {
		t.Errorf("got %+v, %v, want the worker to be asked to stop", held, err)
	}
}

// testDrop shows that what is done goes when it is old, and what is dead stays.
func testDrop(t *testing.T, s *store.Store) {
	ids := enqueue(t, s, chore("a", 1), chore("a", 2), chore("a", 3), chore("a", 4))
	states := []task.State{task.Done, task.Canceled, task.Dead}
	for i, one := range claim(t, s, "l", 0, 3) {
		finish(t, s, "l", one, task.Outcome{State: states[i], At: noon})
	}
	if n, err := s.DropTasks(t.Context(), noon, 10); err != nil || n != 0 {
		t.Errorf("got %d, %v dropped too early", n, err)
	}
	if n, err := s.DropTasks(t.Context(), noon.Add(time.Second), 10); err != nil || n != 2 {
		t.Errorf("got %d, %v, want the two that are done and canceled", n, err)
	}
	wantState(t, s, ids[2], task.Dead)
	wantState(t, s, ids[3], task.Pending)
}

func testWorkers(t *testing.T, s *store.Store) {
	w := task.WorkerInfo{ID: "l", Name: "host:1", Queues: "a,b", Concurrency: 3, Running: 1, Started: noon, Seen: noon}
	save := func() {
		if err := s.SaveWorker(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	save()
	w.Running, w.Seen = 2, noon.Add(time.Second)
	save()
	if got, err := s.ListWorkers(t.Context()); err != nil || len(got) != 1 || got[0] != w {
		t.Errorf("got %+v, %v, want %+v", got, err, w)
	}
	for range 2 {
		if err := s.RemoveWorker(t.Context(), "l"); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.ListWorkers(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("got %+v, %v, want none", got, err)
	}
}

// testClock shows a clock near this machine's: the server of the tests runs on it.
func testClock(t *testing.T, s *store.Store) {
	before := time.Now().Add(-time.Minute)
	got, err := s.Clock(t.Context())
	if err != nil || got.Before(before) || got.After(time.Now().Add(time.Minute)) {
		t.Errorf("got %v, %v", got, err)
	}
}
