package cli_test

import (
	"bufio"
	"context"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/internal/cli"
	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/task"
)

// TestServe_TracesWhatARequestCaused: the mail that greets a user is in the trace
// of the request that created it, which alone is why it is traced.
func TestServe_TracesWhatARequestCaused(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var sent strings.Builder
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.Copy(&sent, r.Body)
	}))
	t.Cleanup(func() { // once the server has ended, and so sent everything
		collector.Close()
		id, _ := hex.DecodeString("4bf92f3577b34da6a3ce929d0e0e4736")
		_, run, found := strings.Cut(sent.String(), "POST /api/users/")
		if !found || !strings.Contains(run, "task send_welcome_email") || strings.Count(sent.String(), string(id)) < 2 {
			t.Errorf("got %q, want the request and then the mail, in one trace", sent.String())
		}
	})
	p := start(t, []string{"DB_NAME=" + filepath.Join(t.TempDir(), "db.sqlite3"), "WELCOME_EMAIL=true", "EMAIL_BACKEND=console",
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.URL, "TRACE_SAMPLE_PERCENT=0"}, "serve", "--bind", "127.0.0.1:0")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.pages+"/api/users/", strings.NewReader(`{"username":"ada","email":"ada@example.com"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusCreated {
		t.Fatalf("got %v, %v", answer, err)
	}
	_ = answer.Body.Close()
	p.await(t, `roster_task_run_duration_seconds_count{kind="send_welcome_email",state="done"} 1`)
}

// process is a command that runs until the test ends.
type process struct {
	figures string // the URL of its private listener
	pages   string // of serve
}

// start runs a command with a private listener.
func start(t *testing.T, environ []string, args ...string) process {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		status := cli.Main(ctx, append(args, "--metrics-bind", "127.0.0.1:0"), append(environ, "LOG_DIR=", "LOG_FORMAT=json"),
			cli.Stdio{In: strings.NewReader(""), Out: io.Discard, Err: write})
		_ = write.Close()
		ended <- status
	}()
	t.Cleanup(func() {
		cancel()
		if status := <-ended; status != 0 {
			t.Errorf("%v: got status %d", args, status)
		}
	})
	lines := bufio.NewScanner(read)
	var seen []string
	var p process
	for lines.Scan() {
		var line struct{ Msg, URL string }
		_ = json.Unmarshal(lines.Bytes(), &line) // invalid JSON is reported below
		seen = append(seen, lines.Text())
		switch line.Msg {
		case "serving metrics":
			p.figures = strings.TrimSuffix(line.URL, "/metrics")
		case "serving", "working":
			p.pages = strings.TrimSuffix(line.URL, "/")
			go func() { _, _ = io.Copy(io.Discard, read) }()
			return p
		}
	}
	t.Fatalf("%v shows no figures: %s", args, strings.Join(seen, "\n"))
	return p
}

func fetch(t *testing.T, url string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// await scrapes until the figures hold all texts.
func (p process) await(t *testing.T, texts ...string) string {
	t.Helper()
	ticks := time.NewTicker(50 * time.Millisecond)
	defer ticks.Stop()
	for limit := time.Now().Add(10 * time.Minute); ; <-ticks.C {
		_, figures := fetch(t, p.figures+"/metrics")
		missing := slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return strings.Contains(figures, text) })
		if len(missing) == 0 {
			return figures
		}
		if time.Now().After(limit) {
			t.Fatalf("got no %s in\n%s", missing, figures)
		}
	}
}

// databases returns the settings of a migrated database on each engine.
func databases(t *testing.T) map[string][]string {
	t.Helper()
	o := mysqltest.NewDatabase(t)
	all := map[string][]string{
		"sqlite": {"DB_NAME=" + filepath.Join(t.TempDir(), "db.sqlite3")},
		"mysql": {"DB_ENGINE=mysql", "DB_NAME=" + o.Database, "DB_USER=" + o.User, "DB_PASSWORD=" + o.Password, "DB_HOST=" + o.Host,
			"DB_PORT=" + strconv.Itoa(o.Port), "SECRET_KEY=" + strings.Repeat("k", 32)},
	}
	for name, environ := range all {
		if status, _, errs := run(t, environ, "migrate"); status != 0 {
			t.Fatalf("%s: %s", name, errs)
		}
	}
	db, err := store.OpenMySQL(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	addSchedule(t, db)
	file, err := store.Open(t.Context(), store.Options{Path: strings.TrimPrefix(all["sqlite"][0], "DB_NAME=")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	addSchedule(t, file)
	return all
}

// addSchedule stores a schedule that is due each second.
func addSchedule(t *testing.T, db *store.Store) {
	t.Helper()
	err := db.InTaskTx(t.Context(), func(tx task.Tx) error {
		c, ok := tx.(interface {
			Exec(query string, args ...driver.Value) (driver.Result, error)
		})
		if !ok {
			return fmt.Errorf("%T runs no statements", tx)
		}
		if _, err := c.Exec("INSERT INTO django_celery_beat_intervalschedule (id, every, period) VALUES (1, 1, 'seconds')"); err != nil {
			return err
		}
		_, err := c.Exec("INSERT INTO django_celery_beat_periodictask (id, name, task, args, kwargs, enabled, total_run_count, date_changed," +
			" description, headers, one_off, interval_id) VALUES (1, 'each second', 'noop', '[]', '{}', 1, 0, '2026-01-01 00:00:00', '', '{}', 0, 1)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestMonitoring: what the dashboard and the alerts ask for is shown by processes
// of Roster, whose private listeners answer probes, and profiles where they may.
func TestMonitoring(t *testing.T) {
	t.Parallel()
	environs := databases(t)
	web := start(t, append(environs["sqlite"], "PPROF=local"), "serve", "--bind", "127.0.0.1:0", "--no-worker", "--no-beat")
	worker := start(t, environs["sqlite"], "worker")
	beat := start(t, environs["sqlite"], "beat")
	other := start(t, environs["mysql"], "serve", "--bind", "127.0.0.1:0")
	for _, path := range []string{"/users/", "/metrics"} {
		if status, text := fetch(t, web.pages+path); status != http.StatusOK {
			t.Errorf("%s: got %d %s", path, status, text)
		}
	}
	const ran, scheduled = `roster_task_run_duration_seconds_count{kind="noop",state="done"}`, `roster_schedule_last_run_timestamp_seconds{kind="noop"} 1`
	shown := namesIn(web.await(t, `route="/users/"`) + worker.await(t, ran, scheduled) + beat.await(t, "roster_workers 1") + other.await(t, ran, scheduled))
	for _, p := range []process{web, worker, beat, other} {
		if status, text := fetch(t, p.figures+"/readyz"); status != http.StatusOK {
			t.Errorf("/readyz: got %d %s", status, text)
		}
	}
	for p, want := range map[process]int{web: http.StatusOK, worker: http.StatusNotFound} {
		if status, _ := fetch(t, p.figures+"/debug/pprof/heap"); status != want {
			t.Errorf("profiles: got %d, want %d", status, want)
		}
	}
	for _, file := range []string{"grafana/roster.json", "prometheus/alerts.yml", "prometheus/alerts_test.yml"} {
		requireShown(t, file, shown)
	}
	requireListed(t, shown)
}

// requireListed checks that docs/metrics.md lists what is shown of Roster, and
// nothing else.
func requireListed(t *testing.T, shown map[string]bool) {
	t.Helper()
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, name := range regexp.MustCompile("`(roster_[a-z_]+)`").FindAllStringSubmatch(string(page), -1) {
		listed[name[1]] = true
		if !shown[name[1]] {
			t.Errorf("docs/metrics.md has %s, which nothing shows", name[1])
		}
	}
	for name := range shown {
		base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
		if strings.HasPrefix(name, "roster_") && !listed[name] && !listed[base] {
			t.Errorf("docs/metrics.md lacks %s", name)
		}
	}
}

// namesIn returns the metric names in a text.
func namesIn(figures string) map[string]bool {
	// These are shown when there are any; TestBacklog of the store and TestEvents show them.
	shown := map[string]bool{"up": true, "roster_tasks": true, "roster_task_crashes_total": true}
	for _, line := range regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)`).FindAllStringSubmatch(figures, -1) {
		shown[line[1]] = true
		if line[2] == "histogram" {
			shown[line[1]+"_bucket"], shown[line[1]+"_sum"], shown[line[1]+"_count"] = true, true, true
		}
	}
	return shown
}

