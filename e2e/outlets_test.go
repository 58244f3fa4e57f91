package e2e_test

import (
	"errors"
	"fmt"
	"io"
	"net"
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
)

// longRunning are the commands that run until a signal, and what their log says
// once they do their work.
var longRunning = []struct {
	args []string
	says string
}{
	{[]string{"serve", "--bind", "127.0.0.1:0"}, "msg=serving"},
	{[]string{"worker"}, "msg=working"},
	{[]string{"beat"}, "msg=working"},
}

// fill writes to something that is not read until it has no more room.
func fill(t *testing.T, to interface {
	io.Writer
	SetWriteDeadline(at time.Time) error
},
) {
	t.Helper()
	var err error
	for err == nil {
		if err = to.SetWriteDeadline(time.Now().Add(time.Second)); err == nil {
			_, err = to.Write([]byte(strings.Repeat("\n", 1024)))
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
}

// fullPipe is the end of a full pipe that a command writes to.
func fullPipe(t *testing.T) *os.File {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = read.Close(), write.Close() })
	fill(t, write)
	return write
}

// fullFIFO makes a file that takes no writes.
func fullFIFO(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0) // open to be read, or no one else could open it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	fill(t, file)
}

// deaf is the address of a server that accepts connections, and neither reads nor
// answers.
func deaf(t *testing.T) (host, port string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns []net.Conn
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			conns = append(conns, conn)
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		accepting.Wait()
		for _, conn := range conns {
			_ = conn.Close()
		}
	})
	host, port, err = net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// supervise makes the test the supervisor of the command that gets the setting.
func supervise(t *testing.T) (supervisor *net.UnixConn, setting string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "notify")
	supervisor, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = supervisor.Close() })
	return supervisor, "NOTIFY_SOCKET=" + name
}

func migrate(t *testing.T, dir string) {
	t.Helper()
	if out, err := roster(t, dir, nil, "migrate").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// startFollowed starts a command and follows its log.
func startFollowed(t *testing.T, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{t: t, cmd: cmd, done: make(chan struct{})}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go s.follow(stderr, make(chan string, 1))
	t.Cleanup(s.kill)
	return s
}

// awaitLog waits until the log has a text.
func (s *server) awaitLog(text string) {
	s.t.Helper()
	eventually(s.t, endLimit, text, func() bool { return strings.Contains(s.logged(), text) })
}

// end returns how the process ended; it is killed, and the test fails, when it
// does not.
func (s *server) end() syscall.WaitStatus {
	s.t.Helper()
	kill := time.AfterFunc(endLimit, func() { _ = s.cmd.Process.Kill() })
	defer kill.Stop()
	<-s.done
	return awaitEnd(s.t, s.cmd)
}

// TestOutlets_NotifySocket: a supervisor that never reads its socket.
func TestOutlets_NotifySocket(t *testing.T) {
	t.Parallel()
	for _, command := range longRunning {
		t.Run(command.args[0], func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			migrate(t, dir)
			_, setting := supervise(t)
			to, err := (&net.Dialer{}).DialContext(t.Context(), "unixgram", strings.TrimPrefix(setting, "NOTIFY_SOCKET="))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = to.Close() }()
			fill(t, to)
			s := startFollowed(t, roster(t, dir, []string{setting, "WATCHDOG_USEC=60000"}, command.args...))
			s.awaitLog(command.says)
			s.signal(syscall.SIGTERM)
			if got := s.end(); got.ExitStatus() != 0 {
				t.Errorf("got %v, want exit status 0:\n%s", got, s.logged())
			}
		})
	}
}

// TestOutlets_StandardStreams: standard output and error are pipes that are
// never read.
func TestOutlets_StandardStreams(t *testing.T) {
	t.Parallel()
	for _, command := range longRunning {
		t.Run(command.args[0], func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			migrate(t, dir)
			supervisor, setting := supervise(t)
			cmd := roster(t, dir, []string{setting}, command.args...)
			startUnread(t, cmd, supervisor)
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if got := awaitEnd(t, cmd); got.ExitStatus() != 0 {
				t.Errorf("got %v, want exit status 0", got)
			}
		})
	}
}

