package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// dial opens a connection, encrypts it and logs in, according to the options.
func (s *SMTP) dial(ctx context.Context) (*conn, error) {
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address())
	if err != nil {
		return nil, s.dialFailure(ctx, err)
	}
	c := &conn{raw: raw}
	err = c.within(ctx, func() error { return s.greet(ctx, c) })
	if err != nil {
		c.drop()
		return nil, err
	}
	return c, nil
}

func (s *SMTP) dialFailure(ctx context.Context, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) { // the dialer may time out slightly before ctx
		err = timeoutError(s.options.Timeout)
	}
	f := newFailure(ctx, step{}, err)
	f.Message = "the server cannot be reached"
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		f.State, f.Message, f.Cause = Unusable, "there is no such host", nil
	}
	if op, ok := errors.AsType[*net.OpError](f.Cause); ok {
		f.Cause = op.Err // without the address, which the reader has configured
	}
	return f
}

// greet completes all steps before the first message.
func (s *SMTP) greet(ctx context.Context, c *conn) error {
	conn := c.raw
	if s.options.Security == TLS {
		encrypted := tls.Client(c.raw, s.tlsConfig())
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return encryptionFailure(ctx, err)
		}
		conn = encrypted
	}
	client, err := smtp.NewClient(conn, s.options.Host)
	if err == nil {
		err = client.Hello(helloName())
	}
	if err != nil {
		return newFailure(ctx, step{refusal: "the server rejects the connection", refused: Unusable}, err)
	}
	c.client = client
	if s.options.Security == STARTTLS {
		if err := s.startTLS(ctx, client); err != nil {
			return err
		}
	}
	return s.signIn(ctx, client)
}

// helloName returns this machine's name for EHLO.
func helloName() string {
	name, err := os.Hostname()
	if err != nil || !isDotAtom(name) {
		return "localhost"
	}
	return name
}

func (s *SMTP) startTLS(ctx context.Context, client *smtp.Client) error {
	if ok, _ := client.Extension("STARTTLS"); !ok {
		return &SendError{State: Unusable, Message: "the server does not offer STARTTLS"}
	}
	if err := client.StartTLS(s.tlsConfig()); err != nil {
		return encryptionFailure(ctx, err)
	}
	return nil
}

func (s *SMTP) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.options.Host, RootCAs: s.options.RootCAs, MinVersion: tls.VersionTLS12}
}

// encryptionFailure distinguishes an untrusted server, or one that speaks
// another protocol, from one that is unavailable.
func encryptionFailure(ctx context.Context, err error) error {
	f := newFailure(ctx, step{refusal: "the server rejects encryption", refused: Unusable}, err)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		f.State, f.Message = Unusable, "the certificate of the server is not trusted"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		f.State, f.Message, f.Cause = Unusable, "the server does not support implicit TLS", nil
	}
	return f
}

// signIn authenticates if there is a user. It never sends the password in a way
// that can be intercepted, whatever the server offers.
func (s *SMTP) signIn(ctx context.Context, client *smtp.Client) error {
	if s.options.User == "" {
		return nil
	}
	if s.options.Security == Plain && !isLocal(s.options.Host) {
		return &SendError{State: Unusable, Message: "the password is not sent without encryption"}
	}
	_, offered := client.Extension("AUTH")
	login := s.login(strings.Fields(strings.ToUpper(offered)))
	if login == nil {
		return &SendError{State: Unusable, Message: "the server offers no supported login: PLAIN, LOGIN or CRAM-MD5"}
	}
	if err := client.Auth(login); err != nil {
		return newFailure(ctx, step{refusal: "the server rejects the user or the password", refused: Unusable}, err)
	}
	return nil
}

// login returns our first mechanism that is offered, nil if none is.
func (s *SMTP) login(offered []string) smtp.Auth {
	o := s.options
	for _, mechanism := range offered {
		switch mechanism {
		case "PLAIN":
			return smtp.PlainAuth("", o.User, o.Password, o.Host, true)
		case "LOGIN":
			return smtp.LoginAuth(o.User, o.Password, o.Host, true)
		case "CRAM-MD5":
			return smtp.CRAMMD5Auth(o.User, o.Password)
		}
	}
	return nil
}

// isLocal reports whether host is this machine.
func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}
