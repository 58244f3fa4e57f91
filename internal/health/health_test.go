package health_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"roster/internal/health"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func well(context.Context) error { return nil }

// quiet returns a Checker that discards its log.
func quiet() *health.Checker { return health.NewChecker(slog.New(slog.DiscardHandler)) }

func probe(t *testing.T, handle http.HandlerFunc, method string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	handle(w, httptest.NewRequestWithContext(t.Context(), method, "/", nil))
	return w
}

func requireAnswer(t *testing.T, w *httptest.ResponseRecorder, code int, body string) {
	t.Helper()
	if w.Code != code || w.Body.String() != body {
		t.Errorf("got %d %s, want %d %s", w.Code, w.Body, code, body)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control: got %q, want no-store", got)
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	c := quiet()
	c.Add("database", func(context.Context) error { return errors.New("down") })
	c.SetDraining()
	w := probe(t, c.Live, http.MethodGet)
	requireAnswer(t, w, http.StatusOK, `{"status":"ok"}`)
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type: got %q, want application/json", got)
	}
}

func TestReady_Optional(t *testing.T) {
	t.Parallel()
	c := quiet()
	failure := errors.New("away")
	c.Add("database", well)
	c.AddOptional("broker", func(context.Context) error { return failure })
	requireAnswer(t, probe(t, c.Ready, http.MethodGet), http.StatusOK, `{"status":"ok","checks":{"broker":"degraded","database":"ok"}}`)
	failure = nil
	requireAnswer(t, probe(t, c.Ready, http.MethodGet), http.StatusOK, `{"status":"ok","checks":{"broker":"ok","database":"ok"}}`)
}

func TestReady(t *testing.T) {
	t.Parallel()
	c := quiet()
	requireAnswer(t, probe(t, c.Ready, http.MethodGet), http.StatusOK, `{"status":"ok"}`)
	c.Add("database", well)
	requireAnswer(t, probe(t, c.Ready, http.MethodGet), http.StatusOK, `{"status":"ok","checks":{"database":"ok"}}`)
	c.Add("broker", func(context.Context) error { return errors.New("dial 10.0.0.7: refused") })
	c.Add("panicky", func(context.Context) error { panic("boom") })
	requireAnswer(t, probe(t, c.Ready, http.MethodGet), http.StatusServiceUnavailable,
		`{"status":"failed","checks":{"broker":"failed","database":"ok","panicky":"failed"}}`)
	c.SetDraining()
	requireAnswer(t, probe(t, c.Ready, http.MethodGet), http.StatusServiceUnavailable, `{"status":"draining"}`)
}

func TestMethods(t *testing.T) {
	t.Parallel()
	c := quiet()
	c.Add("never", func(context.Context) error { return errors.New("failed") })
	draining := quiet()
	draining.SetDraining()
	for _, handle := range []http.HandlerFunc{c.Live, c.Ready, draining.Ready} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "PURGE"} {
			w := probe(t, handle, method)
			requireAnswer(t, w, http.StatusMethodNotAllowed, "")
			if got := w.Header().Get("Allow"); got != "GET, HEAD" {
				t.Errorf("%s: got Allow %q, want GET, HEAD", method, got)
			}
		}
		get, head := probe(t, handle, http.MethodGet), probe(t, handle, http.MethodHead)
		requireAnswer(t, head, get.Code, "")
		if got, want := head.Header().Get("Content-Length"), get.Header().Get("Content-Length"); got != want || got == "" {
			t.Errorf("HEAD: got Content-Length %q, want GET's %q", got, want)
		}
	}
}

func TestReady_Timeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := quiet()
		c.Add("obedient", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		c.Add("slow", func(context.Context) error { time.Sleep(health.Timeout - 1); return nil })
		c.Add("deaf", func(context.Context) error { time.Sleep(time.Hour); return nil })
		begin := time.Now()
		w := probe(t, c.Ready, http.MethodGet)
		requireAnswer(t, w, http.StatusServiceUnavailable,
			`{"status":"failed","checks":{"deaf":"failed","obedient":"failed","slow":"ok"}}`)
		if got := time.Since(begin); got != health.Timeout {
			t.Errorf("the checks took %v, want %v as they run side by side", got, health.Timeout)
		}
		time.Sleep(time.Hour) // until the deaf one ends
	})
}

// A check that hangs is not started again, and counts again once it is back.
func TestReady_HangingCheckRunsOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := quiet()
		runs := 0
		c.Add("deaf", func(context.Context) error {
			if runs++; runs == 1 {
				time.Sleep(time.Hour)
			}
			return nil
		})
		for range 10 {
			requireAnswer(t, probe(t, c.Ready, http.MethodGet), http.StatusServiceUnavailable, `{"status":"failed","checks":{"deaf":"failed"}}`)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		requireAnswer(t, probe(t, c.Ready, http.MethodGet), http.StatusOK, `{"status":"ok","checks":{"deaf":"ok"}}`)
		if runs != 2 {
			t.Errorf("got %d runs, want 2", runs)
		}
	})
}

func TestReady_ProbesShareARun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := quiet()
		var runs atomic.Int32
		c.Add("slow", func(context.Context) error { runs.Add(1); time.Sleep(time.Second); return nil })
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				requireAnswer(t, probe(t, c.Ready, http.MethodGet), http.StatusOK, `{"status":"ok","checks":{"slow":"ok"}}`)
			})
		}
		group.Wait()
		requireAnswer(t, probe(t, c.Ready, http.MethodGet), http.StatusOK, `{"status":"ok","checks":{"slow":"ok"}}`)
		if got := runs.Load(); got != 2 {
			t.Errorf("got %d runs, want one for the probes at once and one for the later probe", got)
		}
	})
}

func TestReady_ProberGoesAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var lines bytes.Buffer
		c := health.NewChecker(slog.New(slog.NewTextHandler(&lines, nil)))
		c.Add("slow", func(ctx context.Context) error { time.Sleep(time.Second); return ctx.Err() })
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		begin := time.Now()
		c.Ready(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
		if took := time.Since(begin); took != 0 {
			t.Errorf("the handler took %v, want it to end with its request", took)
		}
		time.Sleep(time.Minute)
		if lines.Len() != 0 {
			t.Errorf("got %q in the log, want nothing, as the check is well", lines.String())
		}
	})
}

func TestReady_CauseGoesToTheLog(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	c := health.NewChecker(slog.New(slog.NewTextHandler(&lines, nil)))
	var down atomic.Bool
	c.Add("database", func(context.Context) error {
		if down.Load() {
			return errors.New("disk I/O error")
		}
		return nil
	})
	for _, now := range []bool{false, true, true, true, false, false} {
		down.Store(now)
		if w := probe(t, c.Ready, http.MethodGet); strings.Contains(w.Body.String(), "disk") {
			t.Errorf("the response shows the cause: %s", w.Body)
		}
	}
	got := lines.String()
	if strings.Count(got, "\n") != 2 ||
		!strings.Contains(got, `level=WARN msg="readiness check failed" check=database error="disk I/O error"`) ||
		!strings.Contains(got, `level=INFO msg="readiness check recovered" check=database`) {
		t.Errorf("got the log\n%swant one line for the failure and one for its end", got)
	}
}
