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
		if _, ok := errorAnswer(err); err != nil && !ok && s.expectsTLS(ctx) {
			return implicitTLS()
		}
	case <-quiet.C:
		if s.expectsTLS(ctx) {
			return implicitTLS()
		}
		err = <-greeted
	}
	if err != nil {
		return newFailure(ctx, atConnection, err)
	}
	return nil
}

func implicitTLS() error {
	return &SendError{State: Unusable, Origin: OfEncryption, Message: "the server expects implicit TLS on this port; set EMAIL_USE_SSL=true, and not EMAIL_USE_TLS"}
}

// expectsTLS reports whether the server answers TLS on a new connection. It takes
// no longer than Quiet.
func (s *SMTP) expectsTLS(ctx context.Context) bool {
	if s.options.Security == TLS || ctx.Err() != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Quiet)
	defer cancel()
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
