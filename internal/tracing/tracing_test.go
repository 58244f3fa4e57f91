package tracing_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"roster/internal/tracing"
)

const (
	theirTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	traceparent = "00-" + theirTrace + "-00f067aa0ba902b7-01"
)

// collector takes traces as OTLP over HTTP.
type collector struct {
	*httptest.Server

	mu      sync.Mutex
	status  int
	headers http.Header
	spans   map[string]*spans.Span // by name
	about   string
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{status: http.StatusOK, spans: map[string]*spans.Span{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var sent v1.ExportTraceServiceRequest
		body, err := io.ReadAll(r.Body)
		if err := proto.Unmarshal(body, &sent); err != nil {
			t.Errorf("what was sent cannot be read: %v", err)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("got %s, %v", r.URL.Path, err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.headers = r.Header
		for _, of := range sent.GetResourceSpans() {
			c.about = of.GetResource().String()
			for _, scope := range of.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					c.spans[span.GetName()] = span
				}
			}
		}
		w.WriteHeader(c.status)
	}))
	t.Cleanup(c.Close)
	return c
}

func newTracer(t *testing.T, endpoint string, percent int, log io.Writer) *tracing.Tracer {
	t.Helper()
	tracer, err := tracing.New(t.Context(), tracing.Options{
		Endpoint: endpoint, Headers: map[string]string{"Authorization": "Bearer x"}, Percent: percent, Version: "v1", Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return tracer
}

func flush(t *testing.T, tracer *tracing.Tracer) {
	t.Helper()
	if err := tracer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func request(header string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/api/users/7/?search=secret", http.NoBody)
	if header != "" {
		r.Header.Set("Traceparent", header)
	}
	return r
}

func TestTracer_Request(t *testing.T) {
	t.Parallel()
	to := newCollector(t)
	tracer := newTracer(t, to.URL+"/", 0, io.Discard) // the caller has decided
	ctx, span := tracer.Request(request(traceparent))
	if got := tracing.ID(ctx); got != theirTrace {
		t.Errorf("got trace %s, want that of the header", got)
	}
	tracer.Operation(ctx, "find a user", 3*time.Millisecond, true)
	span.Answered("GET", "/api/users/{id}/", http.StatusServiceUnavailable)
	flush(t, tracer)
	flush(t, tracer)
	server, operation := to.spans["GET /api/users/{id}/"], to.spans["find a user"]
	if server == nil || operation == nil {
		t.Fatalf("got %v, want the request and the operation", to.spans)
	}
	if !bytes.Equal(operation.GetTraceId(), server.GetTraceId()) || !bytes.Equal(operation.GetParentSpanId(), server.GetSpanId()) {
		t.Errorf("got the operation %v, want it within %v", operation, server)
	}
	if took := time.Duration(operation.GetEndTimeUnixNano() - operation.GetStartTimeUnixNano()); took != 3*time.Millisecond {
		t.Errorf("got %v, want 3ms", took)
	}
	for _, s := range []*spans.Span{server, operation} {
		if s.GetStatus().GetCode() != spans.Status_STATUS_CODE_ERROR || strings.Contains(s.String(), "secret") {
			t.Errorf("got %v, want an error, without the query", s)
		}
	}
	if to.headers.Get("Authorization") != "Bearer x" || !strings.Contains(to.about, "roster") {
		t.Errorf("got the headers %v of %s", to.headers, to.about)
	}
}

func TestTracer_Sampling(t *testing.T) {
	t.Parallel()
	to := newCollector(t)
	none, all := newTracer(t, to.URL, 0, io.Discard), newTracer(t, to.URL, 100, io.Discard)
	for _, c := range []struct {
		tracer *tracing.Tracer
		header string
		route  string
		traced bool
	}{
		{none, "", "/a/", false},
		{none, "00-" + theirTrace + "-00f067aa0ba902b7-00", "/b/", false},
		{all, "00-" + theirTrace + "-00f067aa0ba902b7-00", "/c/", false},
		{all, "", "/d/", true},
		{all, "nonsense", "/e/", true},
	} {
		ctx, span := c.tracer.Request(request(c.header))
		if got := tracing.ID(ctx) != ""; got != c.traced {
			t.Errorf("%s: got traced %t", c.route, got)
		}
		c.tracer.Operation(ctx, "of "+c.route, time.Millisecond, false)
		span.Answered("GET", c.route, 200)
	}
	all.Operation(t.Context(), "of nothing", time.Millisecond, false)
	flush(t, none)
	flush(t, all)
	if len(to.spans) != 4 || to.spans["GET /d/"] == nil || to.spans["of /e/"] == nil {
		t.Errorf("got %v, want the last two and their operations", to.spans)
	}
}

func TestTracer_Run(t *testing.T) {
	t.Parallel()
	to := newCollector(t)
	tracer := newTracer(t, to.URL+"/v1/traces", 100, io.Discard)
	ctx, span := tracer.Run(t.Context(), "noop", 7, "")
	tracer.Operation(ctx, "within", time.Millisecond, false)
	span.Ended("dead", true)
	flush(t, tracer)
	run, within := to.spans["task noop"], to.spans["within"]
	if run == nil || within == nil || !bytes.Equal(run.GetSpanId(), within.GetParentSpanId()) || !strings.Contains(run.String(), "dead") {
		t.Errorf("got %v, want the run and what was within", to.spans)
	}
}

// A run is part of the trace that its task was stored in, and sent as that is.
func TestTracer_RunOfRequest(t *testing.T) {
	t.Parallel()
	to := newCollector(t)
	tracer := newTracer(t, to.URL, 0, io.Discard) // but the caller has its request traced
	ctx, request := tracer.Request(request(traceparent))
	parent := tracing.Parent(ctx)
	request.Answered("POST", "/api/users/", http.StatusCreated)
	ran, run := tracer.Run(t.Context(), "noop", 7, parent)
	if got := tracing.ID(ran); got != theirTrace {
		t.Errorf("got trace %s, want that of the request", got)
	}
	run.Ended("done", false)
	for _, text := range []string{"", "nonsense"} {
		alone, run := tracer.Run(ctx, "alone", 8, text)
		if got := tracing.ID(alone); got != "" {
			t.Errorf("%q: got trace %s, want none", text, got)
		}
		run.Ended("done", false)
	}
	flush(t, tracer)
	from, run7 := to.spans["POST /api/users/"], to.spans["task noop"]
	if from == nil || run7 == nil || !bytes.Equal(run7.GetParentSpanId(), from.GetSpanId()) || to.spans["task alone"] != nil {
		t.Errorf("got %v, want the run below the request", to.spans)
	}
}

func TestParent(t *testing.T) {
	t.Parallel()
	tracer := newTracer(t, newCollector(t).URL, 0, io.Discard)
	for header, want := range map[string]string{
		"": "", "nonsense": "", "00-" + theirTrace + "-00f067aa0ba902b7-00": "", traceparent: "00-" + theirTrace + "-",
	} {
		ctx, span := tracer.Request(request(header))
		got := tracing.Parent(ctx)
		if !strings.HasPrefix(got, want) || got == traceparent || (want == "") != (got == "") {
			t.Errorf("%q: got %q, want %q and the span of the request", header, got, want)
		}
		if want != "" && len(got) != 55 {
			t.Errorf("got %d characters of %q, want 55", len(got), got)
		}
		span.Answered("GET", "/", 200)
	}
	flush(t, tracer)
}

// A collector that refuses, or is away, costs a line of the log and nothing else.
func TestTracer_CollectorFails(t *testing.T) {
	t.Parallel()
	refusing, away := newCollector(t), newCollector(t)
	refusing.status = http.StatusBadRequest
	away.Close()
	for _, c := range []*collector{refusing, away} {
		var log bytes.Buffer
		tracer := newTracer(t, c.URL, 100, &log)
		_, span := tracer.Request(request(""))
		span.Answered("GET", "/", 200)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_ = tracer.Close(ctx) // may have to give up
		cancel()
		if got := log.String(); !strings.Contains(got, "traces cannot be sent") || strings.Count(got, "\n") != 1 {
			t.Errorf("got the log %q, want one line", got)
		}
	}
}

func TestTracer_Off(t *testing.T) {
	t.Parallel()
	var off *tracing.Tracer
	ctx, span := off.Request(request(traceparent))
	off.Operation(ctx, "x", 0, false)
	span.Answered("GET", "/", 200)
	ctx, run := off.Run(ctx, "noop", 1, traceparent)
	run.Ended("done", false)
	if err := off.Close(ctx); err != nil || tracing.ID(ctx) != "" {
		t.Errorf("got %v and trace %s of a tracer that is off", err, tracing.ID(ctx))
	}
}

func BenchmarkOff(b *testing.B) {
	var off *tracing.Tracer
	r := request(traceparent)
	b.ReportAllocs()
	for b.Loop() {
		ctx, span := off.Request(r)
		off.Operation(ctx, "find a user", time.Millisecond, false)
		span.Answered("GET", "/", 200)
	}
}
