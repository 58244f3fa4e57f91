package logging_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"roster/internal/logging"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, o logging.Options) *logging.Logs {
	t.Helper()
	logs, err := logging.New(o)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() { closeLogs(t, logs) })
	return logs
}

func closeLogs(t *testing.T, logs *logging.Logs) {
	t.Helper()
	if err := logs.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestNew_Text(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "logs")
	var console bytes.Buffer
	logs := open(t, logging.Options{Dir: dir, Console: &console})
	logs.For("api").Info("request", "path", "/a b\nc", "status", 200)
	logs.For("store").With("table", "t_users").WithGroup("query").Error("failed", "rows", 3)
	logs.For("").Warn("plain")
	closeLogs(t, logs)

	const clock = `time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z `
	info := clock + `level=INFO msg=request component=api path="/a b\\nc" status=200\n`
	failure := clock + `level=ERROR msg=failed component=store table=t_users query\.rows=3\n`
	warning := clock + `level=WARN msg=plain\n`
	for name, test := range map[string]struct{ got, want string }{
		"app.log":   {read(t, dir, "app.log"), info + failure + warning},
		"error.log": {read(t, dir, "error.log"), failure},
		"console":   {console.String(), info + failure + warning},
	} {
		if !regexp.MustCompile("^" + test.want + "$").MatchString(test.got) {
			t.Errorf("%s: got\n%swant\n%s", name, test.got, test.want)
		}
	}
	if app := read(t, dir, "app.log"); app != console.String() {
		t.Errorf("app.log and the console differ:\n%s\n%s", app, console.String())
	}
}

func TestNew_JSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs := open(t, logging.Options{Dir: dir, Format: logging.FormatJSON})
	for i := range 100 {
		logs.For("api").Info("line\n\"quoted\"", "i", i, "text", "a\x00b\u2028")
	}
	closeLogs(t, logs)
	lines := strings.Split(strings.TrimSuffix(read(t, dir, "app.log"), "\n"), "\n")
	if len(lines) != 100 {
		t.Fatalf("got %d lines, want 100", len(lines))
	}
	last := ""
	for i, line := range lines {
		var record struct {
			Time, Level, Msg, Component, Text string
			I                                 int
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("line %d: %v: %s", i, err, line)
		}
		if record.I != i || record.Level != "INFO" || record.Msg != "line\n\"quoted\"" || record.Component != "api" || record.Text != "a\x00b\u2028" {
			t.Errorf("line %d: got %+v", i, record)
		}
		if record.Time < last {
			t.Errorf("line %d: time %s is before %s", i, record.Time, last)
		}
		last = record.Time
	}
}

func TestNew_Modes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "app.log"), []byte("before\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	logs := open(t, logging.Options{Dir: dir})
	logs.For("x").Error("now")
	for _, name := range []string{"app.log", "error.log"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got %v, %v, want mode 0600", name, info.Mode(), err)
		}
	}
	if app := read(t, dir, "app.log"); !strings.HasPrefix(app, "before\n") || strings.Count(app, "\n") != 2 {
		t.Errorf("app.log: got %q, want the record after what was there", app)
	}
}

func TestNew_Refused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]logging.Options{
		`log format "xml"`: {Format: "xml"},
		file:               {Dir: file},
	} {
		if _, err := logging.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want an error that names %s", o, err, want)
		}
	}
}

func TestFor_Levels(t *testing.T) {
	t.Parallel()
	var console bytes.Buffer
	logs := open(t, logging.Options{Console: &console, Level: slog.LevelWarn, Levels: map[string]slog.Level{
		"store": slog.LevelDebug, "api": slog.LevelError,
	}})
	for _, component := range []string{"store", "api", "web"} {
		for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
			logs.For(component).Log(t.Context(), level, "line")
		}
	}
	logs.Flush()
	var got []string
	for _, found := range regexp.MustCompile(`level=(\S+) msg=line component=(\S+)\n`).FindAllStringSubmatch(console.String(), -1) {
		got = append(got, found[2]+" "+found[1])
	}
	want := []string{"store DEBUG", "store INFO", "store WARN", "store ERROR", "api ERROR", "web WARN", "web ERROR"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestError_WrittenBeforeTheCallReturns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := open(t, logging.Options{Dir: dir}).For("api")
	for i := range 50 {
		log.Info("before")
		log.Error("failed", "i", i)
		if got := read(t, dir, "error.log"); strings.Count(got, "\n") != i+1 {
			t.Fatalf("error.log after %d errors: got %d lines", i+1, strings.Count(got, "\n"))
		}
	}
	if got := strings.Count(read(t, dir, "app.log"), "\n"); got != 100 {
		t.Errorf("app.log: got %d lines, want 100", got)
	}
}

func TestClose_Repeated(t *testing.T) {
	t.Parallel()
	var console bytes.Buffer
	dir := t.TempDir()
	logs := open(t, logging.Options{Dir: dir, Console: &console})
	closeLogs(t, logs)
	closeLogs(t, logs)
	logs.For("cli").Error("late")
	logs.Flush()
	if !strings.Contains(console.String(), "msg=late component=cli\n") {
		t.Errorf("console: got %q, want the late record", console.String())
	}
	if got := read(t, dir, "app.log"); got != "" {
		t.Errorf("app.log: got %q, want nothing after Close", got)
	}
}

