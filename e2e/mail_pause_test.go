package e2e_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"roster/internal/job"
	"roster/internal/task"
)

// gate lets a number of recipients pass, and holds the others until it is opened.
type gate struct {
	mu     sync.Mutex
	room   int
	opened chan struct{}
}

func (g *gate) pass(string) error {
	g.mu.Lock()
	g.room--
	free := g.room >= 0
	g.mu.Unlock()
	if !free {
		<-g.opened
	}
	return nil
}

// TestBulkMail_PausedByPerson pauses a mailing while its worker sends, or is killed
// while it is asked to, kills workers in between, and resumes. No worker goes on
// before that, no one is lost, and no one gets the message twice.
func TestBulkMail_PausedByPerson(t *testing.T) {
	t.Parallel()
	for name, killed := range map[string]bool{"pauses": false, "killed before it pauses": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, settings []string) {
				t.Helper()
				g := &gate{room: 16, opened: make(chan struct{})}
				open := sync.OnceFunc(func() { close(g.opened) })
				t.Cleanup(open)
				db, sink := openStore(t, settings), startSink(t, &sink{onRcpt: g.pass})
				settings = append(settings, sink.settings()...)
				dir := t.TempDir()
				insertUsers(t, db, 60)
				id := enqueueBulk(t, db)
				worker := startBackground(t, t.TempDir(), settings, "worker")
				eventually(t, patience, "two batches to be sent", func() bool {
					counts, err := db.CountDeliveries(t.Context(), id)
					return err == nil && counts[job.Sent] == 16 && counts[job.Sending] == 8
				})
				steer := func(verb, want string) {
					t.Helper()
					out, err := roster(t, dir, append([]string{"LOG_DIR=" + filepath.Join(dir, "logs"), signing}, settings...), "task", verb, strconv.FormatInt(id, 10)).CombinedOutput()
					if err != nil || !strings.Contains(string(out), want) {
						t.Fatalf("%s: got %s, %v, want %s", verb, out, err, want)
					}
				}
				steer("pause", "is running, and was asked to pause")
				if killed {
					worker.kill()
				}
				open()
				state := func(want task.State) func() bool {
					return func() bool {
						found, err := db.FindTask(t.Context(), id)
						return err == nil && found.State == want
					}
				}
				if killed {
					worker = startBackground(t, t.TempDir(), settings, "worker")
				}
				eventually(t, 2*patience, "the mailing to be paused", state(task.Paused))
				worker.kill()
				startBackground(t, t.TempDir(), settings, "worker")
				sent := sink.count()
				enqueueNoops(t, db, 3, 1)
				eventually(t, patience, "other tasks", func() bool { return countState(t, db, task.Done) == 3 })
				if sink.count() != sent || sent > 24 || !state(task.Paused)() {
					t.Errorf("got %d messages while it was paused, want the %d before", sink.count(), sent)
				}
				counts, err := db.CountDeliveries(t.Context(), id)
				if err != nil || counts[job.Sent]+counts[job.Waiting]+counts[job.Sending] != 60 || !killed && counts[job.Sending] != 0 {
					t.Errorf("got %v, %v, want all 60", counts, err)
				}
				steer("resume", "is pending")
				eventually(t, 2*patience, "the task to be done", state(task.Done))
				wantDelivered(t, sink, 60, 0)
				wantCounts(t, db, id, map[job.DeliveryState]int64{job.Sent: 60})
			})
		})
	}
}
