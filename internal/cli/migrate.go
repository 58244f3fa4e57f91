package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/internal/config"
	"roster/internal/server"
)

// waitNotice is when migrate reports that it is waiting for the database.
const waitNotice = 2 * time.Second

type migrateCommand struct {
	Plan  bool `help:"Show pending migrations."`
	Check bool `help:"Show pending migrations, and fail if there are any."`
}

// Run migrates the database to this version's schema. It may be repeated and
// run concurrently.
func (c *migrateCommand) Run(ctx context.Context, env *environment) (err error) {
	conf, err := env.validSettings()
	if err != nil {
		return err
	}
	if c.Plan || c.Check {
		return c.plan(ctx, env, conf)
	}
	waiting := time.AfterFunc(waitNotice, func() { fmt.Fprintln(env.Err, "roster: waiting for the database") })
	db, err := server.OpenDatabase(ctx, conf)
	waiting.Stop()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	pending, err := db.Pending(ctx)
	if err != nil {
		return err
	}
	if _, err := db.Migrate(ctx); err != nil {
		return err
	}
	list(env, "applied ", pending)
	return nil
}

func (c *migrateCommand) plan(ctx context.Context, env *environment, conf config.Config) error {
	pending, err := server.Pending(ctx, conf)
	if err != nil {
		return err
	}
	list(env, "pending ", pending)
	if c.Check && len(pending) > 0 {
		return fmt.Errorf("pending migrations: %d; run roster migrate", len(pending))
	}
	return nil
}

func list(env *environment, verb string, names []string) {
	for _, name := range names {
		fmt.Fprintln(env.Out, verb+name)
	}
	if len(names) == 0 {
		fmt.Fprintln(env.Out, "nothing to do")
	}
}
