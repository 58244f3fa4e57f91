// Package tracing tells a collector of OpenTelemetry how long requests, the
// operations of the database within them, and runs of tasks take.
//
// Spans bear names that the program gave: patterns of routes, operations, kinds
// of tasks; never a path, a query or what is stored. All methods may be called on
// a nil *Tracer and a nil *Span, and then do nothing.
package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// exportLimit is how long a batch of spans may take to be handed over.
const exportLimit = 10 * time.Second

// Options say where traces go.
type Options struct {
	// Endpoint is the URL of the collector; "/v1/traces" is appended, as
	// OpenTelemetry says of OTEL_EXPORTER_OTLP_ENDPOINT.
	Endpoint string
	Headers  map[string]string // sent with every batch
	Percent  int               // of requests without a trace of their own that are traced, 0 to 100
	Version  string            // of the program
	Log      *slog.Logger      // gets why spans are lost, once a minute at most
}

// Tracer makes spans and sends them in batches. What cannot be sent is dropped:
// nothing waits for the collector. It is safe for concurrent use.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// New returns a tracer, which connects to nothing yet. The error names what the
// endpoint has wrong. Close ends it.
func New(ctx context.Context, o Options) (*Tracer, error) {
	exporter, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(tracesURL(o.Endpoint)),
		otlptracehttp.WithHeaders(o.Headers),
		otlptracehttp.WithTimeout(exportLimit),
	)
	if err != nil {
		return nil, fmt.Errorf("traces cannot be sent to %s: %w", o.Endpoint, err)
	}
	about := resource.NewSchemaless(attribute.String("service.name", "roster"), attribute.String("service.version", o.Version))
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(&loggedExporter{SpanExporter: exporter, log: o.Log}, sdk.WithExportTimeout(exportLimit)),
		sdk.WithResource(about),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(float64(o.Percent)/100))),
	)
	on.Store(true)
	return &Tracer{provider: provider, tracer: provider.Tracer("roster")}, nil
}

// Close sends what is left, until ctx is done. It may be called again.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// Span is a piece of work that is under way.
type Span struct{ span trace.Span }

// Request begins the span of a request, as part of the trace that its header
// Traceparent names (W3C Trace Context), and returns the context for what it does.
func (t *Tracer) Request(r *http.Request) (context.Context, *Span) {
	ctx := r.Context()
	if t == nil {
		return ctx, nil
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	ctx, span := t.tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
	return ctx, &Span{span}
}

// Answered ends the span of a request. route is the pattern that matched its
// path, "" when none did.
func (s *Span) Answered(method, route string, status int) {
	if s == nil {
		return
	}
	if s.span.IsRecording() {
		if route != "" {
			s.span.SetName(method + " " + route)
			s.span.SetAttributes(attribute.String("http.route", route))
		}
		s.span.SetAttributes(attribute.String("http.request.method", method), attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			s.span.SetStatus(codes.Error, "")
		}
	}
	s.span.End()
}

// Operation tells of an operation of the database that has just ended, as part
// of the span that ctx belongs to; without one it tells nothing.
func (t *Tracer) Operation(ctx context.Context, name string, took time.Duration, failed bool) {
	if t == nil || !trace.SpanFromContext(ctx).IsRecording() {
		return
	}
	end := time.Now()
	_, span := t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(end.Add(-took)),
		trace.WithAttributes(attribute.String("db.operation.name", name)))
	if failed {
		span.SetStatus(codes.Error, "")
	}
	span.End(trace.WithTimestamp(end))
}

// Run begins the span of a task's run, below the span that parent is of, as
// Parent has returned it. Without one, or with a text that is none, the run is a
// trace of its own.
func (t *Tracer) Run(ctx context.Context, kind string, id int64, parent string) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	ctx = propagation.TraceContext{}.Extract(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), propagation.MapCarrier{traceparent: parent})
	ctx, span := t.tracer.Start(ctx, "task "+kind, trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attribute.String("task.kind", kind), attribute.Int64("task.id", id)))
	return ctx, &Span{span}
}

// Ended ends the span of a run, which led to a state.
func (s *Span) Ended(state string, failed bool) {
	if s == nil {
		return
	}
	s.span.SetAttributes(attribute.String("task.state", state))
	if failed {
		s.span.SetStatus(codes.Error, "")
	}
	s.span.End()
}

// on is set once a process has a tracer, lest those that have none look for
// traces in every context.
var on atomic.Bool

// traceparent is the header that hands a trace on (W3C Trace Context).
const traceparent = "traceparent"

// Parent returns the span that ctx belongs to as the header Traceparent has it, 55
// characters, for what comes of it later or elsewhere; "" when it belongs to none
// that is sent.
func Parent(ctx context.Context) string {
	if ID(ctx) == "" {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[traceparent]
}

// ID returns the id of the trace that ctx belongs to, "" when it belongs to none
// that is sent.
func ID(ctx context.Context) string {
	if !on.Load() {
		return ""
	}
	of := trace.SpanContextFromContext(ctx)
	if !of.IsSampled() {
		return ""
	}
	return of.TraceID().String()
}
