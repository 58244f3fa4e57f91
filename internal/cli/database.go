package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"roster/internal/config"
	"roster/internal/store"
)

// openDatabase opens the database that the settings name. One that does not
// answer yet is waited for as long as wait says, on MySQL.
func openDatabase(ctx context.Context, conf config.Config, log *slog.Logger, wait time.Duration, o store.Observers) (*store.Store, error) {
	if conf.DBEngine == config.MySQL {
		options := mysqlOptions(conf, log, wait)
		options.Observers = o
		return store.OpenMySQL(ctx, options)
	}
	return store.Open(ctx, store.Options{Path: conf.DBName, Logger: log, Observers: o})
}

func mysqlOptions(conf config.Config, log *slog.Logger, wait time.Duration) store.MySQLOptions {
	return store.MySQLOptions{
		User:        conf.DBUser,
		Password:    conf.DBPassword.Reveal(),
		Host:        conf.DBHost,
		Port:        conf.DBPort,
		Database:    conf.DBName,
		Replicas:    conf.Replicas(),
		TLS:         conf.DBTLS,
		PoolSize:    conf.DBPoolSize,
		MaxOverflow: conf.DBMaxOverflow,
		Recycle:     conf.PoolRecycle(),
		Wait:        wait,
		Logger:      log,
	}
}

// openUpToDate opens the database for a command, and refuses one that lacks
// migrations. It makes no file.
func openUpToDate(ctx context.Context, conf config.Config, log *slog.Logger, o store.Observers) (*store.Store, error) {
	pending, err := pendingMigrations(ctx, conf)
	if err != nil {
		return nil, err
	}
	if _, missing := os.Stat(conf.DBName); conf.DBEngine == config.SQLite && errors.Is(missing, fs.ErrNotExist) {
		return nil, fmt.Errorf("DB_NAME: there is no file %s; roster migrate makes it", conf.DBName)
	}
	if len(pending) > 0 {
		return nil, fmt.Errorf("pending migrations: %d; run roster migrate", len(pending))
	}
	return openDatabase(ctx, conf, log, conf.Wait(), o)
}

// withDatabase runs fn with the database that the settings name. It refuses one
// that lacks migrations, and makes no file.
func withDatabase(ctx context.Context, env *environment, fn func(config.Config, *store.Store) error) (err error) {
	conf, err := env.settings()
	if err != nil {
		return err
	}
	if err := conf.Validate(""); err != nil {
		return err
	}
	db, err := openUpToDate(ctx, conf, nil, store.Observers{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return fn(conf, db)
}

// bringUpToDate migrates where that is for serve to do: always on SQLite, on
// MySQL when AUTO_MIGRATE says so. Elsewhere it refuses a database that lacks
// migrations.
func bringUpToDate(ctx context.Context, db *store.Store, conf config.Config) error {
	if conf.DBEngine != config.MySQL || conf.AutoMigrate {
		_, err := db.Migrate(ctx)
		return err
	}
	pending, err := db.Pending(ctx)
	if err == nil && len(pending) > 0 {
		return fmt.Errorf("pending migrations: %d; run roster migrate, or set AUTO_MIGRATE=true", len(pending))
	}
	return err
}

// pendingMigrations names what the database lacks, and changes nothing.
func pendingMigrations(ctx context.Context, conf config.Config) (names []string, err error) {
	if conf.DBEngine == config.SQLite {
		return store.Inspect(conf.DBName)
	}
	db, err := openDatabase(ctx, conf, nil, 0, store.Observers{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Pending(ctx)
}
