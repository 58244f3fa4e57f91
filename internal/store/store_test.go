package store_test

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"go.uber.org/goleak"

	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore_SQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, 1, func(t *testing.T) user.Store {
		t.Helper()
		return openSQLite(t)
	})
}

func TestStore_MySQL(t *testing.T) {
	t.Parallel()
	server(t)
	storetest.Run(t, 6, func(t *testing.T) user.Store {
		t.Helper()
		o := newDatabase(t)
		o.PoolSize, o.MaxOverflow = 4, 2
		return migrated(t, openMySQL(t, o))
	})
}

func openSQLite(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "db.sqlite3"), Readers: 2})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	closeAfter(t, s)
	return migrated(t, s)
}

func openMySQL(t *testing.T, o store.MySQLOptions) *store.Store {
	t.Helper()
	s, err := store.OpenMySQL(t.Context(), o)
	if err != nil {
		t.Fatalf("OpenMySQL: %v", err)
	}
	closeAfter(t, s)
	return s
}

func closeAfter(t *testing.T, s *store.Store) {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

func migrated(t *testing.T, s *store.Store) *store.Store {
	t.Helper()
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatalf("Migrate: %v", err)
	}
	return s
}

// serverAddress finds or starts a MySQL server for the tests, once.
var serverAddress = sync.OnceValues(func() (*mysql.Config, error) {
	dsn := os.Getenv("TEST_MYSQL_DSN")
	if dsn == "" {
		out, err := exec.Command("../../scripts/mysql.sh", "start").Output() //nolint:noctx // it outlives every test
		if err != nil {
			return nil, fmt.Errorf("scripts/mysql.sh start: %w; set TEST_MYSQL_DSN to a server, or to none", err)
		}
		dsn = strings.TrimSpace(string(out))
	}
	return mysql.ParseDSN(dsn)
})

// server returns how the tests reach MySQL. Only TEST_MYSQL_DSN=none skips
// them: a server that is missing by accident is a failure.
func server(t *testing.T) *mysql.Config {
	t.Helper()
	if os.Getenv("TEST_MYSQL_DSN") == "none" {
		t.Skip("TEST_MYSQL_DSN is none")
	}
	config, err := serverAddress()
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// newDatabase makes an empty database, dropped when the test ends.
func newDatabase(t *testing.T) store.MySQLOptions {
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
	name := "roster_test_" + strings.ToLower(rand.Text()[:12])
	admin(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { admin(t, "DROP DATABASE "+name) })
	return store.MySQLOptions{User: config.User, Password: config.Passwd, Host: host, Port: number, Database: name, Wait: 10 * time.Second}
}

// connect returns connections that are not the store's, to the database named.
func connect(t *testing.T, database string) *sql.DB {
	t.Helper()
	config := server(t).Clone()
	config.DBName, config.MultiStatements = database, true
	connector, err := mysql.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// admin runs a statement on a connection of its own, also when the test is over.
func admin(t *testing.T, statement string) {
	t.Helper()
	config := server(t).Clone()
	config.DBName = ""
	connector, err := mysql.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	_, err = db.Exec(statement) //nolint:noctx // the test's context is over when it cleans up
	if err != nil {
		t.Errorf("%s: %v", statement, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// run runs statements on the database named.
func run(t *testing.T, db *sql.DB, statements string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// rows returns what a query finds, the columns of a row joined by |.
func rows(t *testing.T, db *sql.DB, query string) (lines []string) {
	t.Helper()
	found, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() {
		if err := found.Close(); err != nil {
			t.Error(err)
		}
	}()
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
		texts := make([]string, len(values))
		for i, value := range values {
			texts[i] = value.String
			if !value.Valid {
				texts[i] = "NULL"
			}
		}
		lines = append(lines, strings.Join(texts, "|"))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// someone returns a user of that name.
func someone(name string) user.User {
	at := time.Date(2026, 11, 23, 12, 0, 0, 1000, time.UTC)
	return user.User{Username: name, Email: name + "@example.com", IsActive: true, CreatedAt: at, UpdatedAt: at}
}

// insert stores a user and returns the id.
func insert(t *testing.T, s *store.Store, u user.User) (id int64, err error) {
	t.Helper()
	err = s.InTx(t.Context(), func(tx user.Tx) error {
		id, err = tx.InsertUser(u)
		return err
	})
	return id, err
}
