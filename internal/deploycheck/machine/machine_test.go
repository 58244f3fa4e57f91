package machine_test

import (
	"os"
	"path/filepath"
	"testing"

	"roster/internal/deploycheck/machine"
)

func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dotenv, database := filepath.Join(dir, ".env"), filepath.Join(dir, "db.sqlite3")
	for path, mode := range map[string]os.FileMode{dotenv: 0o600, database: 0o604} {
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask
			t.Fatal(err)
		}
	}
	m := machine.Read(dotenv, database)
	if m.DotenvMode != 0o600 || m.DatabaseMode != 0o604 {
		t.Errorf("got the modes %v and %v, want 0600 and 0604", m.DotenvMode, m.DatabaseMode)
	}
	if m.OpenFiles == 0 || m.DiskSize <= 0 || m.DiskFree < 0 || m.DiskFree > m.DiskSize {
		t.Errorf("got %d open files, %d of %d bytes free", m.OpenFiles, m.DiskFree, m.DiskSize)
	}
	if size, free := machine.Disk(dir); size != m.DiskSize || free <= 0 {
		t.Errorf("Disk: got %d of %d bytes", free, size)
	}
	if size, free := machine.Disk(filepath.Join(dir, "absent")); size != 0 || free != 0 {
		t.Errorf("Disk of a missing directory: got %d of %d bytes", free, size)
	}
	if got, want := m.IsRoot, os.Geteuid() == 0; got != want {
		t.Errorf("root: got %t, want %t", got, want)
	}
}

func TestRead_NothingThere(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing", "file")
	m := machine.Read(missing, missing)
	if m.DotenvMode != 0 || m.DatabaseMode != 0 || m.FileSystem != "" || m.DiskSize != 0 {
		t.Errorf("got %+v, want nothing known", m)
	}
	if m = machine.Read(missing, ""); m.DiskSize != 0 {
		t.Errorf("without a file: got %+v", m)
	}
}
