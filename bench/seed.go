package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// pageSize is Roster's default.
const pageSize = 10

const (
	insert = `INSERT INTO t_users (username, email, first_name, last_name, phone, address, is_active, created_at, updated_at) VALUES `
	values = `(?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

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

// seed fills the table in one transaction, many rows a statement.
func seed(ctx context.Context, db *sql.DB, users int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit this does nothing
	for first := 1; first <= users; first += 500 {
		var args []any
		last := min(first+499, users)
		for i := first; i <= last; i++ {
			args = append(args, row("user", i)...)
		}
		lines := strings.Repeat(values+",", last-first) + values
		if _, err := tx.ExecContext(ctx, insert+lines, args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
