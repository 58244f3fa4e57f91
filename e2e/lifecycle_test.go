package e2e_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

func TestServe_FirstAndSecondStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := startServer(t, dir)
	id := first.create("kept")
	info, err := os.Stat(filepath.Join(dir, "db.sqlite3"))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode of the database: got %o, want 600", got)
	}
	if got := first.stop(); got != 0 {
		t.Errorf("exit status after SIGTERM: got %d, want 0", got)
	}
	second := startServer(t, dir)
	if status, text := second.call(http.MethodGet, fmt.Sprintf("/api/users/%d/", id), ""); status != http.StatusOK || !strings.Contains(text, `"kept"`) {
		t.Errorf("after the second start: got %d %s, want the user", status, text)
	}
	if got := second.stop(); got != 0 {
		t.Errorf("exit status of the second: got %d, want 0", got)
	}
	for _, name := range []string{"db.sqlite3-wal", "db.sqlite3-shm"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is left behind by an orderly stop", name)
		}
	}
}

// TestServe_WithoutWorkerAndBeat: unit files may name the flags.
func TestServe_WithoutWorkerAndBeat(t *testing.T) {
	t.Parallel()
	cmd := roster(t, t.TempDir(), nil, "serve", "--bind", "127.0.0.1:0", "--no-worker", "--no-beat")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stderr).ReadString('\n')
	if err != nil || !strings.Contains(line, "msg=serving") {
		t.Errorf("got %q, %v, want that it serves", line, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("SIGTERM: got %v, want exit status 0", err)
	}
}

// startSlowCreate begins to create a user and returns once the server reads
// the body, of which half is sent. The rest is what to write to finish it.
func startSlowCreate(t *testing.T, s *server, username string) (w *wire, rest string) {
	t.Helper()
	body := newUser(username)
	w = dial(t, s)
	w.write(fmt.Sprintf("POST /api/users/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body)))
	line, err := w.in.ReadString('\n')
	if err != nil || line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("got %q, %v, want 100 Continue", line, err)
	}
	if _, err := w.in.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	w.write(body[:len(body)/2])
	return w, body[len(body)/2:]
}

func TestServe_SignalFinishesRequests(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := startServer(t, dir)
			s.create("before")
			slow, rest := startSlowCreate(t, s, "underway")
			s.signal(sig)
			s.awaitRefusal()
			slow.write(rest)
			if got := slow.read(http.MethodPost); got.status != http.StatusCreated {
				t.Errorf("request under way: got %d %s, want 201", got.status, got.body)
			}
			if got := s.wait(); !got.Exited() || got.ExitStatus() != 0 {
				t.Errorf("got %v, want exit status 0", got)
			}
			if !strings.Contains(s.logged(), "msg=stopped") {
				t.Errorf("the log does not say stopped:\n%s", s.logged())
			}
			if got := startServer(t, dir).number("/api/users/", "count"); got != 2 {
				t.Errorf("users after the stop: got %d, want 2", got)
			}
		})
	}
}

// TestServe_SecondSignalEndsAtOnce: it does not wait for the request that
// never ends.
func TestServe_SecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, dir)
	id := s.create("before")
	startSlowCreate(t, s, "neverdone")
	s.signal(syscall.SIGTERM)
	s.awaitRefusal()
	s.signal(syscall.SIGTERM)
	if got := s.wait(); !got.Signaled() || got.Signal() != syscall.SIGTERM {
		t.Errorf("got %v, want an end by SIGTERM", got)
	}
	again := startServer(t, dir)
	if status, _ := again.call(http.MethodGet, fmt.Sprintf("/api/users/%d/", id), ""); status != http.StatusOK {
		t.Errorf("the user from before: got %d, want 200", status)
	}
	if got := again.number("/api/users/", "count"); got != 1 {
		t.Errorf("users: got %d, want 1", got)
	}
}

// startPair starts two servers on one database.
func startPair(t *testing.T, settings []string) (a, b *server) {
	t.Helper()
	return startServer(t, t.TempDir(), settings...), startServer(t, t.TempDir(), settings...)
}

func TestTwoServers_SeeEachOther(t *testing.T) {
	t.Parallel()
	onBoth(t, seeEachOther)
}

