package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"roster/internal/config"
	"roster/internal/httpkit"
	"roster/internal/logging"
	"roster/internal/store"
)

type migrateCommand struct {
	Plan  bool `help:"Only say what would be done."`
	Check bool `help:"Only say what would be done, and fail when that is anything."`
}

// Run brings the database to this version's schema. It is safe to run twice,
// or by two at once.
func (c *migrateCommand) Run(ctx context.Context, env *environment) (err error) {
	conf, err := env.settings()
	if err != nil {
		return err
	}
	if err := conf.Validate(""); err != nil {
		return err
	}
	if c.Plan || c.Check {
		return c.plan(env, conf)
	}
	db, err := store.Open(ctx, store.Options{Path: conf.DBName, Readers: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	pending, err := db.Pending(ctx)
	if err != nil {
		return err
	}
	return c.apply(ctx, env, db, pending)
}

func (c *migrateCommand) plan(env *environment, conf config.Config) error {
	pending, err := store.Inspect(conf.DBName)
	if err != nil {
		return err
	}
	tell(env, "pending ", pending)
	if c.Check && len(pending) > 0 {
		return fmt.Errorf("pending migrations: %d; run roster migrate", len(pending))
	}
	return nil
}

func (c *migrateCommand) apply(ctx context.Context, env *environment, db *store.Store, pending []string) error {
	if _, err := db.Migrate(ctx); err != nil {
		return err
	}
	tell(env, "applied ", pending)
	return nil
}

func tell(env *environment, verb string, names []string) {
	for _, name := range names {
		fmt.Fprintln(env.Out, verb+name)
	}
	if len(names) == 0 {
		fmt.Fprintln(env.Out, "nothing to do")
	}
}

// openStore opens the database and brings its schema up to date.
func openStore(ctx context.Context, conf config.Config, logs *logging.Logs) (*store.Store, error) {
	db, err := store.Open(ctx, store.Options{Path: conf.DBName, Logger: logs.For("store")})
	if err != nil {
		return nil, err
	}
	if _, err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

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
