package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"
)

// Security says how a connection is encrypted. The certificate is verified in
// either way, for the host that the settings name, with TLS 1.2 or later.
type Security int

// The ways of encryption.
const (
	Plain    Security = iota // none: for a server on this machine
	STARTTLS                 // from the command STARTTLS on; a server without it is not used
	TLS                      // from the first byte
)

// String names the way for people.
func (s Security) String() string {
	return map[Security]string{Plain: "not encrypted", STARTTLS: "STARTTLS", TLS: "TLS"}[s]
}

// The defaults of SMTPOptions.
const (
	defaultTimeout     = 30 * time.Second
	defaultIdle        = 30 * time.Second
	defaultConnections = 8
)

// SMTPOptions are the settings of an SMTP. A zero value of what follows
// Composer stands for the default.
type SMTPOptions struct {
	Host           string // a name or an address, an IPv6 one without brackets
	Port           int
	Security       Security
	User, Password string // no user: no login
	Composer       Composer

	Timeout     time.Duration  // how long a message may take, connecting included: 30 s
	Idle        time.Duration  // how long a connection is kept without work: 30 s
	Connections int            // how many there may be at once: 8
	RootCAs     *x509.CertPool // who vouches for the server: those that the system trusts
}

// SMTP sends messages through one server, over connections that it keeps and
// uses again. It is safe for concurrent use. Close ends it.
type SMTP struct {
	options SMTPOptions
	pool    *pool
}

// NewSMTP returns a sender; it connects when there is something to send.
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
	return &SMTP{options: o, pool: newPool(o.Connections, o.Idle)}
}

// String names the server: "smtp.example.com:587 (STARTTLS)".
func (s *SMTP) String() string { return fmt.Sprintf("%s (%s)", s.address(), s.options.Security) }

func (s *SMTP) address() string {
	return net.JoinHostPort(s.options.Host, strconv.Itoa(s.options.Port))
}

// Send delivers the message to the server and returns nil once the server has
// taken it over. Every error is a *SendError; see State for what the caller may
// do. It waits for a connection as long as ctx lets it; after that the message
// may take the time that the options say. A connection that turns out to be
// dead costs one more attempt, on a new one, when nothing can have been delivered.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	c, err := s.options.Composer.compose(m)
	if err != nil {
		return err
	}
	if err := s.pool.enter(ctx); err != nil {
		return &SendError{State: Deferred, Message: "not sent", Cause: err}
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

// Close says goodbye on the connections that are idle, and waits for those at
// work. What is sent after that fails as Deferred. It may be called again.
func (s *SMTP) Close() error {
	s.pool.close()
	return nil
}

// errStale means that a used connection was at its end before the message was.
var errStale = errors.New("the server had closed the connection")

// attempt sends a message over a connection, or a new one when that is nil.
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

// reuse returns a kept connection that still answers, nil when there is none.
// It asks one alone: where a network swallows what is sent, asking takes time.
func (s *SMTP) reuse(ctx context.Context) *conn {
	c := s.pool.take()
	if c != nil && !c.answers(ctx) {
		c.drop()
		return nil
	}
	return c
}
