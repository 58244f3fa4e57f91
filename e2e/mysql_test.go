package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestMySQL_ComesAndGoes: a server that starts before its database is not
// ready, and says so; nor is one that has lost it. Either serves by itself once
// the database is there.
func TestMySQL_ComesAndGoes(t *testing.T) {
	t.Parallel()
	m := ownMySQL(t)
	database := m.newDatabase()
	m.stop()
	s := startEarly(t, database.settings)
	s.awaitReady(http.StatusServiceUnavailable)
	s.expect(http.StatusOK, http.MethodGet, "/healthz", "")
	s.expect(http.StatusServiceUnavailable, http.MethodGet, "/api/users/", "")
	m.start()
	t.Logf("started: ready after %v", s.awaitReady(http.StatusOK))
	path := fmt.Sprintf("/api/users/%d/", s.create("before"))

	m.stop()
	s.awaitReady(http.StatusServiceUnavailable)
	s.expect(http.StatusOK, http.MethodGet, "/healthz", "")
	s.expect(http.StatusServiceUnavailable, http.MethodGet, path, "")
	s.expect(http.StatusServiceUnavailable, http.MethodPost, "/api/users/", newUser("meanwhile"))
	m.start()
	t.Logf("restarted: ready after %v", s.awaitReady(http.StatusOK))
	s.expect(http.StatusOK, http.MethodGet, path, "")
	s.create("after")
	if got := s.number("/api/users/", "count"); got != 2 {
		t.Errorf("users: got %d, want 2", got)
	}
	if got := s.stop(); got != 0 {
		t.Errorf("exit status: got %d, want 0", got)
	}
}

// TestMySQL_FrozenAndReadOnly: a server that hangs counts as gone, one that
// was made a replica refuses writes alone, and neither needs a restart.
func TestMySQL_FrozenAndReadOnly(t *testing.T) {
	t.Parallel()
	m := ownMySQL(t)
	s := startServer(t, t.TempDir(), append(m.newDatabase().settings, "LOG_LEVELS=http=WARNING")...)
	path := fmt.Sprintf("/api/users/%d/", s.create("before"))
	m.exec("SET GLOBAL super_read_only = ON")
	s.expect(http.StatusServiceUnavailable, http.MethodPost, "/api/users/", newUser("refused"))
	s.expect(http.StatusOK, http.MethodGet, path, "")
	s.expect(http.StatusOK, http.MethodGet, "/readyz", "")
	m.exec("SET GLOBAL read_only = OFF")
	s.create("again")

	m.signal(syscall.SIGSTOP)
	s.awaitReady(http.StatusServiceUnavailable)
	s.expect(http.StatusOK, http.MethodGet, "/healthz", "")
	m.signal(syscall.SIGCONT)
	t.Logf("thawed: ready after %v", s.awaitReady(http.StatusOK))
	s.expect(http.StatusOK, http.MethodGet, path, "")
	s.create("after")
}

// TestMySQL_Rights: to migrate takes the rights that .env.example names, to
// serve no more than those on rows.
func TestMySQL_Rights(t *testing.T) {
	t.Parallel()
	m := sharedMySQL(t)
	database := m.newDatabase()
	settings := append(database.settings, "AUTO_MIGRATE=false")
	m.restrict(database.name, "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES")
	if out, err := roster(t, t.TempDir(), settings, "migrate").CombinedOutput(); err != nil {
		t.Fatalf("migrate: %v: %s", err, out)
	}
	m.restrict(database.name, "SELECT, INSERT, UPDATE, DELETE")
	s := startServer(t, t.TempDir(), settings...)
	path := fmt.Sprintf("/api/users/%d/", s.create("row"))
	s.expect(http.StatusOK, http.MethodPatch, path, `{"first_name":"Changed"}`)
	s.expect(http.StatusNoContent, http.MethodDelete, path, "")
}

// restrict leaves the user of a database the rights alone.
func (m *mysqlServer) restrict(name, rights string) {
	m.t.Helper()
	m.exec("REVOKE ALL ON `"+name+"%`.* FROM '"+name+"'@'%'", "GRANT "+rights+" ON `"+name+"%`.* TO '"+name+"'@'%'")
}

// expect sends a request that must be answered with the status.
func (s *server) expect(want int, method, path, body string) {
	s.t.Helper()
	if status, text := s.call(method, path, body); status != want {
		s.t.Errorf("%s %s: got %d %.200s, want %d", method, path, status, text, want)
	}
}

// startEarly runs `roster serve` and does not wait until it serves.
func startEarly(t *testing.T, settings []string) *server {
	t.Helper()
	address := freeAddress(t)
	s := &server{t: t, url: "http://" + address, done: make(chan struct{})}
	s.cmd = roster(t, t.TempDir(), append(settings, "LOG_DIR=", "LOG_LEVELS=http=WARNING"), "serve", "--bind", address)
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go s.follow(stderr, make(chan string, 1))
	t.Cleanup(s.kill)
	return s
}

