package e2e_test

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// socket is a listening socket that the test holds for servers, as systemd does.
type socket struct {
	file    *os.File
	address string
}

func holdSocket(t *testing.T) socket {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // the file is another handle of it
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return socket{file, listener.Addr().String()}
}

// startOn is startServer on a socket that is held for it.
func startOn(t *testing.T, held socket, dir string, settings ...string) *server {
	t.Helper()
	cmd := roster(t, dir, append([]string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3"), "LISTEN_FDS=1"}, settings...), "serve")
	passSocket(cmd, held)
	return startCommand(t, cmd)
}

// passSocket makes the command find the socket: LISTEN_PID is its own process.
func passSocket(cmd *exec.Cmd, held socket) {
	cmd.ExtraFiles = []*os.File{held.file}
	cmd.Args = append([]string{"sh", "-c", `LISTEN_PID=$$ exec "$0" "$@"`}, cmd.Args...)
	cmd.Path = "/bin/sh"
}

// TestServe_OnAPassedSocket shows that a server serves on the socket it is
// given, and that connections wait there while it is restarted.
func TestServe_OnAPassedSocket(t *testing.T) {
	t.Parallel()
	held, dir := holdSocket(t), t.TempDir()
	s := startOn(t, held, dir)
	if s.address() != held.address {
		t.Fatalf("got %s, want %s", s.address(), held.address)
	}
	s.create("before")
	if status := s.stop(); status != 0 {
		t.Errorf("got status %d", status)
	}
	waiting := dial(t, s)
	waiting.write("GET /api/users/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	startOn(t, held, dir)
	if got := waiting.read(http.MethodGet); got.status != http.StatusOK || !strings.Contains(got.body, "before") {
		t.Errorf("the request that waited: got %d %s", got.status, got.body)
	}
}

// TestServe_RefusesOtherSockets: a socket that takes no connections is named.
func TestServe_RefusesOtherSockets(t *testing.T) {
	t.Parallel()
	listener, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	file, err := listener.File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	cmd := roster(t, t.TempDir(), []string{"LISTEN_FDS=1"}, "serve")
	passSocket(cmd, socket{file: file})
	out, err := cmd.CombinedOutput()
	if want := "roster: the socket that was passed does not listen for connections\n"; err == nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

// TestSupervisor_IsNotified shows that each long-running command says when it is
// ready, that it lives, and that it stops.
func TestSupervisor_IsNotified(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"serve", "--bind", "127.0.0.1:0"}, {"worker"}, {"beat"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			supervisor, setting := supervise(t)
			migrate(t, dir)
			cmd := roster(t, dir, []string{setting, "WATCHDOG_USEC=60000"}, args...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = cmd.Process.Kill() })
			awaitMessage(t, supervisor, "READY=1")
			awaitMessage(t, supervisor, "WATCHDOG=1")
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			awaitMessage(t, supervisor, "STOPPING=1")
			if status := awaitEnd(t, cmd); status.ExitStatus() != 0 {
				t.Errorf("got %v, want exit status 0", status)
			}
		})
	}
}

// endLimit is how long a test waits for a message, or for the end of a process.
// A process must not need it: its own limit is 40 seconds.
const endLimit = 5 * time.Minute

// awaitEnd returns how a process ended. One that does not end is killed, and
// fails the test.
func awaitEnd(t *testing.T, cmd *exec.Cmd) syscall.WaitStatus {
	t.Helper()
	kill := time.AfterFunc(endLimit, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait() // the status says it
	if !kill.Stop() {
		t.Fatalf("the process did not end within %s", endLimit)
	}
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return status
}

// awaitMessage reads the messages to a supervisor until want comes.
func awaitMessage(t *testing.T, supervisor *net.UnixConn, want string) {
	t.Helper()
	buffer := make([]byte, 1024)
	for {
		if err := supervisor.SetReadDeadline(time.Now().Add(endLimit)); err != nil {
			t.Fatal(err)
		}
		n, err := supervisor.Read(buffer)
		if err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		if string(buffer[:n]) == want {
			return
		}
	}
}

// TestServe_ShutdownDelay shows what balancers see: the server is not ready any
// more, still answers, and lets each connection go.
func TestServe_ShutdownDelay(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), "SHUTDOWN_DELAY=600")
	s.signal(syscall.SIGTERM)
	s.awaitRefusal()
	w := dial(t, s)
	w.write("GET /api/users/ HTTP/1.1\r\nHost: a\r\n\r\n")
	if got := w.read(http.MethodGet); got.status != http.StatusOK {
		t.Errorf("while it drains: got %d %v", got.status, got.header)
	}
	if !w.ended() {
		t.Error("the connection stays open")
	}
	s.signal(syscall.SIGTERM)
	if got := s.wait(); !got.Signaled() {
		t.Errorf("a second signal: got %v, want an end by it", got)
	}
}
