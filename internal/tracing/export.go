package tracing

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// logEvery is the minimum interval between log lines about lost spans.
const logEvery = time.Minute

// tracesURL returns the URL that traces of an endpoint are sent to.
func tracesURL(endpoint string) string {
	if endpoint = strings.TrimSuffix(endpoint, "/"); strings.HasSuffix(endpoint, "/v1/traces") {
		return endpoint
	}
	return endpoint + "/v1/traces"
}

// loggedExporter logs export errors instead of passing them to OpenTelemetry's
// global handler, which prints them.
type loggedExporter struct {
	sdk.SpanExporter

	log    *slog.Logger
	mu     sync.Mutex
	logged time.Time
	lost   int // spans lost since then
}

// ExportSpans implements the exporter of the SDK. It returns no error.
func (e *loggedExporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.report(ctx, len(spans), err)
	}
	return nil
}

func (e *loggedExporter) report(ctx context.Context, n int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lost += n
	if time.Since(e.logged) < logEvery {
		return
	}
	e.log.WarnContext(ctx, "traces cannot be sent", "lost", e.lost, "cause", err)
	e.logged, e.lost = time.Now(), 0
}
