package redis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"roster/internal/secret"
)

// Mode determines the meaning of the addresses.
type Mode int

// The modes.
const (
	Single   Mode = iota // one server
	Sentinel             // sentinels, which locate the server
	Cluster              // nodes of a cluster, at least some of them
)

// Options describe how to connect to Redis.
type Options struct {
	Mode      Mode
	Addresses []string // "host:port"
	Database  int      // number in the channel's name
	User      string   // "": the default user
	Password  secret.Text
	TLS       bool   // with certificate verification
	CAFile    string // PEM; "" means the system's CAs

	Master           string // the sentinels' name for the server
	SentinelUser     string
	SentinelPassword secret.Text
}

// channel is the channel of an installation. Channels in Redis are independent
// of its numbered databases.
func (o Options) channel() string { return "roster:tasks:" + strconv.Itoa(o.Database) }

// String describes the servers, without passwords.
func (o Options) String() string {
	text := "Redis at " + strings.Join(o.Addresses, ", ")
	switch o.Mode {
	case Sentinel:
		return "the " + strings.Replace(text, "Redis at", "Redis "+o.Master+" of the sentinels at", 1)
	case Cluster:
		return "the " + strings.Replace(text, "Redis at", "Redis cluster at", 1)
	default:
		return text
	}
}

// answerLimit is the timeout for connecting to Redis and for its responses.
const answerLimit = 2 * time.Second

// connect connects to the server, or to any node of a cluster: nodes forward
// published messages to all. When ctx is done, all connections are closed, so
// that nothing waits for an unresponsive server.
func connect(ctx context.Context, o Options) (client rueidis.Client, err error) {
	security, err := o.security()
	if err != nil {
		return nil, err
	}
	if o.Mode == Sentinel {
		return rueidis.NewClient(o.clientOption(ctx, o.Addresses, security))
	}
	for _, n := range rand.Perm(len(o.Addresses)) { //nolint:gosec // only spreads the load
		one := o.clientOption(ctx, o.Addresses[n:n+1], security)
		one.ForceSingleClient = true
		if client, err = rueidis.NewClient(one); err == nil {
			return client, nil
		}
	}
	return nil, err
}

// clientOption returns how to connect to addresses.
func (o Options) clientOption(ctx context.Context, addresses []string, security *tls.Config) rueidis.ClientOption {
	const small = 16 << 10 // bytes of a buffer: messages are short
	dialer := net.Dialer{Timeout: answerLimit, KeepAlive: answerLimit}
	return rueidis.ClientOption{
		InitAddress: addresses, Username: o.User, Password: o.Password.Reveal(), ClientName: "roster",
		TLSConfig: security, Dialer: dialer, ConnWriteTimeout: answerLimit,
		Sentinel: rueidis.SentinelOption{
			MasterSet: o.Master, Username: o.SentinelUser, Password: o.SentinelPassword.Reveal(), ClientName: "roster",
			TLSConfig: security, Dialer: dialer, TopologyRefreshInterval: beatEvery,
		},
		DialCtxFn: func(_ context.Context, address string, dialer *net.Dialer, security *tls.Config) (net.Conn, error) {
			return dial(ctx, address, dialer, security)
		},
		ClientSetInfo: rueidis.DisableClientSetInfo, DisableRetry: true, DisableCache: true,
		PipelineMultiplex: -1, RingScaleEachConn: 8, ReadBufferEachConn: small, WriteBufferEachConn: small,
	}
}

// dial connects, and closes the connection when ctx is done.
func dial(ctx context.Context, address string, dialer *net.Dialer, security *tls.Config) (conn net.Conn, err error) {
	if security != nil {
		conn, err = (&tls.Dialer{NetDialer: dialer, Config: security}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = dialer.DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() }) // an error means closed
	return conn, nil
}

// security returns the TLS configuration, nil for an unencrypted connection.
func (o Options) security() (*tls.Config, error) {
	if !o.TLS {
		return nil, nil //nolint:nilnil // rueidis takes nil for no TLS
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile == "" {
		return config, nil
	}
	certificates, err := os.ReadFile(o.CAFile)
	if err != nil {
		return nil, err
	}
	config.RootCAs = x509.NewCertPool()
	config.RootCAs.AppendCertsFromPEM(certificates)
	return config, nil
}

// explain describes an error on one line, with a remedy.
func (o Options) explain(err error) error {
	said := ""
	if answer, ok := rueidis.IsRedisErr(err); ok {
		said = answer.Error()
	}
	word, _, _ := strings.Cut(said, " ")
	var network net.Error
	switch {
	case word == "WRONGPASS" || strings.Contains(said, "invalid password"):
		return fmt.Errorf("%s rejects the user or the password", o)
	case word == "NOAUTH":
		return fmt.Errorf("%s requires a password", o)
	case word == "NOPERM":
		return fmt.Errorf("%s does not let this user publish and subscribe: it needs +publish, +subscribe and &roster:*", o)
	case errors.Is(err, errDeaf):
		return fmt.Errorf("%s: %w", o, err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return fmt.Errorf("%s does not answer within %s", o, answerLimit)
	case said != "":
		return fmt.Errorf("%s says: %s", o, firstLine(said))
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	return fmt.Errorf("%s cannot be reached: %s", o, firstLine(err.Error()))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
