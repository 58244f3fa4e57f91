package mysql_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	gomysql "github.com/go-sql-driver/mysql"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/mysql"
	"roster/internal/store/mysqltest"
)

func number(n uint16, message string) error { return &gomysql.MySQLError{Number: n, Message: message} }

func TestFaultOf(t *testing.T) {
	t.Parallel()
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	read := &net.OpError{Op: "read", Err: errors.New("connection reset")}
	for _, c := range []struct {
		err        error
		want       fault.Kind
		repeatable bool
		away       bool
	}{
		{number(1062, "Duplicate entry 'a' for key 't_users.username'"), fault.Conflict, false, false},
		{number(1062, "Duplicate entry 'a' for key 'email'"), fault.Conflict, false, false},
		{number(1062, "Duplicate entry 'PRIMARY' for key 'username'"), fault.Conflict, false, false},
		{number(1062, "Duplicate entry '2147483647' for key 't_users.PRIMARY'"), fault.Full, false, false},
		{number(1062, "Duplicate entry '2147483647' for key 'PRIMARY'"), fault.Full, false, false},
		{number(1467, "Failed to read auto-increment value"), fault.Full, false, false},
		{number(1114, "The table 't_users' is full"), fault.Full, false, false},
		{number(1021, "Disk full"), fault.Full, false, false},
		{number(1213, "Deadlock found"), fault.Unavailable, true, false},
		{number(1205, "Lock wait timeout exceeded"), fault.Unavailable, true, false},
		{number(1040, "Too many connections"), fault.Unavailable, false, true},
		{number(1053, "Server shutdown in progress"), fault.Unavailable, true, true},
		{number(4031, "The client was disconnected"), fault.Unavailable, true, true},
		{number(1290, "running with the --read-only option"), fault.Unavailable, false, false},
		{number(1045, "Access denied"), fault.Unavailable, false, false},
		{number(1146, "Table 't_users' doesn't exist"), fault.Internal, false, false},
		{number(1406, "Data too long for column 'name' at row 1"), fault.Internal, false, false}, // see valueFault
		{number(1153, "Got a packet bigger than 'max_allowed_packet' bytes"), fault.TooLarge, false, false},
		{gomysql.ErrPktTooLarge, fault.TooLarge, false, false},
		{number(3819, "Check constraint 'c' is violated."), fault.Invalid, false, false},
		{number(1451, "Cannot delete or update a parent row"), fault.Conflict, false, false},
		{number(1452, "Cannot add or update a child row"), fault.Conflict, false, false},
		{number(1644, "signal"), fault.Conflict, false, false},
		{driver.ErrBadConn, fault.Unavailable, true, true},
		{fmt.Errorf("wrapped: %w", gomysql.ErrInvalidConn), fault.Unavailable, true, true},
		{io.ErrUnexpectedEOF, fault.Unavailable, true, true},
		{read, fault.Unavailable, true, true},
		{dial, fault.Unavailable, false, true},
		{mysql.UnknownOutcome(gomysql.ErrInvalidConn), fault.Unavailable, false, true},
		{context.DeadlineExceeded, fault.Unavailable, false, true},
		{fault.New(fault.NotFound, "Not found."), fault.NotFound, false, false},
		{errors.New("something else"), fault.Internal, false, false},
	} {
		if got := fault.KindOf(mysql.FaultOf(c.err)); got != c.want {
			t.Errorf("%v: got kind %d, want %d", c.err, got, c.want)
		}
		if got := mysql.IsRepeatable(c.err); got != c.repeatable {
			t.Errorf("%v: got repeatable %v, want %v", c.err, got, c.repeatable)
		}
		if got := mysql.IsAway(c.err); got != c.away {
			t.Errorf("%v: got away %v, want %v", c.err, got, c.away)
		}
	}
	if mysql.FaultOf(nil) != nil {
		t.Error("got a fault of no error")
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	o := mysql.Options{User: "ann", Password: "secret", Host: "db", Database: "users"}
	for _, c := range []struct {
		err  error
		want string
	}{
		{number(1045, "Access denied"), "DB_USER, DB_PASSWORD: MySQL at db:3306 refused ann: "},
		{number(1130, "Host is not allowed"), "DB_HOST, DB_USER: MySQL at db:3306 refused this machine: "},
		{number(1049, "Unknown database"), "DB_NAME: MySQL at db:3306 has no database users; create it first"},
		{number(1044, "Access denied"), "DB_USER: ann lacks privileges on the database users at db:3306: "},
		{number(1142, "CREATE command denied"), "DB_USER: ann lacks privileges on the database users at db:3306: "},
		{number(1040, "Too many connections"), "DB_POOL_SIZE, DB_MAX_OVERFLOW: MySQL at db:3306 has no connection left: "},
		{number(1273, "Unknown collation"), "DB_HOST: cannot use the server at db:3306: "},
		{mysql.CheckVersion("5.7.44-log"), "DB_HOST: cannot use the server at db:3306: it is version 5.7.44-log; MySQL 8.0.17 or later is required"},
		{mysql.CheckVersion("5.5.5-10.11.6-MariaDB-0+deb12u1"), "DB_HOST: cannot use the server at db:3306: it is MariaDB 5.5.5-10.11.6-MariaDB-0+deb12u1, whose collations differ; MySQL"},
		{gomysql.ErrNoTLS, "DB_TLS: cannot secure the connection to db:3306: "},
		{&net.OpError{Op: "dial", Err: errors.New("refused")}, "DB_HOST, DB_PORT: no MySQL server answers at db:3306: "},
		{errors.New("odd"), "DB_NAME: cannot use the database users at db:3306: odd"},
	} {
		got := mysql.RefusalAt(o, c.err).Error()
		if !strings.HasPrefix(got, c.want) || strings.Contains(got, "\n") || strings.Contains(got, "secret") {
			t.Errorf("got %q, want one line that begins %q", got, c.want)
		}
	}
}

func TestCheckVersion_Accepts(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"8.0.36", "8.4.0-commercial", "9.6.0-1", "10.0.1"} {
		if err := mysql.CheckVersion(version); err != nil {
			t.Errorf("%s: got %v", version, err)
		}
	}
	for _, version := range []string{"", "x", "5.7.1"} {
		if err := mysql.CheckVersion(version); err == nil {
			t.Errorf("%q: got no error", version)
		}
	}
}

