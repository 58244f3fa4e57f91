// Package redistest provides tests with real Redis servers, sentinels and
// clusters on loopback, which they may freeze, fill and kill.
//
// scripts/redis.sh starts them; a missing program fails the test.
package redistest

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a redis-server process. It ends with the test.
type Server struct {
	Port int

	environ []string // for the script
}

// Start starts a server with additional options.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	return start(t, "", options...)
}

// start starts a server with an optional configuration file and options.
func start(t testing.TB, config string, options ...string) *Server {
	t.Helper()
	port := freePort(t)
	s := &Server{port, append(os.Environ(), "TEST_REDIS_URL=", "ROSTER_REDIS_PORT="+strconv.Itoa(port), "ROSTER_REDIS_STATE="+t.TempDir(),
		"ROSTER_REDIS_CONFIG="+config, "ROSTER_REDIS_OPTIONS="+strings.Join(options, " "))}
	t.Cleanup(func() {
		if _, err := s.script("status"); err == nil {
			s.Kill(t)
		}
	})
	s.Start(t)
	return s
}

// freePort returns an unused port.
func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it takes no time
	if err != nil {
		t.Fatal(err)
	}
	addr, ok := listener.Addr().(*net.TCPAddr)
	if err := listener.Close(); err != nil || !ok {
		t.Fatalf("got %v, %v; want a free port", addr, err)
	}
	return addr.Port
}

// script runs scripts/redis.sh.
func (s *Server) script(command string) (string, error) {
	_, file, _, _ := runtime.Caller(0)
	path := filepath.Join(filepath.Dir(file), "..", "..", "..", "scripts", "redis.sh")
	c := exec.Command(path, command) //nolint:gosec,noctx // our own script, with its own timeout
	c.Env = s.environ
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		err = fmt.Errorf("scripts/redis.sh %s: %w: %s", command, err, said.String())
	}
	return string(out), err
}

// run runs scripts/redis.sh for a test.
func (s *Server) run(t testing.TB, command string) string {
	t.Helper()
	out, err := s.script(command)
	if err != nil {
		t.Error(err)
	}
	return out
}

// Start starts the server again after Kill or Stop.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	s.run(t, "start")
}

// Stop shuts the server down.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.run(t, "stop")
}

// Kill kills the server.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.run(t, "kill9")
}

// Signal sends a signal to the server.
func (s *Server) Signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	var pid int
	if _, err := fmt.Sscanf(s.run(t, "status"), "process %d on", &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatal(err)
	}
}

// Address returns the server's address.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)) }

// URL returns the server's BROKER_URL.
func (s *Server) URL() string { return "redis://" + s.Address() + "/0" }

// Do sends a command, whose words must not contain quotes and spaces, and
// returns the first line of the response, or all of a text. An error of the
// server fails the test.
func (s *Server) Do(t testing.TB, command string) string {
	t.Helper()
	answer, err := s.ask(command)
	if err != nil || strings.HasPrefix(answer, "-") {
		t.Fatalf("%s: got %s, %v", command, answer, err)
	}
	return answer
}

func (s *Server) ask(command string) (string, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Minute}).Dial("tcp", s.Address())
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }() // nothing left to send
	if err := conn.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprint(conn, command, "\r\n"); err != nil {
		return "", err
	}
	in := bufio.NewReader(conn)
	line, err := in.ReadString('\n')
	if length, ok := strings.CutPrefix(line, "$"); ok && err == nil {
		n, _ := strconv.Atoi(strings.TrimSpace(length))
		for line = ""; len(line) < n && err == nil; {
			var more string
			more, err = in.ReadString('\n')
			line += more
		}
	}
	return strings.TrimSpace(line), err
}

// await returns once the response to a command contains the text.
func (s *Server) await(t testing.TB, command, want string) {
	t.Helper()
	answer := ""
	for begin := time.Now(); time.Since(begin) < 5*time.Minute; <-time.After(20 * time.Millisecond) {
		if answer, _ = s.ask(command); strings.Contains(answer, want) { // retried on error
			return
		}
	}
	t.Fatalf("%s: got %s, want %s", command, answer, want)
}
