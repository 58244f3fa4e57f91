package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
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

// Load runs a script of statements on the file at path.
func Load(path, script string) (err error) {
	c, err := newConn(path, nil)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, c.close()) }()
	execer, ok := c.raw.(driver.ExecerContext)
	if !ok {
		return fmt.Errorf("%T has no ExecContext", c.raw)
	}
	_, err = execer.ExecContext(context.Background(), script, nil)
	return err
}

// Configure opens the file at path with one setting.
func Configure(path, name, value string) error {
	c, err := newConn(path, []setting{{name, value}})
	if err != nil {
		return err
	}
	return c.close()
}

// Settings returns what a PRAGMA says on each connection, the writer's first.
func Settings(s *Store, name string) (values []string) {
	for _, c := range s.conns {
		value, err := c.text("PRAGMA " + name)
		if err != nil {
			value = err.Error()
		}
		values = append(values, value)
	}
	return values
}

// Plan returns how SQLite runs the named statement.
func Plan(s *Store, name string) (plan string, err error) {
	statement := map[string]string{
		"find":          selectUser,
		"page":          selectPage,
		"deep page":     selectDeepPage,
		"page from end": selectDeepPageFromEnd,
		"total":         selectTotal,
		"active":        selectActive,
		"taken":         takenUser,
	}[name]
	args := make([]driver.Value, strings.Count(statement, "?"))
	for i := range args {
		args[i] = int64(7)
	}
	err = s.read(context.Background(), "plan", func(c *conn) error {
		return c.query("EXPLAIN QUERY PLAN "+statement, func(row []driver.Value) error {
			plan += textOf(row[3]).String + "\n"
			return nil
		}, args...)
	})
	return plan, err
}

// Times parses and formats times.
var (
	ParseTime  = parseTime
	FormatTime = formatTime
)

// TakeReaders takes all reading connections until giveBack is called.
func TakeReaders(s *Store) (giveBack func()) {
	var taken []*conn
	for range cap(s.readers) {
		taken = append(taken, <-s.readers)
	}
	return func() {
		for _, c := range taken {
			s.readers <- c
		}
	}
}

// Lock holds the lock for writing, as another program may, until unlock is called.
func Lock(path string) (unlock func() error, err error) {
	c, err := newConn(path, common)
	if err != nil {
		return nil, err
	}
	if _, err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return nil, firstError(err, c.close())
	}
	return func() error {
		_, err := c.exec("ROLLBACK")
		return firstError(err, c.close())
	}, nil
}

// Exec runs a statement within a transaction.
func Exec(t user.Tx, statement string) error {
	_, err := t.(*tx).conn.exec(statement)
	return err
}

// SetLogLimit sets from how many pages on the write-ahead log is too long.
func SetLogLimit(s *Store, pages int64) { s.writer.logLimit = pages }

// takesLong is a statement that outlasts many commits.
const takesLong = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT COUNT(*) FROM n"

// ReadWithoutPause reads the file at path with two connections, of which one
// begins before the other ends, until over is closed.
func ReadWithoutPause(path string, over <-chan struct{}) (err error) {
	var conns [2]*conn
	for i := range conns {
		if conns[i], err = newConn(path, reading); err != nil {
			return err
		}
		defer func() { err = firstError(err, conns[i].close()) }()
	}
	if err := beginReading(conns[0]); err != nil {
		return err
	}
	for i := 1; ; i++ {
		if err := beginReading(conns[i%2]); err != nil {
			return err
		}
		if _, err := conns[i%2].integer(takesLong); err != nil {
			return err
		}
		if _, err := conns[(i+1)%2].exec("ROLLBACK"); err != nil {
			return err
		}
		select {
		case <-over:
			return nil
		default:
		}
	}
}
