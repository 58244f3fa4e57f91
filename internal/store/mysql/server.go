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

// server is one MySQL server and the pool of connections to it.
type server struct {
	options Options
	db      *sql.DB
}

// newServer connects to nothing yet. o has its defaults.
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

// trim gives up unused connections beyond the pool's size.
func (s *server) trim() {
	s.db.SetMaxIdleConns(s.options.PoolSize)
	s.db.SetMaxIdleConns(s.options.PoolSize + s.options.MaxOverflow)
}

const selectSettings = "SELECT VERSION(), @@character_set_client, @@character_set_connection, @@collation_connection," +
	" @@transaction_isolation, @@time_zone, @@sql_mode, @@wait_timeout"

// checkServer reads the server's version and what it made of our settings, and
// sets how old connections may get.
func (s *server) checkServer(ctx context.Context) error {
	return s.lend(ctx, func(c *conn) error {
		c.ctx = ctx
		return c.Query(selectSettings, func(row []driver.Value) error {
			texts := make([]string, len(row))
			for i, value := range row {
				texts[i] = sqldb.TextOf(value).String
			}
			timeout, _ := row[len(row)-1].(int64)
			s.db.SetConnMaxLifetime(lifetime(s.options.Recycle, time.Duration(timeout)*time.Second, rand.Float64())) //nolint:gosec // it only keeps processes from moving in step
			return sqldb.FirstError(checkVersion(texts[0]), checkSession(texts[1:7]))
		})
	})
}

// lifetime returns when to replace a connection: before recycle is over, and
// before the server closes it after timeout without a statement. By random, of
// [0, 1), it is up to a tenth less, so that not all processes reconnect at once.
func lifetime(recycle, timeout time.Duration, random float64) time.Duration {
	if timeout > 0 {
		recycle = min(recycle, timeout*9/10)
	}
	return max(time.Duration(float64(recycle)*(1-random/10)), time.Second)
}

// checkVersion refuses what is not MySQL 8.0 or later. The first releases of
// 8.0 are refused when they do not know the collation.
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

// checkSession refuses a server, or something before it, that does not keep
// the settings of a connection.
func checkSession(got []string) error {
	for i, want := range []string{charset, charset, collation, isolation, "+00:00"} {
		if got[i] != want {
			return fmt.Errorf("it keeps %s where %s is needed", got[i], want)
		}
	}
	for _, want := range []string{strict, "PIPES_AS_CONCAT"} {
		if mode := got[5]; !strings.Contains(mode, want) {
			return fmt.Errorf("its sql_mode is %s, without %s", mode, want)
		}
	}
	return nil
}
