package mysql_test

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/store/examine"
	"roster/internal/store/mysql"
	"roster/internal/store/mysqltest"
	"roster/internal/takeover"
)

// glance is how long a replica is looked at that does not come nearer anyway.
const glance = 300 * time.Millisecond

// look returns how the only replica of o follows.
func look(t *testing.T, o mysql.Options, patience time.Duration) takeover.Follow {
	t.Helper()
	found, err := examine.Replicas(t.Context(), o, patience)
	if err != nil || found.Unnamed || len(found.Follow) != 1 {
		t.Fatalf("got %+v, %v, want one replica of a primary that names transactions", found, err)
	}
	return found.Follow[o.Replicas[0]]
}

func wantFollow(t *testing.T, what string, got, want takeover.Follow) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %d, want %d", what, got, want)
	}
}

// TestReplicas_Stands looks at a replica that applies nothing, and again when it does.
func TestReplicas_Stands(t *testing.T) { //nolint:paralleltest // it stops the replica
	pair := mysqltest.SharedPair(t)
	o := pair.NewDatabase(t)
	wantFollow(t, "as it should be", look(t, o, patience), takeover.KeepsUp)
	mysqltest.Exec(t, pair.Replica.DB, "STOP REPLICA SQL_THREAD")
	mysqltest.Exec(t, pair.Primary.DB, "CREATE TABLE "+o.Database+".a (id INT)")
	wantFollow(t, "stopped", look(t, o, glance), takeover.Stands)
	mysqltest.Exec(t, pair.Replica.DB, "START REPLICA SQL_THREAD")
	wantFollow(t, "started again", look(t, o, patience), takeover.KeepsUp)
}

// TestReplicas_Lags has the replica apply one of two transactions while it is
// looked at.
func TestReplicas_Lags(t *testing.T) { //nolint:paralleltest // it stops the replica
	pair := mysqltest.SharedPair(t)
	o := pair.NewDatabase(t)
	mysqltest.Exec(t, pair.Replica.DB, "STOP REPLICA SQL_THREAD")
	mysqltest.Exec(t, pair.Primary.DB, "CREATE TABLE "+o.Database+".a (id INT)")
	first := mysqltest.Rows(t, pair.Primary.DB, "SELECT @@GLOBAL.gtid_executed")[0]
	mysqltest.Exec(t, pair.Primary.DB, "CREATE TABLE "+o.Database+".b (id INT)")
	proxy, way := mysqltest.NewProxy(t, mysql.Options{Host: "127.0.0.1", Port: pair.Replica.Port})
	var asked atomic.Int64
	proxy.Judge(func(command string) mysqltest.Verdict {
		if strings.Contains(command, "GTID_SUBTRACT") && asked.Add(1) == 2 {
			mysqltest.Exec(t, pair.Replica.DB, fmt.Sprintf("START REPLICA SQL_THREAD UNTIL SQL_AFTER_GTIDS = '%s'", first))
			mysqltest.Rows(t, pair.Replica.DB, "SELECT WAIT_FOR_EXECUTED_GTID_SET('"+first+"', 300)")
		}
		return mysqltest.Pass
	})
	o.Replicas = []string{net.JoinHostPort(way.Host, strconv.Itoa(way.Port))}
	wantFollow(t, "half way", look(t, o, glance), takeover.Lags)
	mysqltest.Exec(t, pair.Replica.DB, "STOP REPLICA SQL_THREAD; START REPLICA SQL_THREAD")
	wantFollow(t, "all the way", look(t, o, patience), takeover.KeepsUp)
}

// TestReplicas_Unfit looks at what Roster never reads from.
func TestReplicas_Unfit(t *testing.T) {
	t.Parallel()
	pair := mysqltest.SharedPair(t)
	shared := mysqltest.NewDatabase(t) // on a server that follows none, and has no binary log
	address := func(o mysql.Options) string { return net.JoinHostPort(o.Host, strconv.Itoa(o.Port)) }
	o := pair.NewDatabase(t)
	mysqltest.Admin(t, fmt.Sprintf("CREATE USER %[1]s IDENTIFIED BY '%[2]s'; CREATE DATABASE %[3]s; GRANT SELECT ON %[3]s.* TO %[1]s", o.User, o.Password, o.Database))
	t.Cleanup(func() { mysqltest.Admin(t, fmt.Sprintf("DROP DATABASE %s; DROP USER %s", o.Database, o.User)) })
	o.Replicas = []string{address(shared)}
	want := takeover.Apart
	if mysqltest.Rows(t, mysqltest.Connect(t, ""), "SELECT @@GLOBAL.gtid_mode")[0] == "OFF" { // as by default before MySQL 9
		want = takeover.Unnamed
	}
	wantFollow(t, "a server that follows none", look(t, o, glance), want)

	from := o
	from.Host, from.Port, from.Replicas = shared.Host, shared.Port, []string{pair.Replica.Address()}
	if found, err := examine.Replicas(t.Context(), from, patience); err != nil || !found.Unnamed {
		t.Errorf("a primary without a binary log: got %+v, %v, want it named", found, err)
	}
	from.Replicas = nil
	if found, err := examine.Replicas(t.Context(), from, patience); err != nil || found.Unnamed || len(found.Follow) != 0 {
		t.Errorf("no replica: got %+v, %v, want nothing said", found, err)
	}
	o.Replicas = []string{net.JoinHostPort("127.0.0.1", strconv.Itoa(closedPort(t)))}
	o.Wait = 0
	if _, err := examine.Replicas(t.Context(), o, patience); err == nil || !strings.HasPrefix(err.Error(), "DB_REPLICA_HOSTS: "+o.Replicas[0]+": ") {
		t.Errorf("no server there: got %v, want the setting and the address", err)
	}
}
