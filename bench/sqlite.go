package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver of the release binary
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
	db, err := sql.Open("sqlite3", s.path+"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return inserting(ctx, db, 1, o.duration)
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
