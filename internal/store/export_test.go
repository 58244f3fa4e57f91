package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"roster/internal/user"
)

// ExecOnWriter runs a statement on the writer's connection, within a transaction.
func ExecOnWriter(ctx context.Context, s *Store, statement string) error {
	return s.InTx(ctx, func(t user.Tx) error {
		_, err := t.(*tx).conn.text(statement)
		return err
	})
}

// SetPatience sets how long the writer tries to get the lock.
func SetPatience(s *Store, d time.Duration) { s.writer.patience = d }

// MigrateOn is Migrate on connections that a test wraps.
func MigrateOn(ctx context.Context, s *Store, wrap func(driver.Connector) driver.Connector) (int, error) {
	return s.migrate(ctx, wrap(connector{s.path}))
}

// Query runs a statement on the file at path, with a connection of its own,
// and returns each row as text.
func Query(path, statement string) (rows []string, err error) {
	c, err := newConn(path, common)
	if err != nil {
		return nil, err
	}
	defer func() { err = firstError(err, c.close()) }()
	err = c.query(statement, func(row []driver.Value) error {
		line := ""
		for i, v := range row {
			if i > 0 {
				line += "|"
			}
			line += textOf(v).String
		}
		rows = append(rows, line)
		return nil
	})
	return rows, err
}

// BareInsert returns a function that inserts a user and commits, on a
// connection of its own with the writer's settings.
func BareInsert(path string) (insert func(i int) error, err error) {
	c, err := newConn(path, common)
	if err != nil {
		return nil, err
	}
	return func(i int) error {
		_, err := c.exec(insertUser, fmt.Sprint("user", i), fmt.Sprint("user", i, "@example.com"),
			"First", "Last", "+15550000", nil, int64(1), "2026-11-23 12:00:00.000001", "2026-11-23 12:00:00.000001")
		return err
	}, nil
}
