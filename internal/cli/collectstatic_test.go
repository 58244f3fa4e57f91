package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ran is what became of a command.
type ran struct {
	status   int
	out, err string
}

func runPlain(t *testing.T, args ...string) ran {
	t.Helper()
	status, out, errs := run(t, nil, args...)
	return ran{status, out, errs}
}

func TestCollectstatic(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", "static")
	first, again := runPlain(t, "collectstatic", dir), runPlain(t, "collectstatic", dir)
	if first.status != 0 || !strings.HasSuffix(first.out, ", 0 were unchanged\n") {
		t.Errorf("first: got %+v", first)
	}
	if again.status != 0 || !strings.HasPrefix(again.out, "0 files written to "+dir) {
		t.Errorf("again: got %+v", again)
	}
	found, err := filepath.Glob(filepath.Join(dir, "css", "roster.*.css*"))
	if err != nil || len(found) != 2 {
		t.Fatalf("got %v, %v, want the fingerprinted style sheet and its compressed form", found, err)
	}
	if err := os.WriteFile(found[0], []byte("spoilt"), 0o600); err != nil {
		t.Fatal(err)
	}
	mended := runPlain(t, "collectstatic", dir)
	info, err := os.Stat(found[0])
	if !strings.HasPrefix(mended.out, "1 file written") || err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("mended: got %+v, %v, %v", mended, info.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*", ".new-*")); err != nil || len(left) != 0 {
		t.Errorf("got %v, %v, want nothing half done", left, err)
	}
}

func TestCollectstatic_DirectoryThatCannotBe(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		got := runPlain(t, "collectstatic", dir)
		if want := "roster: " + file + " is not a directory\n"; got.status != 1 || got.err != want {
			t.Errorf("%s: got %+v, want %q", dir, got, want)
		}
	}
	if got := runPlain(t, "collectstatic"); got.status != 2 || !strings.Contains(got.err, "roster collectstatic --help") {
		t.Errorf("no directory: got %+v", got)
	}
}

func TestReference(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if got := runPlain(t, "completion", shell); got.status != 0 || !strings.Contains(got.out, "createsuperuser") {
			t.Errorf("%s: got %+v", shell, got)
		}
	}
	if got := runPlain(t, "completion", "tcsh"); got.status != 2 || !strings.Contains(got.err, "tcsh") {
		t.Errorf("tcsh: got %+v", got)
	}
	if got := runPlain(t, "man"); got.status != 0 || !strings.Contains(got.out, ".B SHUTDOWN_DELAY\nDefault: 0.\n") {
		t.Errorf("man: got %+v", got)
	}
}
