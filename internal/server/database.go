package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"roster/internal/config"
	"roster/internal/store"
)

// OpenDatabase opens the configured database. It waits DB_WAIT for an
// unavailable MySQL server. It does not migrate.
func OpenDatabase(ctx context.Context, conf config.Config) (*store.Store, error) {
	return openDatabase(ctx, &Process{Config: conf}, conf.Wait())
}

func openDatabase(ctx context.Context, p *Process, wait time.Duration) (*store.Store, error) {
	if p.Config.DBEngine == config.MySQL {
		options := MySQLOptions(p.Config)
		options.Wait, options.Logger, options.Observers = wait, p.logger("store"), p.monitor.observers()
		return store.OpenMySQL(ctx, options)
	}
	return store.Open(ctx, store.Options{Path: p.Config.DBName, Logger: p.logger("store"), Observers: p.monitor.observers()})
}

// MySQLOptions returns the options of the configured MySQL database, without
// waiting for it.
func MySQLOptions(conf config.Config) store.MySQLOptions {
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
	}
}

// openUpToDate opens a database, and refuses one that lacks migrations. It
// creates no file.
func openUpToDate(ctx context.Context, p *Process) (*store.Store, error) {
	pending, err := Pending(ctx, p.Config)
	if err != nil {
		return nil, err
	}
	if _, missing := os.Stat(p.Config.DBName); p.Config.DBEngine == config.SQLite && errors.Is(missing, fs.ErrNotExist) {
		return nil, fmt.Errorf("DB_NAME: there is no file %s; roster migrate creates it", p.Config.DBName)
	}
	if len(pending) > 0 {
		return nil, fmt.Errorf("pending migrations: %d; run roster migrate", len(pending))
	}
	return openDatabase(ctx, p, p.Config.Wait())
}

// openMigrated opens a database and migrates it: always on SQLite, and on MySQL
// with AUTO_MIGRATE. Otherwise it refuses a database that lacks migrations.
func openMigrated(ctx context.Context, p *Process) (*store.Store, error) {
	db, err := openDatabase(ctx, p, p.Config.Wait())
	if err != nil {
		return nil, err
	}
	if p.Config.DBEngine != config.MySQL || p.Config.AutoMigrate {
		_, err = db.Migrate(ctx)
	} else {
		err = refusePending(ctx, db)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func refusePending(ctx context.Context, db *store.Store) error {
	pending, err := db.Pending(ctx)
	if err == nil && len(pending) > 0 {
		return fmt.Errorf("pending migrations: %d; run roster migrate, or set AUTO_MIGRATE=true", len(pending))
	}
	return err
}

// Pending returns the names of the pending migrations. It changes nothing, and
// does not wait for a server.
func Pending(ctx context.Context, conf config.Config) (names []string, err error) {
	if conf.DBEngine == config.SQLite {
		return store.Inspect(conf.DBName)
	}
	db, err := openDatabase(ctx, &Process{Config: conf}, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Pending(ctx)
}
