package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"roster/internal/store"
)

// pool is how many connections the floor may have, as Roster by default.
const pool = 20

// mysqlEngine is a database of its own on a server.
type mysqlEngine struct {
	config *mysql.Config
	db     *sql.DB
}

// newMySQL makes an empty database on the server of the DSN.
func newMySQL(ctx context.Context, dsn string) (*mysqlEngine, error) {
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	name := "roster_bench_" + strings.ToLower(rand.Text()[:12])
	if err := execute(ctx, config, "CREATE DATABASE "+name); err != nil {
		return nil, err
	}
	config.DBName, config.ParseTime = name, true
	config.Params = map[string]string{"time_zone": "'+00:00'"}
	if err := config.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		return nil, err
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	m := &mysqlEngine{config, sql.OpenDB(connector)}
	m.db.SetMaxOpenConns(pool)
	m.db.SetMaxIdleConns(pool)
	return m, nil
}

// execute runs one statement on the server.
func execute(ctx context.Context, config *mysql.Config, statement string) error {
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, statement)
	return err
}

func (m *mysqlEngine) name() string { return "MySQL" }

func (m *mysqlEngine) settings() []string {
	host, port, _ := net.SplitHostPort(m.config.Addr) // ParseDSN has made it whole
	return []string{
		"DB_ENGINE=mysql", "DB_NAME=" + m.config.DBName, "DB_USER=" + m.config.User, "DB_PASSWORD=" + m.config.Passwd,
		"DB_HOST=" + host, "DB_PORT=" + port, "SECRET_KEY=" + rand.Text() + rand.Text(),
	}
}

// commitFloor has as many clients insert, update and delete a row, each a commit.
func (m *mysqlEngine) commitFloor(ctx context.Context, clients int, o options) (side, error) {
	return commits(ctx, m.db, clients, o.duration)
}

func (m *mysqlEngine) store(ctx context.Context) (*store.Store, error) {
	host, port, err := net.SplitHostPort(m.config.Addr)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	return store.OpenMySQL(ctx, store.MySQLOptions{
		User: m.config.User, Password: m.config.Passwd, Host: host, Port: number, Database: m.config.DBName,
	})
}

// close drops the database, also when the program was interrupted.
func (m *mysqlEngine) close() error {
	defer func() { _ = m.db.Close() }()
	return execute(context.Background(), m.config, "DROP DATABASE "+m.config.DBName)
}

func (m *mysqlEngine) seed(ctx context.Context, users int) error {
	if err := seed(ctx, m.db, users); err != nil {
		return err
	}
	return execute(ctx, m.config, "ANALYZE TABLE t_users")
}

const (
	columns    = "SELECT id, username, email, first_name, last_name, phone, address, is_active, created_at, updated_at FROM t_users"
	newest     = " ORDER BY created_at DESC, id DESC"
	selectUser = columns + " WHERE id = ?"
	selectPage = columns + " JOIN (SELECT id FROM t_users" + newest + " LIMIT ?, ?) AS page USING (id)" + newest
)

// readFloor runs the statements that the answer needs, prepared, with as many
// clients, and reads their rows: for a page these are two.
func (m *mysqlEngine) readFloor(ctx context.Context, _ *server, r read, o options) (side, error) {
	work, err := m.reading(ctx, r)
	if err != nil {
		return nil, err
	}
	return func() (float64, error) {
		return repeat(o.clients, o.duration, func(int, int) error { return work(r.draw()) })
	}, nil
}

func (m *mysqlEngine) reading(ctx context.Context, r read) (func(n int) error, error) {
	switch r.what {
	case oneUser:
		one, err := m.db.PrepareContext(ctx, selectUser)
		return func(id int) error { return readRows(ctx, one, 1, id) }, err
	case onePage:
		page, err := m.db.PrepareContext(ctx, selectPage)
		if err != nil {
			return nil, err
		}
		count, err := m.db.PrepareContext(ctx, "SELECT COUNT(*) FROM t_users")
		return func(n int) error {
			if err := readCount(ctx, count); err != nil {
				return err
			}
			return readRows(ctx, page, pageSize, (n-1)*pageSize, pageSize)
		}, err
	default:
		count, err := m.db.PrepareContext(ctx, "SELECT COUNT(*) FROM t_users WHERE is_active = 1")
		return func(int) error { return readCount(ctx, count) }, err
	}
}

func readCount(ctx context.Context, stmt *sql.Stmt) (err error) {
	var n int64
	if err = stmt.QueryRowContext(ctx).Scan(&n); err == nil && n == 0 {
		err = fmt.Errorf("no users are counted")
	}
	return err
}

// readRows reads the rows of a statement, of which there must be so many.
func readRows(ctx context.Context, stmt *sql.Stmt, want int, args ...any) error {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id                                  int64
			username, email                     string
			firstName, lastName, phone, address sql.NullString
			active                              bool
			created, updated                    time.Time
		)
		if err := rows.Scan(&id, &username, &email, &firstName, &lastName, &phone, &address, &active, &created, &updated); err != nil {
			return err
		}
		want--
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if want != 0 {
		return fmt.Errorf("%d rows are missing", want)
	}
	return nil
}

// createFloor has as many clients insert one row a commit.
func (m *mysqlEngine) createFloor(ctx context.Context, clients int, o options) (side, error) {
	return inserting(ctx, m.db, clients, o.duration)
}
