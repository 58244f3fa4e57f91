package e2e_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/task"
)

// openStore opens the database that the settings name, and migrates it.
func openStore(t *testing.T, settings []string) *store.Store {
	t.Helper()
	values := map[string]string{}
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		values[name] = value
	}
	var db *store.Store
	var err error
	if values["DB_ENGINE"] == "mysql" {
		port, _ := strconv.Atoi(values["DB_PORT"])
		db, err = store.OpenMySQL(t.Context(), store.MySQLOptions{
			User: values["DB_USER"], Password: values["DB_PASSWORD"], Host: values["DB_HOST"], Port: port, Database: values["DB_NAME"],
		})
	} else {
		db, err = store.Open(t.Context(), store.Options{Path: values["DB_NAME"]})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if url := values["BROKER_URL"]; url != "" {
		announce(t, db, url)
	}
	return db
}

// startBackground runs `roster worker` or `roster beat`. It is killed at the
// test's end if need be.
func startBackground(t *testing.T, dir string, settings []string, args ...string) *server {
	t.Helper()
	s := &server{t: t, done: make(chan struct{})}
	s.cmd = roster(t, dir, append([]string{"LOG_DIR=", signing}, settings...), args...)
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go s.follow(stderr, nil)
	t.Cleanup(s.kill)
	return s
}

