package mysql_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/mysql"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

func TestOpen_Refusals(t *testing.T) {
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	other := mysqltest.NewDatabase(t)
	with := func(o mysql.Options, change func(*mysql.Options)) mysql.Options {
		change(&o)
		return o
	}
	text := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(text, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	stranger := mysqltest.NewUser(t, o, "SELECT")
	stranger.Database = other.Database
	table := func(t *testing.T, statement string) mysql.Options {
		t.Helper()
		o := mysqltest.NewDatabase(t)
		mysqltest.Exec(t, mysqltest.Connect(t, o.Database), statement)
		return o
	}
	newer, newerOptions := openNew(t)
	mysqltest.Exec(t, mysqltest.Connect(t, newerOptions.Database), "INSERT INTO roster_migrations (version_id, is_applied) VALUES (1000, 1)")
	wantTotal(t, newer, 0)
	const columns = "id int, username text, email text, first_name text, last_name text, is_active bool, created_at datetime, updated_at datetime"
	for _, c := range []struct {
		o     mysql.Options
		wants []string
	}{
		{with(mysqltest.NewUser(t, o, "SELECT"), func(o *mysql.Options) { o.Password = "wrong" }), []string{"DB_USER, DB_PASSWORD: ", "refused test_"}},
		{with(o, func(o *mysql.Options) { o.User = "no_one_here" }), []string{"DB_USER, DB_PASSWORD: ", "no_one_here"}},
		{with(o, func(o *mysql.Options) { o.Database = "no_such_database" }), []string{"DB_NAME: ", "no database no_such_database"}},
		{stranger, []string{"DB_USER: ", "lacks privileges on the database " + other.Database}},
		{with(o, func(o *mysql.Options) { o.Port, o.Wait = closedPort(t), 0 }), []string{"DB_HOST, DB_PORT: ", "no MySQL server answers at 127.0.0.1:"}},
		{with(o, func(o *mysql.Options) { o.TLS = "on" }), []string{"DB_TLS: ", "cannot secure the connection"}},
		{with(o, func(o *mysql.Options) { o.TLS = text }), []string{"DB_TLS: ", text + " contains no PEM certificate"}},
		{with(o, func(o *mysql.Options) { o.TLS = "/no/such/file" }), []string{"DB_TLS: ", "/no/such/file"}},
		{table(t, "CREATE TABLE t_users ("+columns+")"), []string{"DB_NAME: ", "lacks phone, address"}},
		{table(t, "CREATE TABLE t_users ("+columns+", phone text, address text, hat text NOT NULL, coat varchar(9) NOT NULL DEFAULT '',"+
			" cane text, cape text NOT NULL DEFAULT (''), cap int AS (id + 1) NOT NULL, boots timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)"),
			[]string{"DB_NAME: ", "does not know and that have no default: hat; give each a default or allow NULL, or move it to another table"}},
		{newerOptions, []string{"DB_NAME: ", fmt.Sprintf("a newer version of Roster has migrated it (to 1000; this one knows %d)", len(storetest.Migrations(t, "mysql")))}},
	} {
		s, err := store.OpenMySQL(t.Context(), c.o)
		if err == nil {
			t.Errorf("got no error, want %q", c.wants)
			_ = s.Close()
			continue
		}
		if got := err.Error(); !strings.HasPrefix(got, c.wants[0]) || !strings.Contains(got, c.wants[1]) || strings.Contains(got, "\n") {
			t.Errorf("got %q, want one line with %q", got, c.wants)
		}
		if c.o.Password != "" && strings.Contains(err.Error(), c.o.Password) {
			t.Errorf("got %q, which shows the password", err)
		}
	}
}

// closedPort returns a port at which no one listens.
func closedPort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("got address %v", listener.Addr())
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return addr.Port
}

// onWarning calls a function when something is logged as a warning.
type onWarning struct {
	slog.Handler
	do func()
}

func (h onWarning) Handle(_ context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		h.do()
	}
	return nil
}

func (h onWarning) Enabled(context.Context, slog.Level) bool { return true }

// TestOpen_Waits starts the server after the first attempts have failed.
func TestOpen_Waits(t *testing.T) {
	t.Parallel()
	p, o := mysqltest.NewProxy(t, mysqltest.NewDatabase(t))
	p.Stop(t)
	o.Wait = time.Minute
	o.Logger = slog.New(onWarning{do: sync.OnceFunc(func() { p.Start(t) })})
	wantTotal(t, openMigrated(t, o), 0)
}

func TestOpen_WaitIsCancelled(t *testing.T) {
	t.Parallel()
	p, o := mysqltest.NewProxy(t, mysqltest.NewDatabase(t))
	p.Stop(t)
	o.Wait = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	o.Logger = slog.New(onWarning{do: cancel})
	if s, err := store.OpenMySQL(ctx, o); err == nil {
		t.Error("got no error")
		_ = s.Close()
	}
}

// TestOpen_Settings reads what the connections are set to.
func TestOpen_Settings(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		for variable, want := range map[string]string{
			"collation_connection":     "utf8mb4_0900_bin",
			"character_set_results":    "utf8mb4",
			"time_zone":                "+00:00",
			"transaction_isolation":    "READ-COMMITTED",
			"autocommit":               "1",
			"innodb_lock_wait_timeout": "5",
		} {
			if got := ask(t, tx, "SELECT @@"+variable); got != want {
				t.Errorf("%s: got %s, want %s", variable, got, want)
			}
		}
		if got := ask(t, tx, "SELECT @@sql_mode"); !strings.Contains(got, "STRICT_ALL_TABLES") || !strings.Contains(got, "NO_ZERO_DATE") {
			t.Errorf("got sql_mode %s", got)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestErrors_GoToTheLog checks what goes to the log.
func TestErrors_GoToTheLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	o := mysqltest.NewDatabase(t)
	o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	s := open(t, o) // without tables
	_, err := s.CountUsers(t.Context(), user.Query{})
	wantKind(t, err, fault.Internal)
	if got := log.String(); !strings.Contains(got, "count users") || !strings.Contains(got, "1146") {
		t.Errorf("got log %q, want the operation and MySQL's error", got)
	}
}
