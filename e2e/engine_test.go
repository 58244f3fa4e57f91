package e2e_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// onBoth runs a test on a fresh database of either engine, which settings name.
func onBoth(t *testing.T, test func(t *testing.T, settings []string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, []string{"DB_NAME=" + filepath.Join(t.TempDir(), "db.sqlite3")})
	})
	t.Run("mysql", func(t *testing.T) {
		t.Parallel()
		test(t, sharedMySQL(t).newDatabase().settings)
	})
}

// openSQLite opens a file with the SQLite driver that is built in, and waits for
// a server that writes to it. Each driver has a name of its own for that.
func openSQLite(path string) (*sql.DB, error) {
	drivers := sql.Drivers()
	path = "file:" + path + "?_busy_timeout=300000&_pragma=busy_timeout(300000)"
	return sql.Open(drivers[slices.IndexFunc(drivers, func(name string) bool { return strings.HasPrefix(name, "sqlite") })], path)
}

// mysqlServer is a MySQL server that scripts/mysql.sh has started.
type mysqlServer struct {
	t       *testing.T
	environ []string // for the script
	dsn     string
}

// sharedMySQL is the server for all tests: none may end it, and each keeps to
// databases of its own.
func sharedMySQL(t *testing.T) *mysqlServer {
	t.Helper()
	m := &mysqlServer{t: t, environ: os.Environ()}
	m.start()
	return m
}

// ownMySQL is a server, with more options of mysqld, that the test may end and
// start again.
func ownMySQL(t *testing.T, options ...string) *mysqlServer {
	t.Helper()
	_, port, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	m := &mysqlServer{t: t, environ: append(os.Environ(), "TEST_MYSQL_DSN=", "ROSTER_MYSQL_PORT="+port, "ROSTER_MYSQL_STATE="+t.TempDir(),
		"ROSTER_MYSQL_OPTIONS=--performance-schema=OFF "+strings.Join(options, " "))}
	t.Cleanup(func() { m.script(context.WithoutCancel(t.Context()), "stop") })
	m.start()
	return m
}

// freeAddress is an address on which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func (m *mysqlServer) script(ctx context.Context, command string) string {
	m.t.Helper()
	cmd := exec.CommandContext(ctx, "../scripts/mysql.sh", command)
	cmd.Env = m.environ
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		m.t.Errorf("scripts/mysql.sh %s: %v: %s", command, err, errs.String())
	}
	return strings.TrimSpace(string(out))
}

func (m *mysqlServer) start() {
	m.t.Helper()
	if m.dsn = m.script(m.t.Context(), "start"); m.dsn == "" {
		m.t.FailNow()
	}
}

func (m *mysqlServer) stop() { m.script(m.t.Context(), "stop") }
func (m *mysqlServer) kill() { m.script(m.t.Context(), "kill9") }

// signal sends a signal to the server.
func (m *mysqlServer) signal(sig syscall.Signal) {
	m.t.Helper()
	var pid int
	if _, err := fmt.Sscanf(m.script(m.t.Context(), "status"), "process %d on", &pid); err != nil {
		m.t.Fatal(err)
	}
	if err := syscall.Kill(pid, sig); err != nil {
		m.t.Fatal(err)
	}
}

// exec runs statements as the account of the DSN.
func (m *mysqlServer) exec(statements ...string) {
	m.t.Helper()
	db := m.open("")
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		if _, err := db.ExecContext(context.WithoutCancel(m.t.Context()), statement); err != nil {
			m.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// dsnForm has the parts of a DSN: all before the database, the host, the port
// and the parameters.
var dsnForm = regexp.MustCompile(`^(.*@tcp\((.+):(\d+)\)/)[^?]*(.*)$`)

func (m *mysqlServer) parts() []string {
	m.t.Helper()
	parts := dsnForm.FindStringSubmatch(m.dsn)
	if parts == nil {
		m.t.Fatalf("%q has not the form user:password@tcp(host:port)/", m.dsn)
	}
	return parts[1:]
}

func (m *mysqlServer) open(database string) *sql.DB {
	m.t.Helper()
	parts := m.parts()
	db, err := sql.Open("mysql", parts[0]+database+parts[3])
	if err != nil {
		m.t.Fatal(err)
	}
	return db
}

// mysqlDatabase is an empty database with a user of its own.
type mysqlDatabase struct {
	name     string
	settings []string
}

// newDatabase makes a database, and a user of its name who may do anything in
// databases whose names begin with that.
// Both are dropped when the test ends.
func (m *mysqlServer) newDatabase() mysqlDatabase {
	m.t.Helper()
	name, password := fmt.Sprintf("roster_e2e_%016x", rand.Uint64()), fmt.Sprintf("p#$ é%x", rand.Uint64())
	m.exec("CREATE DATABASE "+name,
		fmt.Sprintf("CREATE USER '%s'@'%%' IDENTIFIED BY '%s'", name, password),
		fmt.Sprintf("GRANT ALL ON `%s%%`.* TO '%s'@'%%'", name, name))
	m.t.Cleanup(func() { m.exec("DROP DATABASE "+name, "DROP USER '"+name+"'@'%'") })
	return mysqlDatabase{name, []string{
		"DB_ENGINE=mysql", "DB_NAME=" + name, "DB_USER=" + name, "DB_PASSWORD=" + password,
		"DB_HOST=" + strings.Trim(m.parts()[1], "[]"), "DB_PORT=" + m.parts()[2],
		signing, "AUTO_MIGRATE=true",
	}}
}

// awaitReady polls /readyz until it answers with that status, and returns how
// long it took.
func (s *server) awaitReady(want int) time.Duration {
	s.t.Helper()
	begin, limit, next := time.Now(), time.After(patience), time.NewTicker(10*time.Millisecond)
	defer next.Stop()
	for s.readiness() != want {
		select {
		case <-next.C:
		case <-s.done:
			s.t.Fatalf("roster ended before /readyz was %d:\n%s", want, s.logged())
		case <-limit:
			s.t.Fatalf("/readyz was not %d for %v:\n%s", want, patience, s.logged())
		}
	}
	return time.Since(begin)
}

// readiness is the status of /readyz, 0 while nothing listens.
func (s *server) readiness() int {
	conn, err := net.DialTimeout("tcp", s.address(), patience)
	if err != nil {
		return 0
	}
	defer func() { _ = conn.Close() }()
	status, _ := readyStatus(conn)
	return status
}
