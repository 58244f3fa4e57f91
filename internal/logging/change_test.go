package logging_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"roster/internal/logging"
)

// A link could lead anywhere: it is refused, and nothing is written to where it leads.
func TestNew_Link(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(path, elsewhere string) error{
		"link":          func(path, elsewhere string) error { return os.Symlink(elsewhere, path) },
		"dangling link": func(path, elsewhere string) error { return os.Symlink(elsewhere+"-missing", path) },
	} {
		for _, file := range []string{"app.log", "error.log"} {
			dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "precious")
			if err := os.WriteFile(elsewhere, []byte("precious"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := plant(filepath.Join(dir, file), elsewhere); err != nil {
				t.Fatal(err)
			}
			logs, err := logging.New(logging.Options{Dir: dir})
			if err == nil {
				_ = logs.Close()
			}
			info, statErr := os.Stat(elsewhere)
			if err == nil || !strings.Contains(err.Error(), file+" is a symbolic link") || statErr != nil || info.Mode().Perm() != 0o644 || info.Size() != 8 {
				t.Errorf("%s at %s: got %v, want a refusal that names the file and leaves the other alone", name, file, err)
			}
			if _, err := os.Lstat(elsewhere + "-missing"); err == nil {
				t.Errorf("%s at %s: a file was made behind the link", name, file)
			}
		}
	}
}

// A link that takes the place of a file before it is opened for the first line, or
// while it is open and about to be rotated, is refused as well: nothing is written
// where it leads, and the console says so. Lines are written again once it is gone.
func TestLink_Later(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string]int{"before the first line": 0, "before the rotation": 9} {
		var console syncBuffer
		dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "precious")
		logs, err := logging.New(logging.Options{Dir: dir, MaxSize: 1, Console: &console})
		if err != nil {
			t.Fatal(err)
		}
		log, filler, app := logs.For("api"), strings.Repeat("x", 100_000), filepath.Join(dir, "app.log")
		for range lines {
			log.Info("line", "filler", filler)
		}
		logs.Flush()
		err = errors.Join(os.WriteFile(elsewhere, []byte("precious"), 0o644), os.Rename(app, app+".mine"), os.Symlink(elsewhere, app))
		if err != nil {
			t.Fatal(err)
		}
		for range 12 { // beyond a file's size
			log.Info("lost", "filler", filler)
		}
		logs.Flush()
		info, err := os.Stat(elsewhere)
		if err != nil || info.Size() != 8 || info.Mode().Perm() != 0o644 || !strings.Contains(console.text(), "is a symbolic link, which is not followed") {
			t.Errorf("%s: got %v, %v, %.300s, want a refusal", name, info, err, console.text())
		}
		if err := os.Remove(app); err != nil {
			t.Fatal(err)
		}
		log.Info("again")
		for range 12 {
			log.Info("after", "filler", filler)
		}
		closeLogs(t, logs)
		left, err := filepath.Glob(filepath.Join(dir, "app*"))
		written := ""
		for _, file := range left {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			written += string(text)
		}
		if err != nil || strings.Count(written, "msg=again") != 1 || strings.Count(written, "msg=after") != 12 || strings.Contains(written, "msg=lost") {
			t.Errorf("%s: got %v in %v, want the lines after the link was removed", name, err, left)
		}
	}
}

// Levels can be changed while loggers are in use; those made before and after follow.
func TestSetLevels(t *testing.T) {
	t.Parallel()
	var console syncBuffer
	logs, err := logging.New(logging.Options{Console: &console, Levels: map[string]slog.Level{"store": slog.LevelDebug}})
	if err != nil {
		t.Fatal(err)
	}
	before := map[string]*slog.Logger{"store": logs.For("store"), "api": logs.For("api").With("k", 1), "": logs.For("")}
	log := func() string {
		console.reset()
		for _, component := range []string{"store", "api", "", "new"} {
			logger := before[component]
			if logger == nil {
				logger = logs.For(component)
			}
			logger.Debug(component + "-debug") //nolint:sloglint // the test looks for it
			logger.Info(component + "-info")   //nolint:sloglint // likewise
		}
		logs.Flush()
		var got []string
		for _, word := range regexp.MustCompile(`msg=(\S+)`).FindAllStringSubmatch(console.text(), -1) {
			got = append(got, word[1])
		}
		return strings.Join(got, " ")
	}
	if got := log(); got != "store-debug store-info api-info -info new-info" {
		t.Errorf("got %s", got)
	}
	logs.SetLevels(slog.LevelError, map[string]slog.Level{"api": slog.LevelDebug})
	if got := log(); got != "api-debug api-info" {
		t.Errorf("after the change: got %s", got)
	}
	level, levels, components := logs.Levels()
	if level != slog.LevelError || len(levels) != 1 || levels["api"] != slog.LevelDebug || strings.Join(components, " ") != "api new store" {
		t.Errorf("got %v, %v, %v", level, levels, components)
	}
	logs.SetLevels(slog.LevelInfo, nil)
	if got := log(); got != "store-info api-info -info new-info" {
		t.Errorf("after the second change: got %s", got)
	}
	if err := logs.Close(); err != nil {
		t.Error(err)
	}
}

// syncBuffer is a buffer for concurrent use.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (s *syncBuffer) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
}
