package tracing

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// tellEvery is how often the log hears that spans are lost.
const tellEvery = time.Minute

// tracesURL returns where the traces of an endpoint go.
func tracesURL(endpoint string) string {
	if endpoint = strings.TrimSuffix(endpoint, "/"); strings.HasSuffix(endpoint, "/v1/traces") {
		return endpoint
	}
	return endpoint + "/v1/traces"
}

// loggedExporter logs what cannot be sent, rather than to hand it to the global
// handler of OpenTelemetry, which prints.
type loggedExporter struct {
	sdk.SpanExporter

	log  *slog.Logger
	mu   sync.Mutex
	told time.Time
	lost int // since then
}

// ExportSpans implements the exporter of the SDK. It returns no error.
func (e *loggedExporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.tell(ctx, len(spans), err)
	}
	return nil
}

func (e *loggedExporter) tell(ctx context.Context, n int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lost += n
	if time.Since(e.told) < tellEvery {
		return
	}
	e.log.WarnContext(ctx, "traces cannot be sent", "lost", e.lost, "cause", err)
	e.told, e.lost = time.Now(), 0
}
