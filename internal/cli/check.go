package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"roster/internal/config"
)

type checkCommand struct {
	Bind   string `default:"127.0.0.1:8000" help:"Address that serve would listen on (${default})." placeholder:"HOST:PORT"`
	Deploy bool   `help:"Judge whether settings, machine and database are fit for production, too."`
	JSON   bool   `name:"json" help:"With --deploy: write nothing but the report, as JSON."`
	Strict bool   `help:"With --deploy: fail on warnings too."`
}

// Validate refuses flags that say nothing without --deploy.
func (c *checkCommand) Validate() error {
	if (c.JSON || c.Strict) && !c.Deploy {
		return errors.New("--json and --strict go with --deploy")
	}
	return nil
}

// Run shows every setting with where it comes from, secrets hidden, and says
// what is wrong with the settings and the database. It changes nothing in the
// database.
func (c *checkCommand) Run(ctx context.Context, env *environment) error {
	conf, err := env.settings()
	if err != nil {
		return err
	}
	told := env.Out
	if c.JSON {
		told = io.Discard
	}
	if err := writeSettings(told, conf); err != nil {
		return err
	}
	if err := judgeSettings(conf, c.Bind); err != nil {
		return err
	}
	fmt.Fprintf(told, "\nWhoever has not signed in is served by %s on %s.\n", conf.Permission(c.Bind), c.Bind)
	pending, err := pendingMigrations(ctx, conf)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		fmt.Fprintf(told, "\nPending migrations: %d; %s.\n", len(pending), whoMigrates(conf))
	}
	if err := checkBroker(ctx, conf, told); err != nil {
		return err
	}
	if c.Deploy {
		report, err := judgeDeployment(ctx, conf, c.Bind, len(pending))
		if err != nil {
			return err
		}
		return writeDeployReport(env.Out, report, c.JSON, c.Strict)
	}
	_, err = fmt.Fprintln(told, "\nNo faults found.")
	return err
}

// writeSettings writes every setting with where it comes from, secrets hidden.
func writeSettings(out io.Writer, conf config.Config) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range conf.Dump() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, s.Value, s.Source)
	}
	return table.Flush()
}

// judgeSettings returns what is wrong with the settings and the files they name.
func judgeSettings(conf config.Config, bind string) error {
	if err := conf.Validate(bind); err != nil {
		return err
	}
	if _, err := newMailTemplates(conf); err != nil {
		return err
	}
	_, err := newLoginRates(conf)
	return err
}

func whoMigrates(conf config.Config) string {
	if conf.DBEngine == config.MySQL && !conf.AutoMigrate {
		return "serve does not start before roster migrate has applied them"
	}
	return "serve and migrate apply them"
}