func seeEachOther(t *testing.T, settings []string) {
	t.Helper()
	a, b := startPair(t, settings)
	for i := range 10 {
		path := fmt.Sprintf("/api/users/%d/", a.create(fmt.Sprintf("pair-%d", i)))
		if got := b.number("/api/users/", "count"); got != i+1 {
			t.Errorf("count on B: got %d, want %d", got, i+1)
		}
		if got := b.number("/api/users/active_count/", "active_users_count"); got != i+1 {
			t.Errorf("active count on B: got %d, want %d", got, i+1)
		}
		if status, text := b.call(http.MethodPatch, path, `{"first_name":"B"}`); status != http.StatusOK {
			t.Errorf("PATCH on B: got %d %s, want 200", status, text)
		}
		if _, text := a.call(http.MethodGet, path, ""); !strings.Contains(text, `"first_name":"B"`) {
			t.Errorf("A does not see the change of B: %s", text)
		}
	}
	if status, _ := b.call(http.MethodDelete, "/api/users/1/", ""); status != http.StatusNoContent {
		t.Errorf("DELETE on B: got %d, want 204", status)
	}
	if status, _ := a.call(http.MethodGet, "/api/users/1/", ""); status != http.StatusNotFound {
		t.Errorf("GET on A after DELETE on B: got %d, want 404", status)
	}
	if got := a.number("/api/users/active_count/", "active_users_count"); got != 9 {
		t.Errorf("active count on A: got %d, want 9", got)
	}
}

// TestTwoServers_ConcurrentWrites: while both write, what one has acknowledged
// is on the other, and no count is below or above what it can be.
func TestTwoServers_ConcurrentWrites(t *testing.T) {
	t.Parallel()
	onBoth(t, writeConcurrently)
}

func writeConcurrently(t *testing.T, settings []string) {
	t.Helper()
	a, b := startPair(t, settings)
	const each = 20
	var begun, done atomic.Int64
	ids := make([]int64, 4*each)
	var group sync.WaitGroup
	for client := range 4 {
		writer, reader := a, b
		if client%2 == 1 {
			writer, reader = b, a
		}
		group.Go(func() {
			for i := range each {
				begun.Add(1)
				id := writer.create(fmt.Sprintf("both-%d-%d", client, i))
				ids[client*each+i] = id
				least := done.Add(1)
				if status, _ := reader.call(http.MethodGet, fmt.Sprintf("/api/users/%d/", id), ""); status != http.StatusOK {
					t.Errorf("user %d on the other server: got %d, want 200", id, status)
				}
				got := reader.number("/api/users/active_count/", "active_users_count")
				if most := begun.Load(); int64(got) < least || int64(got) > most {
					t.Errorf("active count on the other server: got %d, want %d to %d", got, least, most)
				}
			}
		})
	}
	group.Wait()
	for _, s := range []*server{a, b} {
		if got := s.number("/api/users/", "count"); got != 4*each {
			t.Errorf("count in the end: got %d, want %d", got, 4*each)
		}
	}
	deleteAll(t, a, b, ids)
}

// deleteAll deletes the users on both servers at once, and looks for each on the other.
func deleteAll(t *testing.T, a, b *server, ids []int64) {
	t.Helper()
	var group sync.WaitGroup
	for i, pair := range [][2]*server{{a, b}, {b, a}} {
		group.Go(func() {
			for n := i; n < len(ids); n += 2 {
				path := fmt.Sprintf("/api/users/%d/", ids[n])
				if status, _ := pair[0].call(http.MethodDelete, path, ""); status != http.StatusNoContent {
					t.Errorf("DELETE %s: got %d, want 204", path, status)
				}
				if status, _ := pair[1].call(http.MethodGet, path, ""); status != http.StatusNotFound {
					t.Errorf("GET %s on the other server: got %d, want 404", path, status)
				}
			}
		})
	}
	group.Wait()
	if onA, onB := a.number("/api/users/", "count"), b.number("/api/users/", "count"); onA != 0 || onB != 0 {
		t.Errorf("users after all were deleted: got %d on A, %d on B, want 0", onA, onB)
	}
}
