package e2e_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"roster/internal/store/mysqltest"
)

// machine is a client with an address of its own.
type machine struct {
	t *testing.T
	http.Client
}

// newMachine returns a client that calls from 127.0.0.<number> and keeps no
// cookies.
func newMachine(t *testing.T, number byte) *machine {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, number)}}
	transport := &http.Transport{DialContext: dialer.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return &machine{t, http.Client{Transport: transport, Timeout: patience}}
}

// call sends a request with a JSON body and, unless it is empty, credentials.
func (m *machine) call(method, url, credentials, body string) (status int, text string) {
	m.t.Helper()
	r, err := http.NewRequestWithContext(m.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if credentials != "" {
		r.Header.Set("Authorization", credentials)
	}
	answer, err := m.Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return answer.StatusCode, string(all)
}

func (m *machine) wantStatus(want int, url, credentials string) {
	m.t.Helper()
	if got, text := m.call(http.MethodGet, url, credentials, ""); got != want {
		m.t.Errorf("GET %s: got %d %.200s, want %d", url, got, text, want)
	}
}

// eventually asks until the answer has that status.
func (m *machine) eventually(want int, url string) {
	m.t.Helper()
	limit, next := time.After(patience), time.NewTicker(10*time.Millisecond)
	defer next.Stop()
	for {
		got, text := m.call(http.MethodGet, url, "", "")
		if got == want {
			return
		}
		select {
		case <-next.C:
		case <-limit:
			m.t.Fatalf("GET %s: got %d %.200s, want %d in the end", url, got, text, want)
		}
	}
}

// TestReplica: who has not written reads from the replica, who has reads its
// own write, whichever of two servers it asks, and no one notices when the
// replica is lost.
func TestReplica(t *testing.T) {
	t.Parallel()
	pair := mysqltest.NewPair(t)
	o := pair.NewDatabase(t)
	settings := []string{
		"DB_ENGINE=mysql", "DB_NAME=" + o.Database, "DB_USER=" + o.User, "DB_PASSWORD=" + o.Password, "DB_HOST=" + o.Host,
		fmt.Sprint("DB_PORT=", o.Port), "DB_REPLICA_HOSTS=" + pair.Replica.Address(),
		signing, "AUTO_MIGRATE=true", "TRUSTED_PROXIES=", "API_PERMISSION=AllowAny",
	}
	s, other := startServer(t, t.TempDir(), settings...), startServer(t, t.TempDir(), settings...)
	users := s.url + "/api/users/"
	pair.CatchUp(t)
	mysqltest.Exec(t, pair.Replica.DB, "INSERT INTO "+o.Database+".t_users (id, username, email, is_active, created_at, updated_at)"+
		" VALUES (1000000, 'planted', 'planted@example.com', 1, '2026-11-23 12:00:00', '2026-11-23 12:00:00')")
	reader, planted := newMachine(t, 2), users+"1000000/"
	reader.eventually(http.StatusOK, planted) // the replica alone has it
	if _, text := reader.call(http.MethodGet, users, "", ""); !strings.Contains(text, `"count":1,`) {
		t.Errorf("got %.200s, want the replica's list", text)
	}

	mysqltest.Exec(t, pair.Replica.DB, "STOP REPLICA SQL_THREAD")
	testOwnWrite(t, s, other)
	reader.eventually(http.StatusNotFound, planted) // the replica lags too far behind
	mysqltest.Exec(t, pair.Replica.DB, "START REPLICA SQL_THREAD")
	reader.eventually(http.StatusOK, planted)

	pair.Replica.Kill(t)
	for range 100 {
		reader.wantStatus(http.StatusOK, users, "")
	}
	s.expect(http.StatusOK, http.MethodGet, "/readyz", "")
	pair.Replica.Start(t)
	reader.eventually(http.StatusOK, planted)
	testChecked(t, pair, settings)
}

// testChecked asks roster check of the replica: as it should be, gone, and
// without names for its transactions.
func testChecked(t *testing.T, pair *mysqltest.Pair, settings []string) {
	t.Helper()
	pair.CatchUp(t)
	if out := commanded(t, settings, "check"); strings.Contains(out, "mysql.replica") || !strings.Contains(out, "No problems found.") {
		t.Errorf("got %s, want nothing said of the replica", out)
	}
	mysqltest.Exec(t, pair.Replica.DB, "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_AUTO_POSITION=0")
	for _, mode := range []string{"ON_PERMISSIVE", "OFF_PERMISSIVE", "OFF"} {
		mysqltest.Exec(t, pair.Replica.DB, "SET GLOBAL gtid_mode = "+mode)
	}
	for _, args := range [][]string{{"check"}, {"check", "--deploy"}} {
		out, _ := roster(t, t.TempDir(), settings, args...).CombinedOutput() // what the machine lacks is found, too
		if !strings.Contains(string(out), "mysql.replica.gtid") || !strings.Contains(string(out), pair.Replica.Address()) {
			t.Errorf("%v: got %s, want gtid_mode named with the address", args, out)
		}
	}
	nowhere := freeAddress(t)
	out, err := roster(t, t.TempDir(), append(settings, "DB_REPLICA_HOSTS="+nowhere), "check").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "roster: DB_REPLICA_HOSTS: "+nowhere+": ") {
		t.Errorf("got %s, %v, want the replica named that is not there", out, err)
	}
}

// testOwnWrite has clients of each kind write while the replica applies nothing.
func testOwnWrite(t *testing.T, s, other *server) {
	t.Helper()
	create := func(m *machine, credentials, name string) (path string) {
		status, text := m.call(http.MethodPost, s.url+"/api/users/", credentials, newUser(name))
		if status != http.StatusCreated {
			t.Fatalf("create %s: got %d %s", name, status, text)
		}
		return fmt.Sprintf("/api/users/%d/", rowID(t, text))
	}
	plain := newMachine(t, 3)
	plain.wantStatus(http.StatusOK, s.url+create(plain, "", "plain"), "")

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	here, there := newMachine(t, 4), newMachine(t, 5)
	here.Jar, there.Jar = jar, jar
	path := create(here, "", "browser")
	there.wantStatus(http.StatusOK, s.url+path, "")
	there.wantStatus(http.StatusOK, other.url+path, "") // cookies know no ports

	const credentials = "Client of-a-test" // an unknown scheme, compared literally
	path = create(newMachine(t, 6), credentials, "credentials")
	newMachine(t, 7).wantStatus(http.StatusOK, s.url+path, credentials)
}
