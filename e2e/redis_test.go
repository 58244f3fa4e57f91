package e2e_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/redis"
	"roster/internal/redis/redistest"
	"roster/internal/store"
	"roster/internal/task"
)

// onBothBrokers runs a test on a fresh database of either engine, with the
// embedded broker and with a Redis of its own.
func onBothBrokers(t *testing.T, test func(t *testing.T, settings []string)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		onBoth(t, test)
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, settings []string) {
			t.Helper()
			test(t, append(settings, "BROKER_URL="+redistest.Start(t).URL()))
		})
	})
}

// announce has the tasks that the test stores announced, as those of a process
// with this BROKER_URL.
func announce(t *testing.T, db *store.Store, url string) {
	t.Helper()
	address := strings.TrimSuffix(strings.TrimPrefix(url, "redis://"), "/0")
	b := redis.Start(redis.Options{Addresses: []string{address}}, slog.New(slog.DiscardHandler))
	t.Cleanup(b.Close)
	eventually(t, patience, "Redis to be there", func() bool { return b.Check(t.Context()) == nil })
	db.OnEnqueue(b.Announce)
}

// TestDrill_RedisMayBeAway has users created while Redis is flushed, full,
// frozen and stopped. A worker in another process greets each of them; the server stays
// ready, and says how the broker is. How long creates take is measured.
func TestDrill_RedisMayBeAway(t *testing.T) {
	t.Parallel()
	length := time.Second
	if os.Getenv("ROSTER_DRILL") == "long" {
		length = time.Minute
	}
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		db, r, mails := openStore(t, settings), redistest.Start(t), filepath.Join(t.TempDir(), "mails")
		settings = append(settings, signing, "WELCOME_EMAIL=true", "EMAIL_BACKEND=file", "EMAIL_FILE_PATH="+mails,
			"BROKER_URL="+r.URL(), "LOG_DIR=")
		s := startServing(t, t.TempDir(), settings, "--bind", "127.0.0.1:0", "--no-worker")
		startBackground(t, t.TempDir(), settings, "worker", "--concurrency", "8")
		s.awaitBroker("ok")
		c := creates{s: s}
		for _, fault := range []redistest.Fault{redistest.Flushed, redistest.Full, redistest.Frozen, redistest.Stopped} {
			calm := c.during(length/2, "calm")
			r.Break(t, fault)
			p99 := c.during(length, string(fault))
			if fault == redistest.Stopped {
				s.awaitBroker("degraded")
			}
			r.Mend(t, fault)
			took := eventually(t, patience, "all tasks done after Redis is back", func() bool { return countState(t, db, task.Done) == c.count })
			s.awaitBroker("ok")
			t.Logf("%s: %d users so far; creating took %s (p99), and %s before; all were greeted %s after the end",
				fault, c.count, p99.Round(10*time.Microsecond), calm.Round(10*time.Microsecond), took.Round(time.Millisecond))
		}
		if files, err := os.ReadDir(mails); err != nil || len(files) != c.count {
			t.Errorf("got %d mails, %v, want %d", len(files), err, c.count)
		}
	})
}

// creates creates users one after the other.
type creates struct {
	s     *server
	count int
}

// during creates users for so long, and returns how long the slowest of a hundred took.
func (c *creates) during(length time.Duration, name string) time.Duration {
	c.s.t.Helper()
	var took []time.Duration
	for begin := time.Now(); time.Since(begin) < length; <-time.After(10 * time.Millisecond) {
		start := time.Now()
		c.s.create(fmt.Sprint(name, c.count))
		took = append(took, time.Since(start))
		c.count++
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// awaitBroker waits until a server that is ready says so of its broker.
func (s *server) awaitBroker(want string) {
	s.t.Helper()
	answer := ""
	eventually(s.t, patience, "the broker to be "+want, func() bool {
		var status int
		if status, answer = s.call(http.MethodGet, "/readyz", ""); status != http.StatusOK {
			s.t.Fatalf("/readyz: got %d %s", status, answer)
		}
		return strings.Contains(answer, `"broker":"`+want+`"`)
	})
}

// TestWorker_RunsWithoutRedis shows that a worker starts, works and ends while
// there is no Redis, and says so once.
func TestWorker_RunsWithoutRedis(t *testing.T) {
	t.Parallel()
	settings := []string{"DB_NAME=" + filepath.Join(t.TempDir(), "db.sqlite3")}
	db := openStore(t, settings)
	w := startBackground(t, t.TempDir(), append(settings, "BROKER_URL=redis://me:hunter2@"+freeAddress(t)), "worker")
	enqueueNoops(t, db, 5, 10)
	eventually(t, patience, "the worker to run the tasks", func() bool { return countState(t, db, task.Done) == 5 })
	eventually(t, patience, "the worker to say so", func() bool { return strings.Contains(w.logged(), "new tasks are not announced") })
	if status := w.stop(); status != 0 {
		t.Errorf("got status %d", status)
	}
	if log := w.logged(); strings.Count(log, "new tasks are not announced") != 1 || strings.Contains(log, "hunter2") {
		t.Errorf("got the log\n%s\nwant it once, without the password", log)
	}
}
