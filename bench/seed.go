package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver of the release binary
)

const insert = `INSERT INTO t_users (username, email, first_name, last_name, phone, address, is_active, created_at, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

// row returns the values of user number i. One in five is not active.
func row(prefix string, i int) []any {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 137 * time.Microsecond).Format("2006-01-02 15:04:05.000000")
	name := fmt.Sprintf("%s%07d", prefix, i)
	active := 1
	if i%5 == 0 {
		active = 0
	}
	return []any{name, name + "@example.com", "First", "Last", fmt.Sprintf("+1555%07d", i), "1 High Street, Springfield", active, at, at}
}

// seed fills the table in one transaction.
func seed(ctx context.Context, path string, users int) error {
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit this does nothing
	stmt, err := tx.PrepareContext(ctx, insert)
	if err != nil {
		return err
	}
	for i := 1; i <= users; i++ {
		if _, err := stmt.ExecContext(ctx, row("user", i)...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// commitLoop inserts one row a commit, durably, for the given time, and
// returns the rows a second: the floor of creating.
func commitLoop(ctx context.Context, path string, duration time.Duration) (float64, error) {
	db, err := sql.Open("sqlite3", path+"?_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	stmt, err := db.PrepareContext(ctx, insert)
	if err != nil {
		return 0, err
	}
	start, n := time.Now(), 0
	prefix := fmt.Sprintf("floor%d-", start.UnixNano())
	for time.Since(start) < duration {
		n++
		if _, err := stmt.ExecContext(ctx, row(prefix, n)...); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(start).Seconds(), nil
}