// TestMySQL_SignalWhileWaiting: a server that waits for its database can be
// stopped.
func TestMySQL_SignalWhileWaiting(t *testing.T) {
	t.Parallel()
	_, port, _ := strings.Cut(freeAddress(t), ":")
	s := startEarly(t, append(sharedMySQL(t).newDatabase().settings, "DB_PORT="+port))
	s.awaitReady(http.StatusServiceUnavailable)
	if got := s.stop(); got != 0 {
		t.Errorf("exit status: got %d, want 0:\n%s", got, s.logged())
	}
}

// mysqlRounds is how often the drill kills MySQL: 3 times, or 10 in the long form.
func mysqlRounds() int {
	if os.Getenv("ROSTER_DRILL") == "long" {
		return 10
	}
	return 3
}

// TestDrill_KilledMySQLLosesNothing kills MySQL (SIGKILL) while clients create
// users, who send what was refused again when it is back. No client is left
// without an answer, the server serves again by itself, and then every user
// is there, once and whole.
func TestDrill_KilledMySQLLosesNothing(t *testing.T) {
	t.Parallel()
	m := ownMySQL(t)
	database := m.newDatabase()
	s := startServer(t, t.TempDir(), append(database.settings, "LOG_DIR=", "LOG_LEVEL=ERROR", "LOG_LEVELS=server=INFO")...)
	clients, refused := newCreators(t), 0
	unavailable := func(err error) bool { return strings.HasPrefix(err.Error(), "status 503: ") }
	for round := range mysqlRounds() {
		clients.createUntil(s, 50+37*round, m.kill, unavailable)
		m.start()
		t.Logf("round %d: ready after %v, %d to be sent again", round, s.awaitReady(http.StatusOK), len(clients.unanswered))
		refused += len(clients.unanswered)
		clients.repeat(s)
	}
	db := m.open(database.name)
	defer func() { _ = db.Close() }()
	clients.compare(db)
	t.Logf("%d rounds, %d users acknowledged, %d of them only when asked again", mysqlRounds(), len(clients.acked), refused)
}

// TestMySQL_ManyClients: however many clients there are, the server keeps to
// its pool. MySQL would refuse it another connection, but for one that is just
// being closed.
func TestMySQL_ManyClients(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		clients, limit int
		pool           []string
	}{
		{500, 21, []string{"DB_POOL_SIZE=10", "DB_MAX_OVERFLOW=10"}},
		{100, 2, []string{"DB_POOL_SIZE=1", "DB_MAX_OVERFLOW=0"}},
	} {
		t.Run(strings.Join(tt.pool, " "), func(t *testing.T) {
			t.Parallel()
			crowd(t, tt.clients, tt.limit, tt.pool)
		})
	}
}

func crowd(t *testing.T, clients, limit int, pool []string) {
	t.Helper()
	m := sharedMySQL(t)
	database := m.newDatabase()
	if out, err := roster(t, t.TempDir(), database.settings, "migrate").CombinedOutput(); err != nil {
		t.Fatalf("migrate: %v: %s", err, out)
	}
	m.exec(fmt.Sprintf("ALTER USER '%s'@'%%' WITH MAX_USER_CONNECTIONS %d", database.name, limit))
	quiet := []string{"AUTO_MIGRATE=false", "LOG_DIR=", "LOG_LEVEL=WARNING", "LOG_LEVELS=server=INFO"}
	s := startServer(t, t.TempDir(), slices.Concat(database.settings, pool, quiet)...)
	const each = 4
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	var group sync.WaitGroup
	for n := range clients {
		group.Go(func() {
			for i := range each {
				if _, err := createUser(t.Context(), client, s.url, fmt.Sprintf("many-%d-%d", n, i)); err != nil {
					t.Errorf("client %d: %v", n, err)
				}
			}
		})
	}
	group.Wait()
	if got := s.number("/api/users/active_count/", "active_users_count"); got != clients*each {
		t.Errorf("users: got %d, want %d", got, clients*each)
	}
	if got := m.connections(database.name); got < 1 || got > limit {
		t.Errorf("connections: got %d, want 1 to %d", got, limit)
	}
}

// connections is how many connections that user has now.
func (m *mysqlServer) connections(user string) (n int) {
	m.t.Helper()
	db := m.open("")
	defer func() { _ = db.Close() }()
	row := db.QueryRowContext(m.t.Context(), "SELECT COUNT(*) FROM performance_schema.processlist WHERE user = ?", user)
	if err := row.Scan(&n); err != nil {
		m.t.Fatal(err)
	}
	return n
}
