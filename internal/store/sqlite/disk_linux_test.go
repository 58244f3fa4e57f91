package sqlite_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"roster/internal/store"
)

// TestInTx_DiskFull fills a file system. Where none can be mounted
// TestInTx_Full alone must do.
func TestInTx_DiskFull(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := syscall.Mount("roster-test", folder, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	defer func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) }()
	path := filepath.Join(folder, "db.sqlite3")
	s := openMigrated(t, path)
	wantFullAndBack(t, s, path, func(full bool) {
		ballast := filepath.Join(folder, "ballast")
		if !full {
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			return
		}
		f, err := os.Create(ballast)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		for block := make([]byte, 4096); ; {
			if _, err := f.Write(block); err != nil {
				return
			}
		}
	})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestOpen_NotWritable opens files as a user who may not write them.
func TestOpen_NotWritable(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	chmod(t, filepath.Dir(folder), 0o755)
	path := filepath.Join(folder, "db.sqlite3")
	if err := openMigrated(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path       string
		file, folderMode os.FileMode
	}{
		{"file", path, 0o444, 0o777},
		{"folder", path, 0o666, 0o555},
		{"new file", filepath.Join(folder, "new"), 0o666, 0o555},
	} {
		chmod(t, path, c.file)
		chmod(t, folder, c.folderMode)
		err := asOther(func() error {
			s, err := store.Open(t.Context(), store.Options{Path: c.path})
			if err == nil {
				err = s.Close()
			}
			return err
		})
		if err == nil || !strings.HasPrefix(err.Error(), "DB_NAME: cannot ") || !strings.Contains(err.Error(), c.path) {
			t.Errorf("%s: got %v, want a sentence with DB_NAME and the file", c.name, err)
		}
	}
	chmod(t, folder, 0o777)
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// asOther runs fn without the superuser's right to write everything, where
// the tests run as the superuser. Its thread is not used again.
func asOther(fn func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		const other = 65534
		_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, other, 0, 0)
		result <- fn()
	}()
	return <-result
}
