package mysql

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	gomysql "github.com/go-sql-driver/mysql"

	"roster/internal/store/sqldb"
)

// Options say which database to use, and how.
type Options struct {
	User, Password string
	Host           string // a name or an address; 127.0.0.1 when empty
	Port           int    // 3306 when 0
	Database       string

	// TLS is off (as is ""), on, or the file of the certificates (PEM) of the
	// authorities to trust instead of the system's. The server's name is verified.
	TLS string

	// Replicas are the addresses (host:port) of servers that follow this one by
	// GTIDs, for the same user, password, database and TLS. See query.Relaxed.
	Replicas []string

	PoolSize    int           // how many connections to each server are kept; 10 when 0
	MaxOverflow int           // how many more may be opened under load
	Recycle     time.Duration // when a connection is replaced; 24 hours when 0, and earlier when the server says so
	Wait        time.Duration // how long to wait for a server that does not answer yet
	Logger      *slog.Logger  // nil for none

	sqldb.Observers

	maxLag, checkEvery, checkTimeout time.Duration // of replicas
}

// The timeouts of a connection. What waits for a lock waits for lockWait,
// so that the server's answer comes before the reader gives up.
const (
	dialTimeout = 5 * time.Second
	ioTimeout   = 30 * time.Second
	lockWait    = 5 // seconds
)

const (
	charset   = "utf8mb4"
	collation = "utf8mb4_0900_bin" // of parameters; a column's own is stronger

	isolation = "READ-COMMITTED"
	strict    = "STRICT_ALL_TABLES"
)

// sessionVariables are set on every connection, as SQL. With PIPES_AS_CONCAT the
// operator || is that of the standard, and of SQLite.
var sessionVariables = map[string]string{
	"sql_mode":                 "'" + strict + ",PIPES_AS_CONCAT,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO'",
	"time_zone":                "'+00:00'",
	"collation_connection":     "'" + collation + "'",
	"transaction_isolation":    "'" + isolation + "'",
	"autocommit":               "1",
	"innodb_lock_wait_timeout": strconv.Itoa(lockWait),
}

// withDefaults returns the options with the values that stand for zero.
func (o Options) withDefaults() Options {
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if o.Port == 0 {
		o.Port = 3306
	}
	if o.PoolSize < 1 {
		o.PoolSize = 10
	}
	if o.Recycle <= 0 {
		o.Recycle = 24 * time.Hour
	}
	if o.maxLag <= 0 {
		o.maxLag, o.checkEvery, o.checkTimeout = MaxLag, checkEvery, checkTimeout
	}
	return o
}

func (o Options) address() string { return net.JoinHostPort(o.Host, strconv.Itoa(o.Port)) }

// connector opens connections whose reads and writes take no longer than
// timeout; 0 is no limit.
func (o Options) connector(timeout time.Duration) (driver.Connector, error) {
	c := gomysql.NewConfig()
	c.User, c.Passwd, c.DBName = o.User, o.Password, o.Database
	c.Net, c.Addr = "tcp", o.address()
	c.Timeout, c.ReadTimeout, c.WriteTimeout = dialTimeout, timeout, timeout
	c.Params = sessionVariables
	c.ClientFoundRows = true   // an update that changes nothing has found its row
	c.InterpolateParams = true // one round trip for each statement
	c.RejectReadOnly = true    // leaves a server that was demoted
	c.Logger = driverLog{o.Logger}
	security, err := o.security()
	if err != nil {
		return nil, fmt.Errorf("DB_TLS: %w", err)
	}
	c.TLS = security
	if err := c.Apply(gomysql.Charset(charset, "")); err != nil {
		return nil, err
	}
	return gomysql.NewConnector(c)
}

// security returns how to secure connections, nil for not at all.
func (o Options) security() (*tls.Config, error) {
	if o.TLS == "" || o.TLS == "off" {
		return nil, nil //nolint:nilnil // no configuration is what the driver takes for no TLS
	}
	c := &tls.Config{ServerName: o.Host, MinVersion: tls.VersionTLS12}
	if o.TLS == "on" {
		return c, nil
	}
	certificates, err := os.ReadFile(o.TLS)
	if err != nil {
		return nil, err
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(certificates) {
		return nil, errors.New(o.TLS + " holds no certificate in PEM")
	}
	return c, nil
}

// driverLog takes what the driver has to say, which errors repeat.
type driverLog struct{ log *slog.Logger }

// Print implements the driver's Logger.
func (l driverLog) Print(v ...any) {
	if l.log != nil {
		l.log.Debug("driver", "text", fmt.Sprint(v...))
	}
}
