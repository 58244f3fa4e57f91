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
	"path/filepath"
	"strconv"
	"time"

	gomysql "github.com/go-sql-driver/mysql"

	"roster/internal/store/sqldb"
)

// Options configure the database.
type Options struct {
	User, Password string
	Host           string // host name, address, or absolute path of a Unix socket; default 127.0.0.1
	Port           int    // default 3306
	Database       string

	// TLS is off (like ""), on, or the path of a PEM file with the CA
	// certificates to trust instead of the system's. The server's name is
	// verified.
	TLS string

	// Replicas are the addresses (host:port) of servers that replicate this one
	// with GTIDs, with the same user, password, database and TLS. See
	// query.Relaxed.
	Replicas []string

	PoolSize    int           // connections kept per server; default 10
	MaxOverflow int           // additional connections under load
	Recycle     time.Duration // maximum age of a connection; default 24 hours, less if the server's limit is lower
	Wait        time.Duration // how long to wait for an unavailable server
	Logger      *slog.Logger  // nil for none

	sqldb.Observers

	maxLag, checkEvery, checkTimeout time.Duration // for replicas

	maxPacket int // bytes of a statement; 0: that of the server
}

// The timeouts of a connection. Lock waits end after lockWait, so that the
// server responds before the read timeout.
const (
	dialTimeout = 5 * time.Second
	ioTimeout   = 30 * time.Second
	lockWait    = 5 // seconds
)

const (
	charset   = "utf8mb4"
	collation = "utf8mb4_0900_bin" // of parameters; a column's collation takes precedence

	isolation = "READ-COMMITTED"
	sqlMode   = "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO"
)

// sessionVariables are set on every connection, as SQL. checkServer checks that they
// have an effect. No statement uses the operator ||,
// which depends on sql_mode.
var sessionVariables = map[string]string{
	"sql_mode":                 "'" + sqlMode + "'",
	"time_zone":                "'+00:00'",
	"collation_connection":     "'" + collation + "'",
	"transaction_isolation":    "'" + isolation + "'",
	"autocommit":               "1",
	"innodb_lock_wait_timeout": strconv.Itoa(lockWait),
}

// withDefaults returns the options with defaults for zero values.
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

// address returns the address of the server: host and port, or the path of its socket.
func (o Options) address() string {
	if filepath.IsAbs(o.Host) {
		return o.Host
	}
	return net.JoinHostPort(o.Host, strconv.Itoa(o.Port))
}

// connector opens connections whose reads and writes time out after timeout; 0
// means no timeout.
func (o Options) connector(timeout time.Duration) (driver.Connector, error) {
	c := gomysql.NewConfig()
	c.User, c.Passwd, c.DBName = o.User, o.Password, o.Database
	c.Net, c.Addr = "tcp", o.address()
	if filepath.IsAbs(o.Host) {
		c.Net = "unix"
	}
	c.Timeout, c.ReadTimeout, c.WriteTimeout = dialTimeout, timeout, timeout
	c.Params = sessionVariables
	c.ClientFoundRows = true   // count matched rows, even if an update changes nothing
	c.InterpolateParams = true // one round trip per statement
	c.RejectReadOnly = true    // leave a demoted server
	c.MaxAllowedPacket = o.maxPacket
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

// security returns the TLS configuration, nil for none.
func (o Options) security() (*tls.Config, error) {
	if o.TLS == "" || o.TLS == "off" {
		return nil, nil //nolint:nilnil // no configuration is what the driver takes for no TLS
	}
	c := &tls.Config{ServerName: o.Host, MinVersion: tls.VersionTLS12}
	if filepath.IsAbs(o.Host) {
		c.ServerName = "localhost"
	}
	if o.TLS == "on" {
		return c, nil
	}
	certificates, err := os.ReadFile(o.TLS)
	if err != nil {
		return nil, err
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(certificates) {
		return nil, errors.New(o.TLS + " contains no PEM certificate")
	}
	return c, nil
}

// driverLog logs the driver's messages at debug level, because errors repeat
// them.
type driverLog struct{ log *slog.Logger }

// Print implements the driver's Logger.
func (l driverLog) Print(v ...any) {
	if l.log != nil {
		l.log.Debug("driver", "text", fmt.Sprint(v...))
	}
}