// TestJudgeEffects has a proxy that says what is asked, and does otherwise.
func TestJudgeEffects(t *testing.T) {
	t.Parallel()
	good := [4]string{"0", "1970-01-01 00:00:00", "a'b\"c\\d😀", "61276222635C64F09F9880"}
	if err := mysql.JudgeEffects(good); err != nil {
		t.Errorf("got %v", err)
	}
	for i, setting := range []string{"collation_connection", "time_zone", "sql_mode", "character_set_client"} {
		bad := good
		bad[i] = "other"
		if err := mysql.JudgeEffects(bad); err == nil || !strings.Contains(err.Error(), setting) || !strings.Contains(err.Error(), "other") {
			t.Errorf("%s: got %v, want it named", setting, err)
		}
	}
}

// TestRefusal_TLS names DB_TLS for an account that requires TLS, to which the
// server says what it says to a wrong password.
func TestRefusal_TLS(t *testing.T) {
	t.Parallel()
	_, o := openNew(t)
	secure := mysqltest.NewUser(t, o, "ALL")
	mysqltest.Admin(t, "ALTER USER '"+secure.User+"'@'%' REQUIRE SSL")
	_, err := store.OpenMySQL(t.Context(), secure)
	if err == nil || !strings.HasPrefix(err.Error(), "DB_USER, DB_PASSWORD: ") || !strings.HasSuffix(err.Error(), "requires TLS (REQUIRE SSL), set DB_TLS") {
		t.Errorf("got %v, want DB_TLS named", err)
	}
	denied := mysql.RefusalAt(mysql.Options{TLS: "on"}, number(1045, "Access denied")).Error()
	if strings.Contains(denied, "DB_TLS") {
		t.Errorf("got %s, want DB_TLS not named, which is on", denied)
	}
}

func TestLifetime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		recycle, timeout time.Duration
		random           float64
		want             time.Duration
	}{
		{24 * time.Hour, 8 * time.Hour, 0, 7*time.Hour + 12*time.Minute},
		{time.Hour, 8 * time.Hour, 0, time.Hour},
		{time.Hour, 0, 0, time.Hour},
		{time.Hour, 8 * time.Hour, 0.5, 57 * time.Minute},
		{time.Hour, time.Second, 0, time.Second},
	} {
		if got := mysql.Lifetime(c.recycle, c.timeout, c.random); got != c.want {
			t.Errorf("%v of %v at %v: got %v, want %v", c.recycle, c.timeout, c.random, got, c.want)
		}
	}
}
