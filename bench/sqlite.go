package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver of the release binary

	"roster/internal/store"
)

// sqliteEngine is a file.
type sqliteEngine struct{ path string }

func newSQLite(dir string) *sqliteEngine {
	return &sqliteEngine{filepath.Join(dir, "db.sqlite3")}
}

func (s *sqliteEngine) name() string       { return "SQLite" }
func (s *sqliteEngine) settings() []string { return []string{"DB_NAME=" + s.path} }
func (s *sqliteEngine) close() error       { return nil }

func (s *sqliteEngine) seed(ctx context.Context, users int) error {
	db, err := sql.Open("sqlite3", s.path)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return seed(ctx, db, users)
}

// readFloor is a bare net/http handler that sends the same bytes.
func (s *sqliteEngine) readFloor(ctx context.Context, server *server, r read, o options) (side, error) {
	body, err := fetch(ctx, server.address, r.path(r.draw()))
	if err != nil {
		return nil, err
	}
	floor, err := startFloor(ctx, body)
	if err != nil {
		return nil, err
	}
	return rosterReads(ctx, floor.address, r, o), nil
}

// createFloor is a loop that inserts one row a commit, durably.
func (s *sqliteEngine) createFloor(ctx context.Context, _ int, o options) (side, error) {
	db, err := s.oneByOne()
	if err != nil {
		return nil, err
	}
	return inserting(ctx, db, 1, o.duration)
}

// oneByOne opens the file for one durable commit after another.
func (s *sqliteEngine) oneByOne() (*sql.DB, error) {
	db, err := sql.Open("sqlite3", s.path+"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// commitFloor is a loop that inserts, updates and deletes a row, each a commit.
func (s *sqliteEngine) commitFloor(ctx context.Context, _ int, o options) (side, error) {
	db, err := s.oneByOne()
	if err != nil {
		return nil, err
	}
	return commits(ctx, db, 1, o.duration)
}

func (s *sqliteEngine) store(ctx context.Context) (*store.Store, error) {
	return store.Open(ctx, store.Options{Path: s.path})
}

// inserting returns the side on which clients insert rows, each in a
// transaction of its own.
func inserting(ctx context.Context, db *sql.DB, clients int, duration time.Duration) (side, error) {
	stmt, err := db.PrepareContext(ctx, insert+values)
	if err != nil {
		return nil, err
	}
	return func() (float64, error) {
		run := time.Now().UnixNano()
		return repeat(clients, duration, func(client, n int) error {
			_, err := stmt.ExecContext(ctx, row(fmt.Sprintf("floor%d-%d-", run, client), n)...)
			return err
		})
	}, nil
}
