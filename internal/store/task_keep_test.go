package store_test

import (
	"strconv"
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/task"
)

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

// testWorkersLost shows that a worker forgets those that were lost before it began.
func testWorkersLost(t *testing.T, s *store.Store) {
	for i, seen := range []time.Time{noon, noon.Add(2 * time.Second), noon.Add(task.Gone + time.Second)} {
		w := task.WorkerInfo{ID: strconv.Itoa(i), Name: "host", Started: seen, Seen: seen}
		if err := s.SaveWorker(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.ListWorkers(t.Context(), noon); err != nil || len(got) != 2 || got[0].ID != "1" {
		t.Errorf("got %+v, %v, want the second and the third", got, err)
	}
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
	if got, err := s.ListWorkers(t.Context(), w.Seen); err != nil || len(got) != 1 || got[0] != w {
		t.Errorf("got %+v, %v, want %+v", got, err, w)
	}
	if got, err := s.ListWorkers(t.Context(), w.Seen.Add(time.Second)); err != nil || len(got) != 0 {
		t.Errorf("got %+v, %v, want none that was seen since", got, err)
	}
	for range 2 {
		if err := s.RemoveWorker(t.Context(), "l"); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.ListWorkers(t.Context(), noon); err != nil || len(got) != 0 {
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

// testForeignText shows that what a server or a panic said is kept, and with it
// the outcome, also where it is not UTF-8.
func testForeignText(t *testing.T, s *store.Store) {
	id := enqueue(t, s, chore("a", 1))[0]
	o := task.Outcome{State: task.Dead, At: noon, Error: "550 bo\xeete inconnue", Stack: "\xff", Attempts: 1}
	if !finish(t, s, "l", claim(t, s, "l", 0, 1)[0], o) {
		t.Error("the outcome was not kept")
	}
	if got := wantState(t, s, id, task.Dead); got.Error != "550 bo\uFFFDte inconnue" || got.Stack != "\uFFFD" {
		t.Errorf("got %q, %q", got.Error, got.Stack)
	}
}