// enqueueNoops stores tasks that take up to that many milliseconds each.
func enqueueNoops(t *testing.T, db *store.Store, count, milliseconds int) {
	t.Helper()
	err := db.InTaskTx(t.Context(), func(tx task.Tx) error {
		for range count {
			n, err := job.Noop().New(time.Now(), "test", job.NoopArgs{Milliseconds: rand.Int64N(int64(milliseconds) + 1)})
			if err != nil {
				return err
			}
			if _, err := tx.Enqueue(n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// countState is how many tasks are in a state.
func countState(t *testing.T, db *store.Store, state task.State) int {
	t.Helper()
	counts, err := db.CountTasks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int(counts[state])
}

// eventually returns once the condition holds, how long that took, and fails
// when it takes too long.
func eventually(t *testing.T, limit time.Duration, what string, holds func() bool) time.Duration {
	t.Helper()
	for begin := time.Now(); ; <-time.After(20 * time.Millisecond) {
		took := time.Since(begin)
		if holds() {
			return took
		}
		if took > limit {
			t.Fatalf("%s: not within %s", what, limit)
		}
	}
}

var (
	taskDone = regexp.MustCompile(`msg="task done".* id=(\d+)`)
	taskLost = regexp.MustCompile(`msg="a task's lease was lost; its outcome was dropped"`)
)

// drillRounds is how often the drill of the workers runs: once, or 20 times in
// the long form.
func drillRounds() (rounds int, frozen time.Duration) {
	if os.Getenv("ROSTER_DRILL") == "long" {
		return 20, time.Minute
	}
	return 1, task.Lease + 5*time.Second
}

// TestDrill_KilledWorkersLoseNothing kills workers (SIGKILL) at random moments
// while they run 500 tasks that are not to be tried again, and freezes one, which
// has some of them, between two transactions. Every task ends, once; those of the last worker killed run again
// within 30 s; and the frozen one, thawed, changes nothing.
func TestDrill_KilledWorkersLoseNothing(t *testing.T) {
	t.Parallel()
	onBothBrokers(t, func(t *testing.T, settings []string) {
		t.Helper()
		db := openStore(t, settings)
		rounds, frozen := drillRounds()
		for range rounds {
			drillWorkers(t, db, settings, frozen)
		}
	})
}

// crew is the workers of a round.
type crew struct {
	t        *testing.T
	settings []string
	all      []*server // also those that were killed
	alive    []*server
}

func (c *crew) hire() {
	w := startBackground(c.t, c.t.TempDir(), c.settings, "worker", "--concurrency", "8")
	c.all, c.alive = append(c.all, w), append(c.alive, w)
}

// done returns how often the workers said of each task that it is done.
func (c *crew) done() map[string]int {
	counts := map[string]int{}
	for _, w := range c.all {
		for _, found := range taskDone.FindAllStringSubmatch(w.logged(), -1) {
			counts[found[1]]++
		}
	}
	return counts
}

// longTasks is how many tasks the worker has that is frozen.
const longTasks = 8

// enqueueLong stores tasks of five seconds in a queue of their own. A worker has
// taken them all and writes nothing else for a while, so that it can be frozen
// between two transactions.
func enqueueLong(t *testing.T, db *store.Store) {
	t.Helper()
	err := db.InTaskTx(t.Context(), func(tx task.Tx) error {
		for range longTasks {
			n, err := job.Noop().New(time.Now(), "test", job.NoopArgs{Milliseconds: 5000})
			if err != nil {
				return err
			}
			n.Queue = "long"
			if _, err := tx.Enqueue(n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// freeze stops a worker (SIGSTOP), but not within a transaction: on SQLite
// no one could write until it continues.
func freeze(t *testing.T, db *store.Store, w *server) {
	t.Helper()
	for range 20 {
		w.signal(syscall.SIGSTOP)
		if db.RemoveWorker(t.Context(), "unknown") == nil {
			return
		}
		w.signal(syscall.SIGCONT)
		<-time.After(rand.N(50 * time.Millisecond))
	}
	t.Fatal("the worker is always within a transaction")
}

func drillWorkers(t *testing.T, db *store.Store, settings []string, frozen time.Duration) {
	t.Helper()
	const tasks = 500
	before, c := countState(t, db, task.Done), &crew{t: t, settings: settings}
	enqueueLong(t, db)
	iced := startBackground(t, t.TempDir(), settings, "worker", "--concurrency", "8", "--queues", "long")
	c.all = append(c.all, iced)
	eventually(t, patience, "the worker to be at work", func() bool { return countState(t, db, task.Running) == longTasks })
	freeze(t, db, iced)
	held := countState(t, db, task.Running) // none when the machine was slow to freeze it
	thaw := time.Now().Add(frozen)
	enqueueNoops(t, db, tasks-longTasks, 200)
	for range 3 {
		c.hire()
	}
	eventually(t, patience, "the others to be at work", func() bool { return countState(t, db, task.Running) > held })
	kills := 0
	for range 4 {
		<-time.After(rand.N(700 * time.Millisecond))
		n := rand.IntN(len(c.alive))
		c.alive[n].kill()
		c.alive = append(c.alive[:n], c.alive[n+1:]...)
		c.hire()
		kills++
	}
	final := func() bool { return countState(t, db, task.Done) == before+tasks }
	took := eventually(t, patience, "all tasks done after the last kill", final)
	<-time.After(time.Until(thaw))
	iced.signal(syscall.SIGCONT)
	eventually(t, patience, "the thawed worker to say that it lost its tasks", func() bool { return held == 0 || taskLost.MatchString(iced.logged()) })
	for _, w := range append(c.alive, iced) {
		if status := w.stop(); status != 0 {
			t.Errorf("a worker ended with status %d:\n%s", status, w.logged())
		}
	}
	for id, n := range c.done() {
		if n != 1 {
			t.Errorf("task %s was done %d times", id, n)
		}
	}
	if !final() {
		t.Error("the thawed worker has changed what became of the tasks")
	}
	t.Logf("%d kills; %d of %d tasks said to be done; the last ended %s after the last kill", kills, len(c.done()), tasks, took.Round(time.Millisecond))
}

// TestWorker_DrainsOnSIGTERM ends a worker in order: it finishes what it has,
// takes nothing more, and leaves no lease behind.
func TestWorker_DrainsOnSIGTERM(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		db := openStore(t, settings)
		enqueueNoops(t, db, 40, 300)
		w := startBackground(t, t.TempDir(), settings, "worker", "--concurrency", "2")
		eventually(t, patience, "tasks under way", func() bool { return countState(t, db, task.Running) == 2 })
		if status := w.stop(); status != 0 {
			t.Errorf("got status %d", status)
		}
		if running := countState(t, db, task.Running); running != 0 {
			t.Errorf("%d tasks are left as running", running)
		}
		if countState(t, db, task.Done) < 1 || countState(t, db, task.Pending) < 1 {
			t.Error("want some done and some left")
		}
		if workers, err := db.ListWorkers(t.Context(), time.Now().Add(-time.Hour)); err != nil || len(workers) != 0 {
			t.Errorf("got %+v, %v, want no worker", workers, err)
		}
	})
}

// TestServe_RunsTasks shows that a server runs tasks, also those that another
// process stores, and none with --no-worker.
func TestServe_RunsTasks(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		db := openStore(t, settings)
		startServer(t, t.TempDir(), append(settings, signing)...)
		enqueueNoops(t, db, 5, 10)
		eventually(t, patience, "the server to run the tasks", func() bool { return countState(t, db, task.Done) == 5 })
	})
}

// TestServe_WelcomesUsers shows that WELCOME_EMAIL sends a mail for a user who
// is created, and that nothing is stored without it.
func TestServe_WelcomesUsers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		db, mails := openStore(t, settings), filepath.Join(t.TempDir(), "mails")
		settings = append(settings, signing, "EMAIL_BACKEND=file", "EMAIL_FILE_PATH="+mails)
		plain := startServer(t, t.TempDir(), settings...)
		plain.create("unwelcome")
		plain.stop()
		if counts, err := db.CountTasks(t.Context()); err != nil || len(counts) != 0 {
			t.Errorf("got %v, %v, want no task without WELCOME_EMAIL", counts, err)
		}
		startServer(t, t.TempDir(), append(settings, "WELCOME_EMAIL=true")...).create("welcome")
		eventually(t, patience, "the mail to be sent", func() bool { return countState(t, db, task.Done) == 1 })
		files, err := os.ReadDir(mails)
		if err != nil || len(files) != 1 {
			t.Fatalf("got %v, %v, want one mail", files, err)
		}
		if text := readFile(t, mails, files[0].Name()); !strings.Contains(text, "To: <welcome@example.com>") {
			t.Errorf("got\n%s", text)
		}
	})
}
