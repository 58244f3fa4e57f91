package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"roster/internal/store/sqldb"
)

// ExecOnWriter runs a statement on the writer's connection, within a transaction.
func ExecOnWriter(ctx context.Context, s *Engine, statement string) error {
	return s.Write(ctx, func(t sqldb.Tx) error {
		return t.Query(statement, func([]driver.Value) error { return nil })
	})
}

// SetPatience sets how long the writer tries to get the lock.
func SetPatience(s *Engine, d time.Duration) { s.writer.patience = d }

// WrapMigrations has the migrations run on connections that a test wraps.
func WrapMigrations(s *Engine, wrap func(driver.Connector) driver.Connector) {
	s.migrate = wrap(s.migrate)
}

// Query runs a statement on the file at path, with a connection of its own,
// and returns each row as text.
func Query(path, statement string) (rows []string, err error) {
	c, err := newConn(path, common)
	if err != nil {
		return nil, err
	}
	defer func() { err = sqldb.FirstError(err, c.close()) }()
	err = c.Query(statement, func(row []driver.Value) error {
		line := ""
		for i, v := range row {
			if i > 0 {
				line += "|"
			}
			line += sqldb.TextOf(v).String
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
		const insert = "INSERT INTO t_users (username, email, first_name, last_name, phone, address, is_active, created_at, updated_at)" +
			" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
		_, err := c.Exec(insert, fmt.Sprint("user", i), fmt.Sprint("user", i, "@example.com"),
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
	defer func() { err = sqldb.FirstError(err, c.close()) }()
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
func Settings(s *Engine, name string) (values []string) {
	for _, c := range s.conns {
		value, err := c.text("PRAGMA " + name)
		if err != nil {
			value = err.Error()
		}
		values = append(values, value)
	}
	return values
}

// TakeReaders takes all reading connections until giveBack is called.
func TakeReaders(s *Engine) (giveBack func()) {
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
	if _, err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		return nil, sqldb.FirstError(err, c.close())
	}
	return func() error {
		_, err := c.Exec("ROLLBACK")
		return sqldb.FirstError(err, c.close())
	}, nil
}

// SetLogLimit sets from how many pages on the write-ahead log is too long.
func SetLogLimit(s *Engine, pages int64) { s.writer.logLimit = pages }

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
		defer func() { err = sqldb.FirstError(err, conns[i].close()) }()
	}
	if err := beginReading(conns[0]); err != nil {
		return err
	}
	for i := 1; ; i++ {
		if err := beginReading(conns[i%2]); err != nil {
			return err
		}
		if _, err := sqldb.Integer(conns[i%2], takesLong); err != nil {
			return err
		}
		if _, err := conns[(i+1)%2].Exec("ROLLBACK"); err != nil {
			return err
		}
		select {
		case <-over:
			return nil
		default:
		}
	}
}

// Statements returns how many statements the connections of a file keep; none
// may be in use.
func Statements(s *Engine) (each []int) {
	for _, c := range s.conns {
		each = append(each, len(c.stmts))
	}
	return each
}
