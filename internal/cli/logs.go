package cli

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"roster/internal/config"
	"roster/internal/httpkit"
	"roster/internal/logging"
)

// requestID is what a log record of a request carries beside its own.
func requestID(ctx context.Context) (slog.Attr, bool) {
	id := httpkit.RequestID(ctx)
	return slog.String("request", id), id != ""
}

// newLogs opens the log files that the settings name.
func newLogs(env *environment, conf config.Config) (*logging.Logs, error) {
	logs, err := logging.New(logging.Options{
		Dir:     conf.LogDir,
		Level:   conf.LogLevel.Level(),
		Format:  conf.LogFormat,
		Levels:  conf.LogLevels,
		Console: env.Err,
		Context: requestID,
	})
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n") // the files fail for one reason
		return nil, fmt.Errorf("LOG_DIR: %s", first)
	}
	return logs, nil
}
