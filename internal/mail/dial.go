package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
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
	f := newFailure(ctx, atConnection, err)
	f.Message = "the server cannot be reached"
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		f.State, f.Origin, f.Message, f.Cause = Unusable, OfHost, "there is no such host", nil
	}
	if op, ok := errors.AsType[*net.OpError](f.Cause); ok {
		f.Cause = op.Err // without the address, which the reader has configured
	}
	return f
}

// greet completes all steps before the first message.
func (s *SMTP) greet(ctx context.Context, c *conn) error {
	stream := c.raw
	if s.options.Security == TLS {
		encrypted := tls.Client(c.raw, s.tlsConfig())
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return encryptionFailure(ctx, err)
		}
		stream = encrypted
	}
	c.client = newClient(stream)
	if err := s.greeting(ctx, c.client); err != nil {
		return err
	}
	name := s.helloName(ctx, c.raw)
	if err := c.client.hello(name); err != nil {
		return newFailure(ctx, atHello, err)
	}
	if s.options.Security == STARTTLS {
		if err := s.startTLS(ctx, c, name); err != nil {
			return err
		}
	}
	return s.signIn(ctx, c.client)
}

// startTLS encrypts the connection, and says EHLO again: what the server offered
// before may not be true (RFC 3207, section 4.2).
func (s *SMTP) startTLS(ctx context.Context, c *conn, name string) error {
	if _, ok := c.client.offered("STARTTLS"); !ok {
		return &SendError{State: Unusable, Origin: OfEncryption, Message: "the server does not offer STARTTLS"}
	}
	if err := c.client.do(220, "STARTTLS"); err != nil {
		return encryptionFailure(ctx, err)
	}
	encrypted := tls.Client(c.raw, s.tlsConfig())
	if err := encrypted.HandshakeContext(ctx); err != nil {
		return encryptionFailure(ctx, err)
	}
	c.client = newClient(encrypted)
	if err := c.client.hello(name); err != nil {
		return newFailure(ctx, atHello, err)
	}
	return nil
}

func (s *SMTP) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.options.Host, RootCAs: s.options.RootCAs, MinVersion: tls.VersionTLS12}
}

// encryptionFailure distinguishes an untrusted server, or one that speaks
// another protocol, from one that is unavailable.
func encryptionFailure(ctx context.Context, err error) error {
	f := newFailure(ctx, atEncryption, err)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		f.State, f.Origin, f.Message = Unusable, OfEncryption, "the certificate of the server is not trusted"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		f.State, f.Origin, f.Cause = Unusable, OfEncryption, nil
		f.Message = "the server does not support implicit TLS; set EMAIL_USE_TLS=true instead of EMAIL_USE_SSL"
	}
	return f
}

// isLocal reports whether host is this machine.
func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}