// startUnread starts a command whose output is never read, and returns when it
// is ready.
func startUnread(t *testing.T, cmd *exec.Cmd, supervisor *net.UnixConn) {
	t.Helper()
	cmd.Stdout, cmd.Stderr = fullPipe(t), fullPipe(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	awaitMessage(t, supervisor, "READY=1")
}

var consoleLost = regexp.MustCompile(`(?m)^roster_log_lines_lost_total\{outlet="console"\} [1-9]`)

// TestOutlets_ServesWhileUnread: requests are answered while the log goes to a
// pipe that is never read, beyond all that is buffered; the file has their lines.
func TestOutlets_ServesWhileUnread(t *testing.T) {
	t.Parallel()
	dir, held := t.TempDir(), holdSocket(t)
	supervisor, setting := supervise(t)
	cmd := roster(t, dir, []string{setting, "LISTEN_FDS=1"}, "serve")
	passSocket(cmd, held)
	startUnread(t, cmd, supervisor)
	s := &server{t: t, cmd: cmd, url: "http://" + held.address}
	s.create("before")
	path, count := "/"+strings.Repeat("x", 1000), 0
	eventually(t, endLimit, "lines to be dropped", func() bool {
		for range 100 {
			s.expect(http.StatusNotFound, http.MethodGet, path, "")
			count++
		}
		_, figures := s.call(http.MethodGet, "/metrics", "")
		return consoleLost.MatchString(figures)
	})
	s.create("after")
	s.signal(syscall.SIGTERM)
	if got := awaitEnd(t, cmd); got.ExitStatus() != 0 {
		t.Errorf("got %v, want exit status 0", got)
	}
	if got := strings.Count(readFile(t, dir, "logs/app.log"), "/xxx"); got != count {
		t.Errorf("got %d lines of those requests in app.log, want %d", got, count)
	}
}

// TestOutlets_LogFiles: app.log and error.log take no writes, as on a disk that
// hangs.
func TestOutlets_LogFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fullFIFO(t, filepath.Join(dir, "logs", "app.log"))
	fullFIFO(t, filepath.Join(dir, "logs", "error.log"))
	s := startServer(t, dir)
	s.create("served")
	s.signal(syscall.SIGTERM)
	if got := s.end(); !got.Exited() {
		t.Errorf("got %v, want it to exit", got)
	}
	for _, want := range []string{"path=/api/users/ status=201", "app.log stalls; its last lines are lost"} {
		if !strings.Contains(s.logged(), want) {
			t.Errorf("got\n%s\nwant %s", s.logged(), want)
		}
	}
}

// TestOutlets_Servers: servers that accept connections and never answer.
func TestOutlets_Servers(t *testing.T) {
	t.Parallel()
	host, port := deaf(t)
	for name, settings := range map[string][]string{
		"Redis":     {"BROKER_URL=redis://" + net.JoinHostPort(host, port)},
		"collector": {"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + net.JoinHostPort(host, port), "TRACE_SAMPLE_PERCENT=100"},
		"mail":      {"EMAIL_BACKEND=smtp", "EMAIL_HOST=" + host, "EMAIL_PORT=" + port, "EMAIL_TIMEOUT=1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, t.TempDir(), append(settings, "WELCOME_EMAIL=true", "EMAIL_FILE_PATH="+t.TempDir())...)
			for n := range 10 {
				s.create(fmt.Sprint("user", n))
			}
			s.signal(syscall.SIGTERM)
			if got := s.end(); got.ExitStatus() != 0 {
				t.Errorf("got %v, want exit status 0:\n%s", got, s.logged())
			}
		})
	}
}
