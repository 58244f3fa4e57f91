package mysqltest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	gomysql "github.com/go-sql-driver/mysql"

	"roster/internal/store/mysql"
)

// Pair is a server and a replica that follows it by GTIDs, for one test, which
// may do anything with either.
type Pair struct {
	Primary, Replica *Own
}

// Own is a server of a test's own.
type Own struct {
	Port int
	DB   *sql.DB // for the user who may do anything; it runs many statements at once

	environ []string // of the script
}

// NewPair starts both servers, which are ended with the test.
func NewPair(t testing.TB) *Pair {
	t.Helper()
	need(t)
	p := &Pair{
		newOwn(t, "--server-id=1 --gtid-mode=ON --enforce-gtid-consistency=ON --log-bin=binlog --sync-binlog=0"),
		newOwn(t, "--server-id=2 --gtid-mode=ON --enforce-gtid-consistency=ON"),
	}
	var starting sync.WaitGroup
	for _, o := range []*Own{p.Primary, p.Replica} {
		starting.Go(func() { o.Start(t) })
	}
	starting.Wait()
	Exec(t, p.Primary.DB, "CREATE USER follower IDENTIFIED BY 'follows'; GRANT REPLICATION SLAVE ON *.* TO follower")
	Exec(t, p.Replica.DB, fmt.Sprintf("CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=%d, SOURCE_USER='follower',"+
		" SOURCE_PASSWORD='follows', SOURCE_AUTO_POSITION=1, SOURCE_CONNECT_RETRY=1, GET_SOURCE_PUBLIC_KEY=1; START REPLICA", p.Primary.Port))
	p.CatchUp(t)
	return p
}

// newOwn prepares a server with more options of mysqld.
func newOwn(t testing.TB, options string) *Own {
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
	o := &Own{Port: addr.Port, DB: sql.OpenDB(connector)}
	o.environ = append(os.Environ(), variable+"=", fmt.Sprint("ROSTER_MYSQL_PORT=", o.Port), "ROSTER_MYSQL_STATE="+t.TempDir(),
		"ROSTER_MYSQL_OPTIONS=--performance-schema=OFF "+options)
	t.Cleanup(func() {
		if err := o.DB.Close(); err != nil {
			t.Error(err)
		}
		o.script(t, "kill9") // what it holds is not needed any more
	})
	return o
}

// script runs scripts/mysql.sh, also when the test is over.
func (o *Own) script(t testing.TB, command string) string {
	t.Helper()
	c := exec.CommandContext(context.WithoutCancel(t.Context()), script(), command) //nolint:gosec // it is ours
	c.Env = o.environ
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Errorf("scripts/mysql.sh %s: %v: %s", command, err, said.String())
	}
	return string(out)
}

// Start starts the server, again after Kill.
func (o *Own) Start(t testing.TB) {
	t.Helper()
	o.script(t, "start")
}

// Kill ends the server at once.
func (o *Own) Kill(t testing.TB) {
	t.Helper()
	o.script(t, "kill9")
}

// Signal sends a signal to the server.
func (o *Own) Signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	var pid int
	if _, err := fmt.Sscanf(o.script(t, "status"), "process %d on", &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatal(err)
	}
}

// Address is where the server listens.
func (o *Own) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port)) }

// CatchUp waits until the replica has all that the primary has committed.
func (p *Pair) CatchUp(t testing.TB) {
	t.Helper()
	committed := Rows(t, p.Primary.DB, "SELECT @@GLOBAL.gtid_executed")[0]
	if late := Rows(t, p.Replica.DB, "SELECT WAIT_FOR_EXECUTED_GTID_SET('"+committed+"', 20)"); late[0] != "0" {
		t.Fatalf("the replica is not where the primary is after 20 seconds: %q", Rows(t, p.Replica.DB, "SHOW REPLICA STATUS"))
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
		Wait:     10 * time.Second,
	}
}
