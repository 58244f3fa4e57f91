package mail_test

import (
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/mail"
)

// A server with implicit TLS waits for the client. It is recognized long before
// the timeout, and the error names the settings.
func TestSMTP_ImplicitTLSExpected(t *testing.T) {
	t.Parallel()
	for _, security := range []mail.Security{mail.Plain, mail.STARTTLS} {
		s := start(t, &server{}, mail.TLS)
		sender := s.sender(security, func(o *mail.SMTPOptions) { o.Quiet, o.Timeout = 20*time.Millisecond, time.Hour })
		requireFailure(t, sender.Send(t.Context(), valid()), mail.Unusable, 0, "the server expects implicit TLS on this port; set EMAIL_USE_SSL=true")
		if len(s.received()) != 0 {
			t.Error("the server got the message")
		}
	}
}

// A server that takes its time to greet is waited for.
func TestSMTP_SlowGreeting(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	second := make(chan struct{}) // which asks for TLS
	s := play(t, func(line string) string {
		if line == "connect" {
			if connections.Add(1) == 1 {
				<-second
			} else {
				close(second)
			}
		}
		return accept(line)
	})
	sender := s.sender(t, func(o *mail.SMTPOptions) { o.Quiet = 20 * time.Millisecond })
	if err := sender.Send(t.Context(), valid()); err != nil {
		t.Error(err)
	}
}