// requireShown checks that all that a file asks for is shown.
func requireShown(t *testing.T, file string, shown map[string]bool) {
	t.Helper()
	text, err := os.ReadFile("../../deploy/" + file)
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`\b(roster|go|process)_[a-z0-9_]+\b|\bup\b`).FindAllString(expressions(t, file, string(text)), -1)
	if len(names) < 10 {
		t.Errorf("%s: got %v, want what it asks for", file, names)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if !shown[name] {
			t.Errorf("%s asks for %s, which nothing shows", file, name)
		}
	}
}

// expressions returns what a file asks Prometheus.
func expressions(t *testing.T, file, text string) string {
	t.Helper()
	if !strings.HasSuffix(file, ".json") {
		return regexp.MustCompile(`(?m)^groups:|^rule_files:|^ *(summary|runbook|- name|- alert):.*$`).ReplaceAllString(text, "")
	}
	var board struct {
		Panels []struct {
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(text), &board); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, p := range board.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("the panel %q asks for nothing", p.Title)
		}
		for _, target := range p.Targets {
			all.WriteString(target.Expr + "\n")
		}
	}
	return all.String()
}

// TestRunbook_HasEveryAlert: each alert has a section, which its annotation names.
func TestRunbook_HasEveryAlert(t *testing.T) {
	t.Parallel()
	alerts, err := os.ReadFile("../../deploy/prometheus/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	runbook, err := os.ReadFile("../../docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(string(alerts), -1)
	for _, alert := range named {
		if !strings.Contains(string(alerts), "runbook: docs/runbook.md#"+strings.ToLower(alert[1])+"\n") {
			t.Errorf("%s: no annotation names its section", alert[1])
		}
		_, section, found := strings.Cut(string(runbook), "\n### "+alert[1]+"\n")
		section, _, _ = strings.Cut(section, "\n### ")
		for _, part := range []string{"**Means**", "**See**", "**Do**"} {
			if !found || !strings.Contains(section, part) {
				t.Errorf("%s: its section lacks %s", alert[1], part)
			}
		}
	}
	if sections := strings.Count(string(runbook), "\n### Roster"); len(named) < 10 || sections != len(named) {
		t.Errorf("got %d alerts and %d sections", len(named), sections)
	}
}
