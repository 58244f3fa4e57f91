package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"roster/internal/config"
	"roster/internal/httpkit"
	"roster/internal/logging"
	"roster/internal/tracing"
)

// belonging returns the ids of the request and the trace that a log record
// belongs to.
func belonging(ctx context.Context) (slog.Attr, bool) {
	id, trace := httpkit.RequestID(ctx), tracing.ID(ctx)
	switch {
	case trace == "":
		return slog.String("request", id), id != ""
	case id == "":
		return slog.String("trace_id", trace), true
	default: // a group without a name is inlined
		return slog.Attr{Value: slog.GroupValue(slog.String("request", id), slog.String("trace_id", trace))}, true
	}
}

// newLogs opens the log files of the settings. The log goes to console too.
func newLogs(conf config.Config, console io.Writer) (*logging.Logs, error) {
	logs, err := logging.New(logging.Options{
		Dir:     conf.LogDir,
		Level:   conf.LogLevel.Level(),
		Format:  conf.LogFormat,
		Levels:  conf.LogLevels,
		Console: console,
		MaxSize: conf.LogMaxSize, MaxBackups: conf.LogBackups,
		Context: belonging,
	})
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n") // the files fail for one reason
		return nil, fmt.Errorf("LOG_DIR: %s", first)
	}
	return logs, nil
}
