package e2e_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"roster/internal/task"
)

// TestOutlets_Limit: what is still under way at the limit does not keep a process
// from ending. All of these wait for it at the same time.
func TestOutlets_Limit(t *testing.T) {
	t.Parallel()
	started := map[string]*server{
		"client":  withSilentClient(t),
		"mail":    withSilentMailServer(t),
		"console": withUnreadMail(t),
		"backup":  withUnreadBackup(t),
		"MySQL":   withSilentMySQL(t),
	}
	for _, s := range started {
		s.signal(syscall.SIGTERM)
	}
	for name, s := range started {
		got := s.end()
		t.Logf("%s: status %d", name, got.ExitStatus())
		if !got.Exited() {
			t.Errorf("%s: got %v, want it to exit:\n%s", name, got, s.logged())
		}
	}
}

// TestOutlets_SecondSignal: a second signal does not wait for the limit.
func TestOutlets_SecondSignal(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) *server{"console": withUnreadMail, "backup": withUnreadBackup} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			s.signal(syscall.SIGTERM)
			eventually(t, endLimit, "the second signal to end it", func() bool {
				select {
				case <-s.done:
					return true
				default:
					s.signal(syscall.SIGTERM)
					return false
				}
			})
			if got := s.end(); !got.Signaled() || got.Signal() != syscall.SIGTERM {
				t.Errorf("got %v, want an end by SIGTERM", got)
			}
		})
	}
}

// withSilentClient is a server with a client that never sends the rest of a
// request, and another one at the private listener.
func withSilentClient(t *testing.T) *server {
	t.Helper()
	private := freeAddress(t)
	s := startServer(t, t.TempDir(), "METRICS_BIND="+private)
	startSlowCreate(t, s, "neverdone")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", private)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\n"); err != nil {
		t.Fatal(err)
	}
	return s
}

// withSilentMailServer is a server that waits for a mail server to answer.
func withSilentMailServer(t *testing.T) *server {
	t.Helper()
	host, port := deaf(t)
	return withMail(t, fullPipe(t), "EMAIL_BACKEND=smtp", "EMAIL_HOST="+host, "EMAIL_PORT="+port, "EMAIL_TIMEOUT=300")
}

// withUnreadMail is a server that prints mail to a pipe that is not read.
func withUnreadMail(t *testing.T) *server {
	t.Helper()
	return withMail(t, fullPipe(t), "EMAIL_BACKEND=console")
}

// withMail is a server that sends a mail.
func withMail(t *testing.T, stdout *os.File, settings ...string) *server {
	t.Helper()
	dir := t.TempDir()
	settings = append(settings, "DB_NAME="+filepath.Join(dir, "db.sqlite3"), "WELCOME_EMAIL=true")
	cmd := roster(t, dir, settings, "serve", "--bind", "127.0.0.1:0")
	cmd.Stdout = stdout
	s := startCommand(t, cmd)
	s.create("welcome")
	db := openStore(t, settings)
	eventually(t, endLimit, "the mail to be under way", func() bool { return countState(t, db, task.Running) == 1 })
	s.create("another")
	return s
}

// withUnreadBackup is a backup that waits for room in a pipe that is not read.
func withUnreadBackup(t *testing.T) *server {
	t.Helper()
	dir := t.TempDir()
	migrate(t, dir)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = read.Close() })
	const setSize, least = 1031, 4096 // F_SETPIPE_SZ of fcntl(2): a backup is larger
	if _, _, failed := syscall.Syscall(syscall.SYS_FCNTL, write.Fd(), setSize, least); failed != 0 {
		t.Fatal(failed)
	}
	cmd := roster(t, dir, nil, "backup", "-")
	cmd.Stdout = write
	s := startFollowed(t, cmd)
	_ = write.Close() // the command has it
	eventually(t, endLimit, "the backup to wait for its reader", func() bool { return writesTo(t, cmd, 1) })
	return s
}

// writesTo reports whether a thread of a running command is in write(2) to the
// file of that number; see proc(5) on /proc/pid/syscall.
func writesTo(t *testing.T, cmd *exec.Cmd, file int) bool {
	t.Helper()
	calls, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/syscall", cmd.Process.Pid))
	if err != nil || len(calls) == 0 {
		t.Fatalf("got %v, %v, want the threads of a command that runs", calls, err)
	}
	return slices.ContainsFunc(calls, func(path string) bool {
		text, _ := os.ReadFile(path) // a thread may have ended
		return strings.HasPrefix(string(text), fmt.Sprintf("%d %#x ", syscall.SYS_WRITE, file))
	})
}

// withSilentMySQL is a server whose database stops to answer.
func withSilentMySQL(t *testing.T) *server {
	t.Helper()
	database := sharedMySQL(t).newDatabase()
	parts := sharedMySQL(t).parts()
	r := startRelay(t, net.JoinHostPort(parts[1], parts[2]))
	host, port, err := net.SplitHostPort(r.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := startServer(t, t.TempDir(), append(database.settings, "DB_HOST="+host, "DB_PORT="+port)...)
	s.create("before")
	r.frozen.Lock()
	t.Cleanup(r.frozen.Unlock)
	return s
}

// relay passes on what clients and a server say to each other, until frozen is
// locked.
type relay struct {
	listener net.Listener
	server   string
	frozen   sync.RWMutex
}

func startRelay(t *testing.T, server string) *relay {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: listener, server: server}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for client, err := listener.Accept(); err == nil; client, err = listener.Accept() {
			server, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", r.server)
			if err != nil {
				_ = client.Close()
				continue
			}
			go r.pass(client, server)
			go r.pass(server, client)
		}
	}()
	return r
}

// pass passes on what one says to the other.
func (r *relay) pass(from, to net.Conn) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		r.frozen.RLock()
		_, err = to.Write(buffer[:n])
		r.frozen.RUnlock()
		if err != nil {
			return
		}
	}
}
