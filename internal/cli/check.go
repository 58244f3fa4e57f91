package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"roster/internal/config"
	"roster/internal/finding"
	"roster/internal/redis"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/examine"
	"roster/internal/takeover"
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
	if err := tryFolders(conf); err != nil {
		return err
	}
	for _, warning := range conf.Warnings() {
		fmt.Fprintf(told, "\nWarning: %s\n", warning)
	}
	fmt.Fprintf(told, "\nWhoever has not signed in is served by %s on %s.\n", conf.Permission(c.Bind), c.Bind)
	pending, err := server.Pending(ctx, conf)
	if err != nil {
		return err
	}
	found, err := judgeReplicas(ctx, conf)
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
		report, err := c.judgeDeployment(ctx, env, conf, len(pending), found)
		if err != nil {
			return err
		}
		return writeDeployReport(env, report, c.JSON, c.Strict)
	}
	return writeVerdict(ctx, env.Out, conf, len(pending), found)
}

// writeVerdict writes what was found that is no fault, with how searches stand
// once nothing is pending.
func writeVerdict(ctx context.Context, out io.Writer, conf config.Config, pending int, found finding.List) error {
	if pending == 0 {
		database, err := readDatabase(ctx, conf)
		if err != nil {
			return err
		}
		found = append(found, takeover.JudgeSearches(database)...)
	}
	found.Sort()
	var b strings.Builder
	writeFindings(&b, found)
	b.WriteString("\nNo faults found.\n")
	_, err := io.WriteString(out, b.String())
	return err
}

// readDatabase reads what the database is made of. A file of SQLite that is not
// there is not made.
func readDatabase(ctx context.Context, conf config.Config) (database takeover.Database, err error) {
	read := func(ctx context.Context, source takeover.Source) (err error) {
		database, err = source.Database(ctx)
		return err
	}
	if conf.DBEngine == config.MySQL {
		err = examine.MySQL(ctx, server.MySQLOptions(conf), read)
	} else if _, missing := os.Stat(conf.DBName); !errors.Is(missing, fs.ErrNotExist) {
		err = examine.SQLite(ctx, conf.DBName, read)
	}
	return database, err
}

// judgeReplicas looks at the read replicas.
func judgeReplicas(ctx context.Context, conf config.Config) (finding.List, error) {
	if len(conf.Replicas()) == 0 {
		return nil, nil
	}
	found, err := examine.Replicas(ctx, server.MySQLOptions(conf), store.MaxLag)
	return takeover.JudgeReplicas(found), err
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
	_, err := server.MailTemplates(conf)
	return err
}

// tryFolders finds out whether the files of the log and of SQLite can be written.
func tryFolders(conf config.Config) error {
	if conf.LogDir != "" {
		if err := tryFolder(existing(conf.LogDir)); err != nil {
			return fmt.Errorf("LOG_DIR: %q cannot be written: %w", conf.LogDir, reasonOf(err))
		}
	}
	if conf.DBEngine != config.SQLite {
		return nil
	}
	if err := tryFolder(filepath.Dir(conf.DBName)); err != nil {
		return fmt.Errorf("DB_NAME: the folder of %q cannot be written, and SQLite keeps files beside its own: %w", conf.DBName, reasonOf(err))
	}
	return nil
}

// existing returns the folder itself, or the nearest one above it that is there.
func existing(folder string) string {
	for {
		_, err := os.Stat(folder)
		above := filepath.Dir(folder)
		if !errors.Is(err, fs.ErrNotExist) || above == folder {
			return folder
		}
		folder = above
	}
}

// tryFolder writes a file in the folder, and takes it away again.
func tryFolder(folder string) error {
	file, err := os.CreateTemp(folder, ".roster-check-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// reasonOf returns the cause of an error about a file, whose name says nothing to
// the reader.
func reasonOf(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}

func whoMigrates(conf config.Config) string {
	if conf.DBEngine == config.MySQL && !conf.AutoMigrate {
		return "serve does not start before roster migrate has applied them"
	}
	return "serve and migrate apply them"
}

// checkBroker tries the Redis that BROKER_URL names, and says what it found.
func checkBroker(ctx context.Context, conf config.Config, out io.Writer) error {
	o, ok := server.RedisOptions(conf)
	if !ok {
		return nil
	}
	found, err := redis.Probe(ctx, o)
	if err != nil {
		return fmt.Errorf("BROKER_URL: %w", err)
	}
	fmt.Fprintf(out, "\nThe broker is %s, which passed a message on in %s.\n", o, found.Took.Round(10*time.Microsecond))
	if found.Policy != "" && found.Policy != "noeviction" {
		fmt.Fprintf(out, "Warning: its maxmemory-policy is %s. Roster keeps nothing there that could be evicted, but other programs that queue work there lose some.\n", found.Policy)
	}
	if found.Policy != "" && !found.AOF {
		fmt.Fprintln(out, "Warning: its appendonly is off. Roster keeps nothing there that could be lost, but other programs that queue work there lose some when it ends.")
	}
	return nil
}
