package mysqltest

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	gomysql "github.com/go-sql-driver/mysql"

	"roster/internal/store/mysql"
)

// Pair is a server and a replica that follows it with GTIDs.
type Pair struct {
	Primary, Replica *Own
}

// Own is a server that the tests may stop.
type Own struct {
	Port int
	DB   *sql.DB // as root; allows multiple statements

	environ []string // for the script
}

// shared is the pair of SharedPair, nil until it is used.
var shared struct {
	once   sync.Once
	pair   *Pair
	folder string
}

// NewPair starts a pair, which ends with the test.
func NewPair(t testing.TB) *Pair {
	t.Helper()
	need(t)
	p := preparePair(t, t.TempDir())
	t.Cleanup(func() {
		if err := p.end(); err != nil {
			t.Error(err)
		}
	})
	p.start(t)
	return p
}

// SharedPair returns the pair shared by all tests of a program, whose TestMain
// calls EndSharedPair. A test that stops the replica or its replication must
// not run in parallel.
func SharedPair(t testing.TB) *Pair {
	t.Helper()
	need(t)
	shared.once.Do(func() {
		folder, err := os.MkdirTemp("", "roster-pair") //nolint:usetesting // outlives the test
		if err != nil {
			t.Fatal(err)
		}
		shared.folder, shared.pair = folder, preparePair(t, folder)
		shared.pair.start(t)
	})
	if shared.pair == nil {
		t.Fatal("the servers did not start for another test")
	}
	return shared.pair
}

// EndSharedPair stops the servers of SharedPair, if they were started.
func EndSharedPair() error {
	if shared.pair == nil {
		return nil
	}
	return errors.Join(shared.pair.end(), os.RemoveAll(shared.folder))
}

// preparePair starts nothing yet. The servers store their files in the
// directory.
func preparePair(t testing.TB, folder string) *Pair {
	t.Helper()
	const both = "--performance-schema=OFF --gtid-mode=ON --enforce-gtid-consistency=ON "
	return &Pair{
		newOwn(t, filepath.Join(folder, "primary"), both+"--server-id=1 --log-bin=binlog --sync-binlog=0"),
		newOwn(t, filepath.Join(folder, "replica"), both+"--server-id=2"),
	}
}

func (p *Pair) start(t testing.TB) {
	t.Helper()
	var starting sync.WaitGroup
	for _, o := range []*Own{p.Primary, p.Replica} {
		starting.Go(func() { o.Start(t) })
	}
	starting.Wait()
	Exec(t, p.Primary.DB, "CREATE USER follower IDENTIFIED BY 'follows'; GRANT REPLICATION SLAVE ON *.* TO follower")
	Exec(t, p.Replica.DB, fmt.Sprintf("CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=%d, SOURCE_USER='follower',"+
		" SOURCE_PASSWORD='follows', SOURCE_AUTO_POSITION=1, SOURCE_CONNECT_RETRY=1, GET_SOURCE_PUBLIC_KEY=1; START REPLICA", p.Primary.Port))
	p.CatchUp(t)
}

func (p *Pair) end() error {
	var failures []error
	for _, o := range []*Own{p.Primary, p.Replica} {
		_, err := o.script("kill9") // its data is no longer needed
		failures = append(failures, o.DB.Close(), err)
	}
	return errors.Join(failures...)
}

// newOwn prepares a server with additional options.
func newOwn(t testing.TB, folder, options string) *Own {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it takes no time
	if err != nil {
		t.Fatal(err)
	}
	addr, ok := listener.Addr().(*net.TCPAddr)
	if err := listener.Close(); err != nil || !ok {
		t.Fatalf("got %v, %v; want a free port", addr, err)
	}
	config := gomysql.NewConfig()
	config.User, config.Net, config.Addr, config.MultiStatements = "root", "tcp", addr.String(), true
	config.Logger = &gomysql.NopLogger{} // tests kill the server
	connector, err := gomysql.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	return &Own{addr.Port, sql.OpenDB(connector), append(os.Environ(), variable+"=", "ROSTER_MYSQL_PORT="+strconv.Itoa(addr.Port),
		"ROSTER_MYSQL_STATE="+folder, "ROSTER_MYSQL_OPTIONS="+options)}
}

// script runs scripts/mysql.sh.
func (o *Own) script(command string) (string, error) {
	c := exec.Command(script(), command) //nolint:gosec,noctx // our own script, with its own timeout
	c.Env = o.environ
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		err = fmt.Errorf("scripts/mysql.sh %s: %w: %s", command, err, said.String())
	}
	return string(out), err
}

// run runs scripts/mysql.sh for a test.
func (o *Own) run(t testing.TB, command string) string {
	t.Helper()
	out, err := o.script(command)
	if err != nil {
		t.Error(err)
	}
	return out
}

// Start starts the server again after Kill.
func (o *Own) Start(t testing.TB) {
	t.Helper()
	o.run(t, "start")
}

// Kill kills the server.
func (o *Own) Kill(t testing.TB) {
	t.Helper()
	o.run(t, "kill9")
}

// Signal sends a signal to the server.
func (o *Own) Signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	var pid int
	if _, err := fmt.Sscanf(o.run(t, "status"), "process %d on", &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatal(err)
	}
}

// Address returns the server's address.
func (o *Own) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port)) }

// CatchUp waits until the replica has everything that the primary has
// committed.
func (p *Pair) CatchUp(t testing.TB) {
	t.Helper()
	committed := Rows(t, p.Primary.DB, "SELECT @@GLOBAL.gtid_executed")[0]
	if late := Rows(t, p.Replica.DB, "SELECT WAIT_FOR_EXECUTED_GTID_SET('"+committed+"', 300)"); late[0] != "0" {
		t.Fatalf("the replica is not where the primary is after 5 minutes: %q", Rows(t, p.Replica.DB, "SHOW REPLICA STATUS"))
	}
}

// NewDatabase makes an empty database on both, with a user who has the rights
// that Roster asks for and no others, and returns how to reach it.
func (p *Pair) NewDatabase(t testing.TB) mysql.Options {
	t.Helper()
	name := "roster_test_" + strings.ToLower(rand.Text()[:12])
	Exec(t, p.Primary.DB, fmt.Sprintf("CREATE DATABASE %[1]s; CREATE USER %[1]s IDENTIFIED BY 'secret';"+
		" GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON %[1]s.* TO %[1]s", name))
	p.CatchUp(t)
	return mysql.Options{
		User: name, Password: "secret", Host: "127.0.0.1", Port: p.Primary.Port, Database: name,
		Replicas: []string{p.Replica.Address()},
		Wait:     5 * time.Minute,
	}
}
