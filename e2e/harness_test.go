package e2e_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to answer before a test fails.
const patience = 5 * time.Minute

// installed returns the path of a program that .ci/run installs and names in that
// variable of the environment. Without it, the test is skipped.
func installed(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("%s is not set: see CONTRIBUTING.md", variable)
	}
	return path
}

func (s *server) address() string { return strings.TrimPrefix(s.url, "http://") }

// signal sends a signal to the process.
func (s *server) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// wait returns how the process ended.
func (s *server) wait() syscall.WaitStatus {
	<-s.done
	_ = s.cmd.Wait() // see the exit status
	status, _ := s.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return status
}

// awaitRefusal returns when the server takes no new connections, or says on
// one that it is not ready.
func (s *server) awaitRefusal() {
	s.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		conn, err := net.DialTimeout("tcp", s.address(), patience)
		if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) { // reset: it was in the queue
			return
		}
		if err != nil {
			s.t.Fatal(err)
		}
		status, _ := readyStatus(conn)
		_ = conn.Close()
		if status == http.StatusServiceUnavailable {
			return
		}
	}
	s.t.Fatal("the server went on to serve after the signal")
}

// readyStatus is the status of /readyz, or an error when the connection is cut.
func readyStatus(conn net.Conn) (int, error) {
	if _, err := io.WriteString(conn, "GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"); err != nil {
		return 0, err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// wire is a connection to the server on which requests are written by hand.
type wire struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func dial(t *testing.T, s *server) *wire {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &wire{t, conn, bufio.NewReader(conn)}
}

func (w *wire) write(text string) {
	w.t.Helper()
	if _, err := io.WriteString(w.conn, text); err != nil {
		w.t.Fatal(err)
	}
}

// read returns the next answer to a request of that method.
func (w *wire) read(method string) received {
	w.t.Helper()
	answer, err := http.ReadResponse(w.in, &http.Request{Method: method})
	if err != nil {
		w.t.Fatalf("no answer: %v", err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatalf("half an answer: %v", err)
	}
	return received{answer.StatusCode, answer.Header, string(text)}
}

// ended reports whether the server closed the connection with nothing more to
// read on it.
func (w *wire) ended() bool {
	text, closed := w.rest()
	return text == "" && closed
}

// rest is all that the server sends until it closes the connection, and
// whether it does.
func (w *wire) rest() (text string, closed bool) {
	all, err := io.ReadAll(w.in)
	fault, isNet := errors.AsType[net.Error](err)
	return string(all), !isNet || !fault.Timeout()
}

// exchangeRaw sends a request as it is on a connection of its own.
func exchangeRaw(t *testing.T, s *server, request string) received {
	t.Helper()
	w := dial(t, s)
	w.write(request)
	method, _, _ := strings.Cut(request, " ")
	return w.read(method)
}

// rowID is the id of the user in an answer.
func rowID(t *testing.T, text string) int64 {
	t.Helper()
	var row struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal([]byte(text), &row); err != nil || row.ID == 0 {
		t.Fatalf("no user in %q: %v", text, err)
	}
	return row.ID
}

// number is a whole number in the answer to GET path.
func (s *server) number(path, name string) int {
	s.t.Helper()
	status, text := s.call(http.MethodGet, path, "")
	var fields map[string]any
	if err := json.Unmarshal([]byte(text), &fields); err != nil || status != http.StatusOK {
		s.t.Fatalf("GET %s: %d %.200s: %v", path, status, text, err)
	}
	n, ok := fields[name].(float64)
	if !ok {
		s.t.Fatalf("GET %s: no number %s in %.200s", path, name, text)
	}
	return int(n)
}

func newUser(username string) string {
	return fmt.Sprintf(`{"username":%q,"email":"%s@example.com"}`, username, username)
}

// create makes a user that must be accepted, and returns its id.
func (s *server) create(username string) int64 {
	s.t.Helper()
	status, text := s.call(http.MethodPost, "/api/users/", newUser(username))
	if status != http.StatusCreated {
		s.t.Fatalf("create %s: got %d %s, want 201", username, status, text)
	}
	return rowID(s.t, text)
}

// readFile is a file below dir as text.
func readFile(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var servingAtInJSON = regexp.MustCompile(`"msg":"serving".*"address":"([^"/]+)"`)

// startJSONServer is startServer with LOG_FORMAT=json. The first line of the
// log shows that it serves.
func startJSONServer(t *testing.T, dir string, settings ...string) *server {
	t.Helper()
	s := &server{t: t, done: make(chan struct{})}
	s.cmd = roster(t, dir, append([]string{"LOG_FORMAT=json"}, settings...), "serve", "--bind", "127.0.0.1:0")
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stderr)
	first, err := lines.ReadString('\n')
	found := servingAtInJSON.FindStringSubmatch(first)
	if err != nil || found == nil {
		_ = s.cmd.Process.Kill()
		t.Fatalf("got %q, %v, want that it serves", first, err)
	}
	s.url = "http://" + found[1]
	s.log.WriteString(first)
	go s.follow(lines, nil)
	t.Cleanup(s.kill)
	return s
}
