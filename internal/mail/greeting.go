package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// greeting waits for the first line of the server. A server with implicit TLS
// waits for the client instead; greeting then returns an error that says so.
func (s *SMTP) greeting(ctx context.Context, c *client) error {
	greeted := make(chan error, 1)
	go func() {
		_, _, err := c.answer(220)
		greeted <- err
	}()
	quiet := time.NewTimer(s.options.Quiet)
	defer quiet.Stop()
	var err error
	select {
	case err = <-greeted:
		if _, ok := errorAnswer(err); err != nil && !ok && s.closesOnPlain(ctx) {
			return implicitTLS()
		}
	case <-quiet.C:
		var expected bool
		if expected, err = s.probeUntil(ctx, greeted); expected {
			return implicitTLS()
		}
	}
	if err != nil {
		return newFailure(ctx, atConnection, err)
	}
	return nil
}

func implicitTLS() error {
	return &SendError{State: Unusable, Origin: OfEncryption, Message: "the server expects implicit TLS on this port; set EMAIL_USE_SSL=true, and not EMAIL_USE_TLS"}
}

// probeUntil reports whether the server expects TLS, unless it greets before that
// is known; then probeUntil returns the error of the greeting.
func (s *SMTP) probeUntil(ctx context.Context, greeted <-chan error) (expected bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	probed := make(chan bool, 1)
	go func() { probed <- s.expectsTLS(ctx) }()
	select {
	case err = <-greeted:
		return false, err
	case expected = <-probed:
		if expected {
			return true, nil
		}
		return false, <-greeted
	}
}

// closesOnPlain is expectsTLS for a server that has closed the connection. It
// takes no longer than Quiet.
func (s *SMTP) closesOnPlain(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, s.options.Quiet)
	defer cancel()
	return s.expectsTLS(ctx)
}

// expectsTLS reports whether the server answers TLS on a new connection.
func (s *SMTP) expectsTLS(ctx context.Context) bool {
	if s.options.Security == TLS || ctx.Err() != nil {
		return false
	}
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address())
	if err != nil {
		return false
	}
	defer func() { _ = raw.Close() }()
	config := s.tlsConfig()
	config.InsecureSkipVerify = true // nothing is sent
	err = tls.Client(raw, config).HandshakeContext(ctx)
	_, refused := errors.AsType[tls.AlertError](err)
	return err == nil || refused
}
