//go:build linux

package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// room is a folder for a database whose room can be used up and given back.
type room struct {
	dir  string
	fill func(t *testing.T, s *server)
	free func(t *testing.T, s *server)
}

// TestDiskFull: while there is no room writes are refused as that and reads
// go on; what was acknowledged stays; and writes go on by themselves when
// there is room again. A limit on the size of files can always be set; a file
// system of its own only by those who may mount one.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	rooms := map[string]room{"file size limit": limitedFiles(t)}
	if small, ok := smallFileSystem(t); ok {
		rooms["file system"] = small
	}
	for name, r := range rooms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, t.TempDir(), "DB_NAME="+filepath.Join(r.dir, "db.sqlite3"))
			acked := fillUp(t, s, r)
			checkFull(t, s, acked)
			r.free(t, s)
			acked = append(acked, s.create("again"))
			if status, text := s.call(http.MethodPatch, fmt.Sprintf("/api/users/%d/", acked[0]), `{"last_name":"Again"}`); status != http.StatusOK {
				t.Errorf("PATCH with room again: got %d %s, want 200", status, text)
			}
			checkAcked(t, s, acked)
			if got := s.stop(); got != 0 {
				t.Errorf("exit status: got %d, want 0", got)
			}
			checkAcked(t, startServer(t, t.TempDir(), "DB_NAME="+filepath.Join(r.dir, "db.sqlite3")), acked)
		})
	}
}

// fillUp creates users until there is no room for another. It returns the ids
// of those that were acknowledged.
func fillUp(t *testing.T, s *server, r room) (acked []int64) {
	t.Helper()
	for i := range 5 {
		acked = append(acked, s.create(fmt.Sprintf("room-%d", i)))
	}
	r.fill(t, s)
	for i := range 5000 {
		body := fmt.Sprintf(`{"username":"full-%d","email":"full-%d@example.com","address":%q}`, i, i, strings.Repeat("x", 2000))
		status, text := s.call(http.MethodPost, "/api/users/", body)
		if status != http.StatusCreated {
			wantNoRoom(t, "POST", status, text)
			return acked
		}
		acked = append(acked, rowID(t, text))
	}
	t.Fatal("5000 users were created without room")
	return nil
}

func wantNoRoom(t *testing.T, what string, status int, text string) {
	t.Helper()
	if status != http.StatusInsufficientStorage && status != http.StatusServiceUnavailable || !strings.HasPrefix(text, `{"detail":"`) {
		t.Errorf("%s without room: got %d %.200s, want 507 or 503 with a reason", what, status, text)
	}
}

// checkFull looks at a server without room.
func checkFull(t *testing.T, s *server, acked []int64) {
	t.Helper()
	checkAcked(t, s, acked)
	for i := range 3 {
		status, text := s.call(http.MethodPost, "/api/users/", newUser(fmt.Sprintf("refused-%d", i)))
		wantNoRoom(t, "POST", status, text)
	}
	for _, path := range []string{"/readyz", "/healthz", "/", "/api/users/active_count/"} {
		if status, text := s.call(http.MethodGet, path, ""); status != http.StatusOK {
			t.Errorf("GET %s without room: got %d %.200s, want 200", path, status, text)
		}
	}
	if !strings.Contains(s.logged(), "level=ERROR") {
		t.Error("the log has no error")
	}
}

// checkAcked finds the users that were acknowledged, and no others.
func checkAcked(t *testing.T, s *server, acked []int64) {
	t.Helper()
	if got := s.number("/api/users/", "count"); got != len(acked) {
		t.Errorf("users: got %d, want the %d that were acknowledged", got, len(acked))
	}
	for _, id := range slices.Concat(acked[:5], acked[len(acked)-1:]) {
		if status, _ := s.call(http.MethodGet, fmt.Sprintf("/api/users/%d/", id), ""); status != http.StatusOK {
			t.Errorf("acknowledged user %d: got %d, want 200", id, status)
		}
	}
}

// smallFileSystem mounts a file system of 1 MiB in memory. It reports false
// where that is not permitted.
func smallFileSystem(t *testing.T) (room, bool) {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("roster", dir, "tmpfs", 0, "size=2m")
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		return room{}, false
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	filler := filepath.Join(dir, "filler")
	return room{
		dir: dir,
		fill: func(t *testing.T, _ *server) {
			t.Helper()
			if err := os.WriteFile(filler, make([]byte, 2<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("got %v, want no space left", err)
			}
		},
		free: func(t *testing.T, _ *server) {
			t.Helper()
			if err := os.Remove(filler); err != nil {
				t.Fatal(err)
			}
		},
	}, true
}

// limitedFiles sets a limit on the size of the files that the server writes.
func limitedFiles(t *testing.T) room {
	t.Helper()
	dir := t.TempDir()
	return room{
		dir: dir,
		fill: func(t *testing.T, s *server) {
			t.Helper()
			wal, err := os.Stat(filepath.Join(dir, "db.sqlite3-wal"))
			if err != nil {
				t.Fatal(err)
			}
			limitFileSize(t, s.cmd.Process.Pid, uint64(wal.Size()))
		},
		free: func(t *testing.T, s *server) {
			t.Helper()
			limitFileSize(t, s.cmd.Process.Pid, 1<<40)
		},
	}
}

// limitFileSize sets RLIMIT_FSIZE of a process. See prlimit(2).
func limitFileSize(t *testing.T, pid int, limit uint64) {
	t.Helper()
	const fileSize = 1 // RLIMIT_FSIZE
	limits := syscall.Rlimit{Cur: limit, Max: 1 << 40}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), fileSize, uintptr(unsafe.Pointer(&limits)), 0, 0, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
}
