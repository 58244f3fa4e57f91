package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"roster/internal/config"
)

type checkCommand struct {
	Bind string `default:"127.0.0.1:8000" help:"Address that serve would listen on (${default})." placeholder:"HOST:PORT"`
}

// Run shows every setting with where it comes from, secrets hidden, and says
// what is wrong with the settings and the database. It changes nothing in the
// database.
func (c *checkCommand) Run(ctx context.Context, env *environment) error {
	conf, err := env.settings()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(env.Out, 0, 0, 2, ' ', 0)
	for _, s := range conf.Dump() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, s.Value, s.Source)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if err := conf.Validate(c.Bind); err != nil {
		return err
	}
	if _, err := newMailTemplates(conf); err != nil {
		return err
	}
	if _, err := newLoginRates(conf); err != nil {
		return err
	}
	fmt.Fprintf(env.Out, "\nWhoever has not signed in is served by %s on %s.\n", conf.Permission(c.Bind), c.Bind)
	pending, err := pendingMigrations(ctx, conf)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		fmt.Fprintf(env.Out, "\nPending migrations: %d; %s.\n", len(pending), whoMigrates(conf))
	}
	if err := checkBroker(ctx, conf, env.Out); err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.Out, "\nNo faults found.")
	return err
}

func whoMigrates(conf config.Config) string {
	if conf.DBEngine == config.MySQL && !conf.AutoMigrate {
		return "serve does not start before roster migrate has applied them"
	}
	return "serve and migrate apply them"
}
