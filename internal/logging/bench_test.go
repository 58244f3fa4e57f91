package logging_test

import (
	"log/slog"
	"testing"
	"time"

	"roster/internal/logging"
)

// BenchmarkAccessLine is the caller's cost of one line for a request.
func BenchmarkAccessLine(b *testing.B) {
	for _, format := range []string{logging.FormatText, logging.FormatJSON} {
		b.Run(format, func(b *testing.B) { logLines(b, logging.Options{Dir: b.TempDir(), Format: format}) })
	}
}

// BenchmarkDisabled is the cost of a line below the component's level.
func BenchmarkDisabled(b *testing.B) {
	logLines(b, logging.Options{Levels: map[string]slog.Level{"api": slog.LevelWarn}})
}

func logLines(b *testing.B, o logging.Options) {
	b.Helper()
	logs, err := logging.New(o)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = logs.Close() }()
	log, ctx := logs.For("api"), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		log.LogAttrs(ctx, slog.LevelInfo, "request",
			slog.String("method", "GET"), slog.String("path", "/api/users/17/"), slog.Int("status", 200), slog.Int("bytes", 512),
			slog.Duration("took", 1234567*time.Nanosecond), slog.String("remote", "192.0.2.1"),
			slog.String("request", "01J8Z6Y7K2M3N4P5"), slog.Int64("user", 17))
	}
}
