// Package tracing reports the duration of requests, their database operations,
// and task runs to an OpenTelemetry collector.
//
// Span names come from the program: route patterns, operations, task kinds;
// never a path, a query or stored data. All methods do nothing on a nil *Tracer
// or *Span.
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

// exportLimit is the timeout for exporting a batch of spans.
const exportLimit = 10 * time.Second

// Options configure a Tracer.
type Options struct {
	// Endpoint is the collector's URL; "/v1/traces" is appended, as specified
	// for OTEL_EXPORTER_OTLP_ENDPOINT.
	Endpoint string
	Headers  map[string]string // sent with every batch
	Percent  int               // percentage of requests without an incoming trace to sample, 0 to 100
	Version  string            // of the program
	Log      *slog.Logger      // logs lost spans, at most once a minute
}

// Tracer creates spans and exports them in batches. Spans that cannot be
// exported are dropped: nothing waits for the collector. It is safe for
// concurrent use.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// New returns a tracer, without connecting yet. The error states what is wrong
// with the endpoint. Call Close when done.
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

// Close exports pending spans until ctx is done. It may be called repeatedly.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// Span is a unit of work in progress.
type Span struct{ span trace.Span }

// Request starts the span of a request, as part of the trace in its Traceparent
// header (W3C Trace Context), and returns the context for its work.
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
// path, "" if none did.
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

// Operation records a database operation that has just ended, as a child of the
// span of ctx. Without such a span it does nothing.
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

// Run starts the span of a task run, as a child of parent, which Parent
// returned. If parent is empty or invalid, the run starts its own trace.
func (t *Tracer) Run(ctx context.Context, kind string, id int64, parent string) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	ctx = propagation.TraceContext{}.Extract(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), propagation.MapCarrier{traceparent: parent})
	ctx, span := t.tracer.Start(ctx, "task "+kind, trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attribute.String("task.kind", kind), attribute.Int64("task.id", id)))
	return ctx, &Span{span}
}

// Ended ends the span of a run with the resulting state.
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

// on is set once a process has a tracer, so that other processes skip the
// lookup of traces in contexts.
var on atomic.Bool

// traceparent is the header that propagates a trace (W3C Trace Context).
const traceparent = "traceparent"

// Parent returns the span of ctx in the format of the Traceparent header, 55
// characters, for later or remote work; "" if ctx has no sampled span.
func Parent(ctx context.Context) string {
	if ID(ctx) == "" {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[traceparent]
}

// ID returns the trace id of ctx, "" if ctx has no sampled span.
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
