package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"roster/internal/backup"
	"roster/internal/config"
	"roster/internal/server"
	"roster/internal/store"
)

type restoreCommand struct {
	File      string `arg:"" help:"File written by roster backup, or - for standard input."`
	KeyFile   string `help:"File whose first line is the encryption key, instead of BACKUP_KEY." placeholder:"FILE"`
	Overwrite bool   `help:"Replace a database that contains users, and delete its data."`
}

// Run restores the database from the backup, and migrates it. It verifies the
// whole file before it changes anything.
func (c *restoreCommand) Run(ctx context.Context, env *environment) error {
	conf, err := backupSettings(env, c.KeyFile)
	if err != nil {
		return err
	}
	from, err := openArchive(env, c.File, conf)
	if err != nil {
		return err
	}
	defer from.close()
	// From here on, a signal ends the process while it waits for standard
	// input.
	ctx, release := untilSignal(ctx, server.DrainLimit, env.Err)
	defer release()
	h, _, err := backup.Check(from.file, from.name, conf.BackupKey)
	if err != nil {
		return err
	}
	if err := refuseHeader(from.name, h, conf.DBEngine); err != nil {
		return err
	}
	s, err := c.load(ctx, env, conf, from)
	if err != nil {
		return err
	}
	migrated, err := migrateRestored(ctx, conf)
	if err != nil {
		return fmt.Errorf("the backup was restored, but not migrated; run roster migrate: %w", err)
	}
	for _, name := range migrated {
		fmt.Fprintln(env.Out, "applied "+name)
	}
	return describeBackup(env.Out, "restored: ", h, s)
}

// refuseHeader rejects a backup that cannot be restored to this database.
func refuseHeader(path string, h backup.Header, engine string) error {
	newest, err := store.NewestSchema()
	switch {
	case err != nil:
		return err
	case h.Engine != engine:
		return fmt.Errorf("%s is a backup of %s, and DB_ENGINE is %s: a backup is restored to the engine it was made on", path, printable(h.Engine), engine)
	case h.Schema > newest:
		return fmt.Errorf("%s: %w (its schema is %d; this one knows %d)", path, backup.ErrNewer, h.Schema, newest)
	}
	return nil
}

// load loads the backup into the database.
func (c *restoreCommand) load(ctx context.Context, env *environment, conf config.Config, from *archive) (s backup.Summary, err error) {
	r, err := from.open(conf.BackupKey)
	if err != nil {
		return s, err
	}
	defer r.Close()
	ticker := newTicker(env, "read")
	defer ticker.end()
	content := io.TeeReader(r, ticker)
	if conf.DBEngine == config.MySQL {
		options := server.MySQLOptions(conf)
		options.Wait = conf.Wait()
		err = store.RestoreMySQL(ctx, options, c.Overwrite, content)
	} else {
		err = store.RestoreSQLite(ctx, conf.DBName, c.Overwrite, content)
	}
	return r.Summary(), err
}

// migrateRestored migrates an older backup to this version's schema, and
// returns the names of the applied migrations.
func migrateRestored(ctx context.Context, conf config.Config) (names []string, err error) {
	db, err := server.OpenDatabase(ctx, conf)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if names, err = db.Pending(ctx); err != nil || len(names) == 0 {
		return nil, err
	}
	_, err = db.Migrate(ctx)
	return names, err
}
