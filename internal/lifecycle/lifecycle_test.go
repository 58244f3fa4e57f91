package lifecycle_test

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"roster/internal/lifecycle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// supervise makes the test the supervisor of its own process, and returns what
// it is told.
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

// wantTold fails unless the next message is want.
func wantTold(t *testing.T, conn *net.UnixConn, want string) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 1024)
	n, err := conn.Read(buffer)
	if got := string(buffer[:n]); err != nil || got != want {
		t.Fatalf("got %q, %v, want %q", got, err, want)
	}
}

func TestReady_TellsReadyAliveAndStopping(t *testing.T) {
	conn := supervise(t)
	t.Setenv("WATCHDOG_USEC", "30000")
	stopping, end, err := lifecycle.Ready()
	if err != nil {
		t.Fatal(err)
	}
	wantTold(t, conn, "READY=1")
	wantTold(t, conn, "WATCHDOG=1")
	wantTold(t, conn, "WATCHDOG=1")
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
	wantTold(t, conn, "READY=1")
	stopping()
	wantTold(t, conn, "STOPPING=1")
	end()
}

func TestReady_NobodySupervises(t *testing.T) {
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
