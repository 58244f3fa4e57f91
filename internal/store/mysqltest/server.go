// Package mysqltest provides tests with databases on a real MySQL server.
//
// TEST_MYSQL_DSN is the server, with a user who has all privileges; without it,
// scripts/mysql.sh starts one. Only TEST_MYSQL_DSN=none skips the tests: a
// missing server is a failure.
package mysqltest

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gomysql "github.com/go-sql-driver/mysql"

	"roster/internal/store/mysql"
)

const variable = "TEST_MYSQL_DSN"

// address finds or starts the server, once per test program.
var address = sync.OnceValues(func() (*gomysql.Config, error) {
	dsn := os.Getenv(variable)
	if dsn == "" {
		out, err := exec.Command(script(), "start").Output() //nolint:gosec // our own script
		if err != nil {
			return nil, fmt.Errorf("scripts/mysql.sh start: %w; set %s to a server, or to none", err, variable)
		}
		dsn = strings.TrimSpace(string(out))
	}
	return gomysql.ParseDSN(dsn)
})

// script is the path of scripts/mysql.sh.
func script() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "scripts", "mysql.sh")
}

// need skips the test if MySQL is turned off.
func need(t testing.TB) {
	t.Helper()
	if os.Getenv(variable) == "none" {
		t.Skip(variable + " is none")
	}
}

func server(t testing.TB) *gomysql.Config {
	t.Helper()
	need(t)
	config, err := address()
	if err != nil {
		t.Fatal(err)
	}
	return config.Clone()
}

// NewDatabase creates an empty database, which is dropped with the test, and
// returns its options.
func NewDatabase(t testing.TB) mysql.Options {
	t.Helper()
	name := "roster_test_" + strings.ToLower(rand.Text()[:12])
	Admin(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { Admin(t, "DROP DATABASE "+name) })
	return Options(t, name)
}

// Options returns the options of a database on the server, as root.
func Options(t testing.TB, database string) mysql.Options {
	t.Helper()
	config := server(t)
	host, port, err := net.SplitHostPort(config.Addr)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return mysql.Options{
		User: config.User, Password: config.Passwd, Host: host, Port: number, Database: database,
		Wait: 5 * time.Minute,
	}
}

// NewUser makes a user, dropped when the test ends, with the rights given,
// such as SELECT, on the database of o, and returns o for that user.
func NewUser(t testing.TB, o mysql.Options, rights string) mysql.Options {
	t.Helper()
	o.User, o.Password = "test_"+strings.ToLower(rand.Text()[:12]), rand.Text()
	Admin(t, "CREATE USER "+o.User+" IDENTIFIED BY '"+o.Password+"'")
	t.Cleanup(func() { Admin(t, "DROP USER "+o.User) })
	if rights != "" {
		Admin(t, "GRANT "+rights+" ON "+o.Database+".* TO "+o.User)
	}
	return o
}

// Admin runs statements as root on a separate connection, even after the test
// has ended.
func Admin(t testing.TB, statements string) {
	t.Helper()
	db := open(t, "")
	if _, err := db.Exec(statements); err != nil { //nolint:noctx // the test's context has ended during cleanup
		t.Errorf("%s: %v", statements, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// Connect returns connections to the database as root, which allow multiple
// statements.
func Connect(t testing.TB, database string) *sql.DB {
	t.Helper()
	db := open(t, database)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func open(t testing.TB, database string) *sql.DB {
	t.Helper()
	config := server(t)
	config.DBName, config.MultiStatements = database, true
	config.Params = map[string]string{"time_zone": "'+00:00'"}
	if err := config.Apply(gomysql.Charset("utf8mb4", "")); err != nil {
		t.Fatal(err)
	}
	connector, err := gomysql.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	return sql.OpenDB(connector)
}

// Exec runs statements.
func Exec(t testing.TB, db *sql.DB, statements string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatalf("%.200s: %v", statements, err)
	}
}

// Rows returns the result of a query, with the columns of each row joined by |.
func Rows(t testing.TB, db *sql.DB, query string) (lines []string) {
	t.Helper()
	found, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = found.Close() }() // Err reports what went wrong
	columns, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for found.Next() {
		values, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := found.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, join(values))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func join(values []sql.NullString) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = value.String
		if !value.Valid {
			texts[i] = "NULL"
		}
	}
	return strings.Join(texts, "|")
}
