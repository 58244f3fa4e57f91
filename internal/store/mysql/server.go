package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
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

const selectServer = "SELECT VERSION(), @@wait_timeout"

// selectSession selects the session settings where the server keeps them: a proxy may
// answer @@sql_mode with what it was asked to set. It requires no privilege.
const selectSession = "SELECT variable_name, variable_value FROM performance_schema.session_variables WHERE variable_name IN" +
	" ('autocommit', 'character_set_client', 'character_set_connection', 'character_set_results', 'collation_connection'," +
	" 'innodb_lock_wait_timeout', 'sql_mode', 'time_zone', 'transaction_isolation')"

// checkServer checks the server's version and our session settings, and sets
// the maximum age of connections.
func (s *server) checkServer(ctx context.Context) error {
	return s.lend(ctx, func(c *conn) error {
		c.ctx = ctx
		if err := checkEffects(c); err != nil {
			return err
		}
		if err := c.Query(selectServer, s.adopt); err != nil {
			return err
		}
		session := map[string]string{}
		err := c.Query(selectSession, func(row []driver.Value) error {
			session[strings.ToLower(sqldb.TextOf(row[0]).String)] = sqldb.TextOf(row[1]).String
			return nil
		})
		return sqldb.FirstError(err, checkSession(session))
	})
}

// adopt checks the version in a row of selectServer, and adopts the server's timeout.
func (s *server) adopt(row []driver.Value) error {
	timeout, err := sqldb.Int(row[1])
	if err != nil {
		return err
	}
	s.db.SetConnMaxLifetime(lifetime(s.options.Recycle, time.Duration(timeout)*time.Second, rand.Float64())) //nolint:gosec // jitter
	return checkVersion(sqldb.TextOf(row[0]).String)
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
			return settingError(fmt.Sprintf("setting %s has no effect, perhaps because of a proxy: a query returned %q instead of %q", effect.setting, got[i], effect.want))
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

// wantedSession is the session as selectSession returns it.
var wantedSession = map[string]string{
	"autocommit":               "ON",
	"character_set_client":     charset,
	"character_set_connection": charset,
	"character_set_results":    charset,
	"collation_connection":     collation,
	"innodb_lock_wait_timeout": strconv.Itoa(lockWait),
	"sql_mode":                 sqlMode,
	"time_zone":                "+00:00",
	"transaction_isolation":    isolation,
}

// checkSession rejects a server or proxy that does not keep the session settings.
func checkSession(got map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(wantedSession)) {
		if want := wantedSession[name]; modes(got[name]) != modes(want) {
			return settingError(fmt.Sprintf("setting %s has no effect, perhaps because of a proxy: the server uses %q instead of %q", name, got[name], want))
		}
	}
	return nil
}

// modes returns a list of modes in a fixed order: the server has its own.
func modes(list string) string {
	all := strings.Split(list, ",")
	slices.Sort(all)
	return strings.Join(all, ",")
}
