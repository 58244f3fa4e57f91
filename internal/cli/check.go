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
	"roster/internal/phrase"
	"roster/internal/redis"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/store/examine"
	"roster/internal/takeover"
)

type checkCommand struct {
	Bind   string `default:"127.0.0.1:8000" help:"Address that serve would listen on (${default})." placeholder:"HOST:PORT"`
	All    bool   `help:"Show the settings that have their defaults, too."`
	Deploy bool   `help:"Also check whether settings, machine and database are fit for production."`
	JSON   bool   `name:"json" help:"With --deploy: write only the report, as JSON."`
	Strict bool   `help:"With --deploy: fail on warnings too."`
}

// Validate rejects flags that require --deploy.
func (c *checkCommand) Validate() error {
	if (c.JSON || c.Strict) && !c.Deploy {
		return errors.New("--json and --strict require --deploy")
	}
	return nil
}

// Run shows the settings and their sources, with secrets hidden, and reports
// problems with the settings and the database. It does not change the database.
func (c *checkCommand) Run(ctx context.Context, env *environment) error {
	conf, err := env.settings()
	if err != nil {
		return err
	}
	text := env.Out
	if c.JSON {
		text = io.Discard
	}
	if err := writeSettings(text, conf, c.All); err != nil {
		return err
	}
	if err := judgeSettings(conf, c.Bind); err != nil {
		return err
	}
	if err := tryFolders(conf); err != nil {
		return err
	}
	for _, warning := range conf.Warnings() {
		fmt.Fprintf(text, "\nWarning: %s\n", warning)
	}
	fmt.Fprintf(text, "\nAnonymous API requests are subject to %s on %s.\n", conf.Permission(c.Bind), c.Bind)
	pending, err := server.Pending(ctx, conf)
	if err != nil {
		return err
	}
	found, err := judgeReplicas(ctx, conf)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		fmt.Fprintf(text, "\nPending migrations: %d; %s.\n", len(pending), whoMigrates(conf))
	}
	if err := errors.Join(checkBroker(ctx, conf, text), checkCache(ctx, conf, text)); err != nil {
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

// writeVerdict writes the findings that are not errors, including those about searches
// if no migration is pending.
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
	b.WriteString("\nNo problems found.\n")
	_, err := io.WriteString(out, b.String())
	return err
}

// readDatabase reads the structure of the database. It does not create a
// missing SQLite file.
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

// judgeReplicas checks the read replicas.
func judgeReplicas(ctx context.Context, conf config.Config) (finding.List, error) {
	if len(conf.Replicas()) == 0 {
		return nil, nil
	}
	found, err := examine.Replicas(ctx, server.MySQLOptions(conf), store.MaxLag)
	return takeover.JudgeReplicas(found), err
}

// writeSettings writes the settings that are set and their sources, then, if all is
// true, those that have their defaults. Secrets are hidden.
func writeSettings(out io.Writer, conf config.Config, all bool) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var standard []config.Setting
	for _, s := range conf.Dump() {
		if s.Source == config.SourceDefault {
			standard = append(standard, s)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, s.Value, s.Source)
	}
	if !all {
		fmt.Fprintf(table, "Default values: %s; roster check --all shows them.\n", phrase.Count(len(standard), "setting"))
		return table.Flush()
	}
	for _, s := range standard {
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, s.Value, s.Source)
	}
	return table.Flush()
}

// judgeSettings returns problems with the settings and the files they name.
func judgeSettings(conf config.Config, bind string) error {
	if err := conf.Validate(bind); err != nil {
		return err
	}
	_, err := server.MailTemplates(conf)
	if err == nil {
		_, err = server.Languages(conf)
	}
	return err
}

// tryFolders checks that the log files and the SQLite files can be written.
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

// existing returns the directory, or its nearest existing ancestor.
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

// tryFolder creates and removes a file in the directory.
func tryFolder(folder string) error {
	file, err := os.CreateTemp(folder, ".roster-check-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// reasonOf returns the cause of an error about a temporary file, whose name is
// irrelevant to the reader.
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

// checkCache tests the Redis of CACHE_URL, and reports the result.
func checkCache(ctx context.Context, conf config.Config, out io.Writer) error {
	o, ok := server.RedisOptions(conf.Cache())
	if !ok {
		return nil
	}
	if _, err := redis.Probe(ctx, o); err != nil {
		return fmt.Errorf("CACHE_URL: %w", err)
	}
	fmt.Fprintf(out, "\nRate limits are counted in %s.\n", o)
	return nil
}

// checkBroker tests the Redis of BROKER_URL, and reports the result.
func checkBroker(ctx context.Context, conf config.Config, out io.Writer) error {
	o, ok := server.RedisOptions(conf.Broker())
	if !ok {
		return nil
	}
	found, err := redis.Probe(ctx, o)
	if err != nil {
		return fmt.Errorf("BROKER_URL: %w", err)
	}
	fmt.Fprintf(out, "\nThe broker is %s, which delivered a message in %s.\n", o, found.Took.Round(10*time.Microsecond))
	if found.Policy != "" && found.Policy != "noeviction" {
		fmt.Fprintf(out, "Warning: its maxmemory-policy is %s. Roster stores nothing there that could be evicted, but other programs that queue work there may lose some.\n", found.Policy)
	}
	if found.Policy != "" && !found.AOF {
		fmt.Fprintln(out, "Warning: its appendonly is off. Roster stores nothing there that could be lost, but other programs that queue work there lose it when Redis restarts.")
	}
	return nil
}
