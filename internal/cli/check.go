package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"roster/internal/config"
	"roster/internal/store"
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
	if err := tryFolders(conf); err != nil {
		return err
	}
	for _, warning := range conf.Warnings() {
		fmt.Fprintf(env.Out, "\nWarning: %s\n", warning)
	}
	fmt.Fprintf(env.Out, "\nWhoever has not signed in is served by %s on %s.\n", conf.Permission(c.Bind), c.Bind)
	pending, err := pendingMigrations(ctx, conf)
	if err != nil {
		return err
	}
	if err := tryReplicas(ctx, conf); err != nil {
		return err
	}
	if len(pending) > 0 {
		fmt.Fprintf(env.Out, "\nPending migrations: %d; %s.\n", len(pending), whoMigrates(conf))
	}
	_, err = fmt.Fprintln(env.Out, "\nNo faults found.")
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

// tryReplicas connects to each read replica, as it would be read from.
func tryReplicas(ctx context.Context, conf config.Config) error {
	for _, address := range conf.Replicas() {
		if err := tryReplica(ctx, conf, address); err != nil {
			_, cause, named := strings.Cut(err.Error(), ": ")
			if !named {
				cause = err.Error()
			}
			return fmt.Errorf("DB_REPLICA_HOSTS: %s: %s", address, cause)
		}
	}
	return nil
}

func tryReplica(ctx context.Context, conf config.Config, address string) (err error) {
	o := mysqlOptions(conf, nil, 0)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	o.Host, o.Replicas = host, nil
	if o.Port, err = strconv.Atoi(port); err != nil {
		return err
	}
	db, err := store.OpenMySQL(ctx, o)
	if err != nil {
		return err
	}
	return db.Close()
}

func whoMigrates(conf config.Config) string {
	if conf.DBEngine == config.MySQL && !conf.AutoMigrate {
		return "serve does not start before roster migrate has applied them"
	}
	return "serve and migrate apply them"
}
