package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"roster/internal/metrics"
)

func newMetrics(log io.Writer) *metrics.Metrics {
	return metrics.New("v1.2.3", slog.New(slog.NewTextHandler(log, nil)))
}

// scrape returns what a scrape is answered with, and fails the test when
// Prometheus could not read it.
func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	text := w.Body.String()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	if _, err := parser.TextToMetricFamilies(strings.NewReader(text)); err != nil || w.Code != http.StatusOK {
		t.Fatalf("got %d, %v of\n%s", w.Code, err, text)
	}
	return text
}

func requireLines(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, line := range want {
		if !strings.Contains("\n"+text, "\n"+line) {
			t.Errorf("got a scrape without %s", line)
		}
	}
}

func TestMetrics_Process(t *testing.T) {
	t.Parallel()
	requireLines(t, scrape(t, newMetrics(io.Discard)), `roster_build_info{goversion="go1.`, "go_goroutines ", "process_open_fds ")
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	m := newMetrics(io.Discard)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			m.HTTP.Begin()
			m.HTTP.Done("GET", "/api/users/{id}/", 200, 3*time.Millisecond)
		})
	}
	group.Wait()
	m.HTTP.Begin()
	m.HTTP.Begin()
	m.HTTP.Done("PURGE", "", 404, time.Millisecond)
	requireLines(t, scrape(t, m),
		`roster_http_requests_total{method="GET",route="/api/users/{id}/",status="200"} 8`,
		`roster_http_requests_total{method="other",route="none",status="404"} 1`,
		`roster_http_request_duration_seconds_bucket{method="GET",route="/api/users/{id}/",le="0.0025"} 0`,
		`roster_http_request_duration_seconds_bucket{method="GET",route="/api/users/{id}/",le="0.005"} 8`,
		"roster_http_requests_in_flight 1")
}

// Whatever clients make up as methods is one series.
func TestHTTP_InventedMethods(t *testing.T) {
	t.Parallel()
	m := newMetrics(io.Discard)
	for i := range 100 {
		m.HTTP.Begin()
		m.HTTP.Done(strings.Repeat("X", i+1), "/", 405, 0)
	}
	text := scrape(t, m)
	requireLines(t, text, `roster_http_requests_total{method="other",route="/",status="405"} 100`)
	if got := strings.Count(text, "\nroster_http_requests_total{"); got != 1 {
		t.Errorf("got %d series, want 1", got)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	m := newMetrics(io.Discard)
	for range 2 {
		m.Database.Done("find a user", time.Millisecond, false)
	}
	m.Database.Done("find a user", time.Second, true)
	m.Database.Batch(5)
	m.Database.Checkpoint(700)
	m.Tasks.Begin("noop")
	m.Tasks.Begin("noop")
	m.Tasks.Done("noop", "done", time.Second)
	m.Tasks.Crash("noop")
	m.Mail.Done("sent")
	m.Logins.Done("password", "throttled")
	requireLines(t, scrape(t, m),
		`roster_database_operation_duration_seconds_count{operation="find a user",outcome="ok"} 2`,
		`roster_database_operation_duration_seconds_count{operation="find a user",outcome="failed"} 1`,
		"roster_sqlite_batch_size_sum 5", "roster_sqlite_checkpoints_total 1", "roster_sqlite_checkpoint_pages 700",
		`roster_task_run_duration_seconds_count{kind="noop",state="done"} 1`,
		`roster_task_runs_in_progress{kind="noop"} 1`, `roster_task_crashes_total{kind="noop"} 1`,
		`roster_mail_messages_total{outcome="sent"} 1`, `roster_mail_messages_total{outcome="refused"} 0`,
		`roster_login_attempts_total{outcome="throttled",step="password"} 1`)
}

func TestNil(t *testing.T) {
	t.Parallel()
	var m metrics.Metrics
	m.HTTP.Begin()
	m.HTTP.Done("GET", "/", 200, 0)
	m.Database.Done("x", 0, false)
	m.Database.Batch(1)
	m.Database.Checkpoint(1)
	m.Tasks.Begin("x")
	m.Tasks.Done("x", "done", 0)
	m.Tasks.Crash("x")
	m.Mail.Done("sent")
	m.Logins.Done("code", "ok")
}

func TestSource(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	m := newMetrics(&log)
	size := metrics.NewGauge("roster_size", "A size.", "what")
	count := metrics.NewCounter("roster_things_total", "Things.")
	failure := errors.New("no such table")
	m.Add(metrics.Source{Name: "good", Read: func(ctx context.Context, show metrics.Show) error {
		show(size, 2.5, "a\"b")
		show(count, 7)
		return ctx.Err()
	}})
	m.Add(metrics.Source{Name: "bad", Read: func(context.Context, metrics.Show) error { return failure }})
	want := []string{`roster_size{what="a\"b"} 2.5`, "# TYPE roster_things_total counter", "roster_things_total 7", `roster_source_up{source="good"} 1`}
	requireLines(t, scrape(t, m), append(want, `roster_source_up{source="bad"} 0`)...)
	scrape(t, m)
	if got := strings.Count(log.String(), "metrics cannot be read"); got != 1 || !strings.Contains(log.String(), "no such table") {
		t.Errorf("got the log %q, want one line with the cause", log.String())
	}
	failure = nil
	requireLines(t, scrape(t, m), append(want, `roster_source_up{source="bad"} 1`)...)
}

func TestSource_WrongLabels(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	m := newMetrics(&log)
	m.Add(metrics.Source{Name: "odd", Read: func(_ context.Context, show metrics.Show) error {
		show(metrics.NewGauge("roster_size", "A size.", "what"), 1)
		return nil
	}})
	requireLines(t, scrape(t, m), "go_goroutines ")
	if !strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("got the log %q, want the defect", log.String())
	}
}

func BenchmarkHTTP(b *testing.B) {
	m := newMetrics(io.Discard)
	b.ReportAllocs()
	for b.Loop() {
		m.HTTP.Begin()
		m.HTTP.Done("GET", "/api/users/{id}/", 200, 24*time.Microsecond)
	}
}

func BenchmarkDatabase(b *testing.B) {
	m := newMetrics(io.Discard)
	b.ReportAllocs()
	for b.Loop() {
		m.Database.Done("find a user", 24*time.Microsecond, false)
	}
}
