package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"roster/internal/store/sqldb"
)

// server is a MySQL server and its connection pool.
type server struct {
	options Options
	db      *sql.DB
}

// newServer does not connect yet. o has its defaults.
func newServer(o Options) (server, error) {
	connector, err := o.connector(ioTimeout)
	if err != nil {
		return server{}, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(o.PoolSize + o.MaxOverflow)
	db.SetMaxIdleConns(o.PoolSize + o.MaxOverflow)
	return server{o, db}, nil
}

// trim closes idle connections beyond the pool's size.
func (s *server) trim() {
	s.db.SetMaxIdleConns(s.options.PoolSize)
	s.db.SetMaxIdleConns(s.options.PoolSize + s.options.MaxOverflow)
}

const selectSettings = "SELECT VERSION(), @@character_set_client, @@character_set_connection, @@collation_connection," +
	" @@transaction_isolation, @@time_zone, @@sql_mode, @@wait_timeout"

// checkServer checks the server's version and our session settings, and sets
// the maximum age of connections.
func (s *server) checkServer(ctx context.Context) error {
	return s.lend(ctx, func(c *conn) error {
		c.ctx = ctx
		if err := checkEffects(c); err != nil {
			return err
		}
		return c.Query(selectSettings, func(row []driver.Value) error {
			texts := make([]string, len(row))
			for i, value := range row {
				texts[i] = sqldb.TextOf(value).String
			}
			timeout, err := sqldb.Int(row[len(row)-1])
			if err != nil {
				return err
			}
			s.db.SetConnMaxLifetime(lifetime(s.options.Recycle, time.Duration(timeout)*time.Second, rand.Float64())) //nolint:gosec // jitter
			return sqldb.FirstError(checkVersion(texts[0]), checkSession(texts[1:7]))
		})
	})
}

// selectEffects selects results that depend on the session: a comparison of
// texts, a time, and a parameter as the server reads it, with its bytes. A proxy
// may answer that it has set what it has not.
const selectEffects = "SELECT 'a' = 'A', FROM_UNIXTIME(0), ?, HEX(?)"

// oddText has the characters that statements escape, and one of four bytes.
const oddText = "a'b\"c\\d😀"

// checkEffects rejects a server or proxy on which the session settings have no
// effect.
func checkEffects(c *conn) error {
	return c.Query(selectEffects, func(row []driver.Value) error {
		var texts [4]string
		if err := sqldb.Scan(row, &texts[0], &texts[1], &texts[2], &texts[3]); err != nil {
			return err
		}
		return judgeEffects(texts)
	}, oddText, oddText)
}

// judgeEffects returns what is wrong with the results of selectEffects.
func judgeEffects(got [4]string) error {
	for i, effect := range []struct{ setting, want string }{
		{"collation_connection", "0"},
		{"time_zone", "1970-01-01 00:00:00"},
		{"sql_mode", oddText},
		{"character_set_client", fmt.Sprintf("%X", oddText)},
	} {
		if got[i] != effect.want {
			return fmt.Errorf("setting %s has no effect, perhaps because of a proxy: a query returned %q instead of %q", effect.setting, got[i], effect.want)
		}
	}
	return nil
}

// lifetime returns the maximum age of a connection: less than recycle, and less
// than timeout, after which the server closes idle ones. random, in [0, 1),
// reduces it by up to a tenth, so that processes do not reconnect
// simultaneously.
func lifetime(recycle, timeout time.Duration, random float64) time.Duration {
	if timeout > 0 {
		recycle = min(recycle, timeout*9/10)
	}
	return max(time.Duration(float64(recycle)*(1-random/10)), time.Second)
}

// checkVersion rejects servers other than MySQL 8.0 or later. Early releases of
// 8.0 are rejected when they do not support the collation.
func checkVersion(version string) error {
	if strings.Contains(strings.ToLower(version), "mariadb") {
		return unfitError("it is MariaDB " + version + ", whose collations differ")
	}
	number, _, _ := strings.Cut(version, ".")
	if major, err := strconv.Atoi(number); err != nil || major < 8 {
		return unfitError("it is version " + version)
	}
	return nil
}

// checkSession rejects a server or proxy that does not keep the session
// settings.
func checkSession(got []string) error {
	for i, want := range []string{charset, charset, collation, isolation, "+00:00"} {
		if got[i] != want {
			return fmt.Errorf("it has %s, want %s", got[i], want)
		}
	}
	if mode := got[5]; !strings.Contains(mode, strict) {
		return fmt.Errorf("its sql_mode is %s, without %s", mode, strict)
	}
	return nil
}
