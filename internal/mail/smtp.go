package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

// Security is the encryption of a connection. The certificate is always
// verified for the configured host, with TLS 1.2 or later.
type Security int

// The kinds of encryption.
const (
	Plain    Security = iota // none: for a local server
	STARTTLS                 // upgrade with STARTTLS, which the server must support
	TLS                      // implicit TLS
)

// String returns the name for display.
func (s Security) String() string {
	return map[Security]string{Plain: "not encrypted", STARTTLS: "STARTTLS", TLS: "TLS"}[s]
}

// The defaults of SMTPOptions.
const (
	defaultTimeout     = 30 * time.Second
	defaultIdle        = 30 * time.Second
	defaultConnections = 8
	defaultQuiet       = 3 * time.Second
)

// SMTPOptions configure an SMTP. Zero values of the fields after Composer mean
// the default.
type SMTPOptions struct {
	Host           string // host name or address, IPv6 without brackets
	Port           int
	Security       Security
	User, Password string // no user: no login
	HelloName      string // name for EHLO; empty: this machine's full name, or its address
	Composer       Composer

	Timeout     time.Duration  // per message, including the connection: 30 s
	Idle        time.Duration  // idle time before a connection is closed: 30 s
	Connections int            // maximum number: 8
	Quiet       time.Duration  // wait for a greeting before asking whether the server expects TLS: 3 s
	RootCAs     *x509.CertPool // trusted CAs: those of the system
}

// SMTP sends messages through one server, and reuses connections. It is safe
// for concurrent use. Call Close when done.
type SMTP struct {
	options SMTPOptions
	pool    *pool

	naming sync.Mutex
	named  bool // whether name was looked up
	name   string
}

// NewSMTP returns a sender, which connects on demand.
func NewSMTP(o SMTPOptions) *SMTP {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Idle == 0 {
		o.Idle = defaultIdle
	}
	if o.Connections == 0 {
		o.Connections = defaultConnections
	}
	if o.Quiet == 0 {
		o.Quiet = min(defaultQuiet, o.Timeout/3)
	}
	return &SMTP{options: o, pool: newPool(o.Connections, o.Idle)}
}

// String names the server: "smtp.example.com:587 (STARTTLS)".
func (s *SMTP) String() string { return fmt.Sprintf("%s (%s)", s.address(), s.options.Security) }

func (s *SMTP) address() string {
	return net.JoinHostPort(s.options.Host, strconv.Itoa(s.options.Port))
}

// Send delivers the message to the server and returns nil once the server has
// accepted it. Every error is a *SendError; see State for how to react. Send
// waits for a connection until ctx is done; after that the message may take up
// to Timeout. If a reused connection turns out to be dead and nothing can have
// been delivered, Send tries once more on a new one.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	c, err := s.options.Composer.compose(m)
	if err != nil {
		return err
	}
	if err := s.pool.enter(ctx); err != nil {
		return &SendError{State: Deferred, Origin: OfServer, Message: "not sent", Cause: err}
	}
	defer s.pool.leave()
	ctx, cancel := context.WithTimeoutCause(ctx, s.options.Timeout, timeoutError(s.options.Timeout))
	defer cancel()
	err = s.attempt(ctx, s.reuse(ctx), c)
	if errors.Is(err, errStale) {
		return s.attempt(ctx, nil, c)
	}
	return err
}

func timeoutError(limit time.Duration) error { return fmt.Errorf("no answer within %s", limit) }

// Close closes idle connections, and waits for those in use. Later sends fail
// as Deferred. It may be called repeatedly.
func (s *SMTP) Close() error {
	s.pool.close()
	return nil
}

// errStale means that a reused connection was closed before the message was
// sent.
var errStale = errors.New("the server had closed the connection")

// attempt sends a message over c, or over a new connection if c is nil.
func (s *SMTP) attempt(ctx context.Context, c *conn, m composed) error {
	used := c != nil
	if !used {
		var err error
		if c, err = s.dial(ctx); err != nil {
			return err
		}
	}
	failed := c.deliver(ctx, m)
	if failed == nil {
		s.pool.put(c)
		return nil
	}
	if failed.Code != 0 && failed.Code != serviceNotAvailable {
		s.pool.put(c)
		return failed
	}
	c.drop()
	if used && failed.State == Deferred && ctx.Err() == nil {
		return errStale
	}
	return failed
}

// reuse returns an idle connection that still responds, nil if there is none.
// It tests only one: in a network that drops packets, testing takes time.
func (s *SMTP) reuse(ctx context.Context) *conn {
	c := s.pool.take()
	if c != nil && !c.answers(ctx) {
		c.drop()
		return nil
	}
	return c
}