// What is logged while the log is being closed reaches the console whole.
func TestClose_WhileLogging(t *testing.T) {
	t.Parallel()
	var console bytes.Buffer
	logs := open(t, logging.Options{Dir: t.TempDir(), Console: &console})
	const writers, each = 4, 200
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for range each {
				logs.For("api").Info("line")
			}
		})
	}
	closeLogs(t, logs)
	group.Wait()
	if got := strings.Count(console.String(), "level=INFO msg=line component=api\n"); got != writers*each {
		t.Errorf("got %d lines, want %d", got, writers*each)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs := open(t, logging.Options{Dir: dir, MaxSize: 1, MaxBackups: 2})
	log, filler := logs.For("api"), strings.Repeat("x", 1000)
	const lines = 6000 // almost 6.5 MB
	for i := range lines {
		log.Info("line", "i", i, "filler", filler)
		if i%500 == 0 {
			logs.Flush()
		}
	}
	closeLogs(t, logs)
	names, err := filepath.Glob(filepath.Join(dir, "app*.log"))
	if err != nil || len(names) != 3 {
		t.Fatalf("got files %v, %v, want app.log and two rotated ones", names, err)
	}
	var kept []int // in the order of the files: rotated ones sort by their time, before app.log
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || info.Size() > 1<<20 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got %v, %v, want 1 MiB at most and mode 0600", name, info, err)
		}
		kept = append(kept, numbers(t, name)...)
	}
	for i, number := range kept {
		if want := lines - len(kept) + i; number != want {
			t.Fatalf("line %d of the kept ones: got number %d, want %d", i, number, want)
		}
	}
}

// numbers returns the numbers of the lines of a file of TestRotation.
func numbers(t *testing.T, name string) []int {
	t.Helper()
	var found []int
	scanner := bufio.NewScanner(strings.NewReader(read(t, name)))
	for scanner.Scan() {
		var number int
		_, rest, ok := strings.Cut(scanner.Text(), "level=INFO msg=line component=api i=")
		if _, err := fmt.Sscanf(rest, "%d filler=xxx", &number); err != nil || !ok {
			t.Fatalf("%s: a torn line: %.100s", name, scanner.Text())
		}
		found = append(found, number)
	}
	return found
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs := open(t, logging.Options{Dir: dir, Format: logging.FormatJSON, MaxSize: 100})
	const writers, each = 8, 500 // 4 MB in all: the buffer fills up
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() { logNumbers(logs.For(fmt.Sprint("w", w)), each) })
	}
	group.Wait()
	closeLogs(t, logs)
	counts := countNumbers(t, filepath.Join(dir, "app.log"))
	for w := range writers {
		if got := counts[fmt.Sprint("w", w)]; got != each {
			t.Errorf("w%d: got %d lines, want %d", w, got, each)
		}
	}
	if got := strings.Count(read(t, dir, "error.log"), "\n"); got != writers*each/100 {
		t.Errorf("error.log: got %d lines, want %d", got, writers*each/100)
	}
}

// logNumbers logs lines numbered from 0, one of a hundred as an error.
func logNumbers(log *slog.Logger, lines int) {
	filler := strings.Repeat("x", 1000)
	for i := range lines {
		if i%100 == 99 {
			log.Error("line", "i", i)
		} else {
			log.Info("line", "i", i, "filler", filler)
		}
	}
}

// countNumbers returns the number of lines by component, each of which must
// have them in order.
func countNumbers(t *testing.T, path string) map[string]int {
	t.Helper()
	next := map[string]int{}
	for line := range strings.Lines(read(t, path)) {
		var record struct {
			Component string
			I         int
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%v: %.100s", err, line)
		}
		if record.I != next[record.Component] {
			t.Fatalf("%s: got line %d, want %d", record.Component, record.I, next[record.Component])
		}
		next[record.Component]++
	}
	return next
}

// A record above a file's size is written, over more than one file.
func TestHugeRecord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var console bytes.Buffer
	logs := open(t, logging.Options{Dir: dir, MaxSize: 1, Console: &console})
	logs.For("x").Error("huge", "text", strings.Repeat("y", 3<<20))
	closeLogs(t, logs)
	names, err := filepath.Glob(filepath.Join(dir, "app*.log"))
	total := 0
	for _, name := range names {
		total += strings.Count(read(t, name), "y")
	}
	if want := 3 << 20; err != nil || total < want || strings.Contains(console.String(), "cannot") {
		t.Errorf("got %d bytes of the record in %v, %v, want %d", total, names, err, want)
	}
}

func TestClose_Fails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	logs := logging.NewWith(logging.Options{}, &flaky{closing: broken}, &flaky{})
	if first, second := logs.Close(), logs.Close(); !errors.Is(first, broken) || !errors.Is(second, broken) {
		t.Errorf("got %v, then %v, want %v twice", first, second, broken)
	}
}

type tenant struct{}

func TestLogs_ContextAddsItsAttribute(t *testing.T) {
	t.Parallel()
	var console bytes.Buffer
	logs, err := logging.New(logging.Options{Console: &console, Context: func(ctx context.Context) (slog.Attr, bool) {
		name, ok := ctx.Value(tenant{}).(string)
		return slog.String("tenant", name), ok
	}})
	if err != nil {
		t.Fatal(err)
	}
	logs.For("").InfoContext(context.WithValue(t.Context(), tenant{}, "north"), "first")
	logs.For("").InfoContext(t.Context(), "second")
	if err := logs.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(console.String(), "\n")
	if !strings.Contains(lines[0], "msg=first tenant=north") || strings.Contains(lines[1], "tenant") {
		t.Errorf("got %q", lines)
	}
}
