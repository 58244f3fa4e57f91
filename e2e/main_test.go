// Package e2e_test drives the whole program from outside: the test binary runs
// itself as roster, in processes of their own, or the program that ROSTER_RACED
// names, which was built with the race detector.
package e2e_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"roster/internal/cli"
)

// asRoster in the environment makes the test binary be roster.
const asRoster = "ROSTER_E2E_MAIN=1"

func TestMain(m *testing.M) {
	if os.Getenv("ROSTER_E2E_MAIN") == "1" {
		os.Exit(cli.Main(context.Background(), os.Args[1:], os.Environ(), cli.Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
	}
	os.Exit(m.Run())
}

// program returns the path of roster.
func program() (string, error) {
	if path := os.Getenv("ROSTER_RACED"); path != "" {
		return path, nil
	}
	return os.Executable()
}

// raceOptions are the options of the race detector: a race ends the process at
// once, and a process without one takes no second to end.
const raceOptions = "atexit_sleep_ms=0 halt_on_error=1"

// raced returns how many times as much memory roster takes with the race detector.
func raced() int {
	if selfRaced || os.Getenv("ROSTER_RACED") != "" {
		return 8
	}
	return 1
}

// roster returns the command with those arguments and settings, to run in dir.
func roster(t *testing.T, dir string, settings []string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path, args...)
	cmd.Dir = dir
	cmd.Env = append([]string{asRoster, "GORACE=" + raceOptions, "PATH=" + os.Getenv("PATH"), "HOME=" + dir}, settings...)
	return cmd
}

// server is a running `roster serve`.
type server struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	done chan struct{} // closed when its standard error has ended
	mu   sync.Mutex
	log  strings.Builder
}

// startServer runs `roster serve` on a free port with its files in dir, and
// returns when it says that it serves. It is killed at the test's end if need be.
func startServer(t *testing.T, dir string, settings ...string) *server {
	t.Helper()
	return startServerAt(t, dir, "127.0.0.1:0", settings...)
}

// startServerAt is startServer on an address, such as that of a server that ended.
func startServerAt(t *testing.T, dir, address string, settings ...string) *server {
	t.Helper()
	return startServing(t, dir, settings, "--bind", address)
}

// startServing is startServer with the arguments of serve.
func startServing(t *testing.T, dir string, settings []string, args ...string) *server {
	t.Helper()
	cmd := roster(t, dir, append([]string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3")}, settings...), append([]string{"serve"}, args...)...)
	return startCommand(t, cmd)
}

// startCommand starts a command that serves, and returns when it says so.
func startCommand(t *testing.T, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{t: t, cmd: cmd, done: make(chan struct{})}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	serving := make(chan string, 1)
	go s.follow(stderr, serving)
	select {
	case s.url = <-serving:
	case <-s.done:
		t.Fatalf("roster serve ended before it served:\n%s", s.logged())
	case <-time.After(patience):
		t.Fatalf("roster serve does not log that it serves:\n%s", s.logged())
	}
	return s
}

// servingAt is the address of a server on TCP. Its URL may have another host, which
// ALLOWED_HOSTS accepts.
var servingAt = regexp.MustCompile(`msg=serving .*address=([^\s/]+)`)

func (s *server) follow(stderr io.Reader, serving chan<- string) {
	defer close(s.done)
	lines := bufio.NewScanner(stderr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		s.mu.Lock()
		s.log.WriteString(lines.Text() + "\n")
		s.mu.Unlock()
		if found := servingAt.FindStringSubmatch(lines.Text()); found != nil {
			serving <- "http://" + found[1]
		}
	}
}

func (s *server) logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// kill is kill -9, and waits for the end.
func (s *server) kill() {
	_ = s.cmd.Process.Kill() // an error: it has ended already
	<-s.done
	_ = s.cmd.Wait() // killed: an error by design
}

// stop is SIGTERM; it returns the exit status.
func (s *server) stop() int {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	<-s.done
	_ = s.cmd.Wait() // see the exit status
	return s.cmd.ProcessState.ExitCode()
}

// call sends a request with a JSON body (none when empty) and returns status and body.
func (s *server) call(method, path, body string) (status int, answer string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	got, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return got.StatusCode, string(text)
}
