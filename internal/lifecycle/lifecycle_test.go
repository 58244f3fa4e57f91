package lifecycle_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"roster/internal/lifecycle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// supervise makes the test the supervisor of its own process, and returns the
// socket that it is notified on.
func supervise(t *testing.T) *net.UnixConn {
	t.Helper()
	name := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	t.Setenv("NOTIFY_SOCKET", name)
	return conn
}

// wantMessage fails unless the next message is want.
func wantMessage(t *testing.T, conn *net.UnixConn, want string) {
	t.Helper()
	if got := receive(t, conn); got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// receive returns the next message.
func receive(t *testing.T, conn *net.UnixConn) string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 1024)
	n, err := conn.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n])
}

func TestReady_ReportsReadyAliveAndStopping(t *testing.T) {
	conn := supervise(t)
	t.Setenv("WATCHDOG_USEC", "30000")
	stopping, end, err := lifecycle.Ready()
	if err != nil {
		t.Fatal(err)
	}
	wantMessage(t, conn, "READY=1")
	wantMessage(t, conn, "WATCHDOG=1")
	wantMessage(t, conn, "WATCHDOG=1")
	end()
	end()
	stopping()
}

func TestReady_WithoutWatchdog(t *testing.T) {
	conn := supervise(t)
	t.Setenv("WATCHDOG_USEC", "")
	stopping, end, err := lifecycle.Ready()
	if err != nil {
		t.Fatal(err)
	}
	wantMessage(t, conn, "READY=1")
	stopping()
	wantMessage(t, conn, "STOPPING=1")
	end()
}

// TestReady_Unread fills the supervisor's queue: nothing waits for it, and a
// supervisor that reads at last gets the report that it missed.
func TestReady_Unread(t *testing.T) {
	conn := supervise(t)
	t.Setenv("WATCHDOG_USEC", "30000")
	fill(t, conn)
	stopping, end, err := lifecycle.Ready()
	if err != nil {
		t.Fatal(err)
	}
	stopping()
	end()

	_, end, err = lifecycle.Ready()
	if err != nil {
		t.Fatal(err)
	}
	for got := ""; got != "READY=1"; {
		got = receive(t, conn)
	}
	wantMessage(t, conn, "WATCHDOG=1")
	end()
}

// fill sends to the socket until it has no more room.
func fill(t *testing.T, conn *net.UnixConn) {
	t.Helper()
	out, err := net.DialUnix("unixgram", nil, conn.LocalAddr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	for err == nil {
		if err = out.SetWriteDeadline(time.Now().Add(time.Second)); err == nil {
			_, err = out.Write([]byte("other"))
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
}

func TestReady_Unsupervised(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	stopping, end, err := lifecycle.Ready()
	if err != nil {
		t.Fatal(err)
	}
	stopping()
	end()
}

func TestReady_BadVariables(t *testing.T) {
	supervise(t)
	t.Setenv("WATCHDOG_USEC", "soon")
	if _, _, err := lifecycle.Ready(); err == nil {
		t.Error("a watchdog that is no number: got no error")
	}
	t.Setenv("WATCHDOG_USEC", "")
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "none"))
	if _, _, err := lifecycle.Ready(); err == nil {
		t.Error("a socket that does not exist: got no error")
	}
}

// A socket that was passed to another process is not taken.
func TestListener_NonePassed(t *testing.T) {
	t.Setenv("LISTEN_PID", "1")
	t.Setenv("LISTEN_FDS", "1")
	listener, err := lifecycle.Listener()
	if err != nil || listener != nil {
		t.Errorf("got %v, %v, want none", listener, err)
	}
}
