package mail_test

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"roster/internal/mail"
)

// A recipient who is refused takes no other down: the connection serves on.
func TestSMTP_RefusalKeepsTheConnection(t *testing.T) {
	t.Parallel()
	s := start(t, &server{onRcpt: func(to string) error {
		if strings.HasPrefix(to, "no") {
			return answer(550, "No such user.\r\n550 Really.")
		}
		return nil
	}}, mail.Plain)
	sender := s.sender(mail.Plain)
	for i := range 10 {
		m := valid()
		if i%2 == 1 {
			m.To = "noone@example.com"
		}
		if err := sender.Send(t.Context(), m); (err != nil) != (i%2 == 1) {
			t.Errorf("message %d: got %v", i, err)
		}
	}
	if got := s.connections(); got != 1 || len(s.received()) != 5 {
		t.Errorf("got %d messages on %d connections, want 5 on 1", len(s.received()), got)
	}
}

func TestSMTP_ConnectionsAreReused(t *testing.T) {
	t.Parallel()
	s := start(t, &server{user: "roster", password: "right"}, mail.STARTTLS)
	sender := s.sender(mail.STARTTLS)
	for i := range 20 {
		m := valid()
		m.ID = strconv.Itoa(i) + "@example.com"
		if err := sender.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.connections(); got != 1 || len(s.received()) != 20 {
		t.Errorf("got %d messages on %d connections, want 20 on 1", len(s.received()), got)
	}
}

func TestSMTP_ManyAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, &server{}, mail.STARTTLS)
	sender := s.sender(mail.STARTTLS, func(o *mail.SMTPOptions) { o.Connections = 4 })
	var group sync.WaitGroup
	for worker := range 32 {
		group.Go(func() {
			for i := range 5 {
				m := valid()
				m.To = fmt.Sprintf("u%d-%d@example.com", worker, i)
				m.Text = m.To
				if err := sender.Send(t.Context(), m); err != nil {
					t.Errorf("%s: %v", m.To, err)
				}
			}
		})
	}
	group.Wait()
	seen := map[string]bool{}
	for _, d := range s.received() {
		_, parts := parse(t, d.text)
		if seen[d.to] || parts[0].text != d.to {
			t.Errorf("%s: twice, or with the text %q", d.to, parts[0].text)
		}
		seen[d.to] = true
	}
	if got := s.connections(); len(seen) != 160 || got > 4 {
		t.Errorf("got %d messages on %d connections, want 160 on at most 4", len(seen), got)
	}
}

// A caller that waits for a connection gives up when ctx is done.
func TestSMTP_WaitingForAPlace(t *testing.T) {
	t.Parallel()
	reached, release := make(chan struct{}), make(chan struct{})
	s := start(t, &server{onData: func(*smtp.Conn) error {
		close(reached)
		<-release
		return nil
	}}, mail.Plain)
	sender := s.sender(mail.Plain, func(o *mail.SMTPOptions) { o.Connections = 1 })
	first := make(chan error)
	go func() { first <- sender.Send(t.Context(), valid()) }()
	<-reached
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	requireFailure(t, sender.Send(ctx, valid()), mail.Deferred, 0, "not sent: context canceled")
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// A kept connection that the server has closed costs nothing but another one.
func TestSMTP_DeadIdleConnection(t *testing.T) {
	t.Parallel()
	var conns []net.Conn
	s := start(t, &server{onData: func(c *smtp.Conn) error {
		conns = append(conns, c.Conn())
		return nil
	}}, mail.Plain)
	sender := s.sender(mail.Plain)
	for range 3 {
		if err := sender.Send(t.Context(), valid()); err != nil {
			t.Error(err)
		}
		_ = conns[len(conns)-1].Close()
		<-s.ended
	}
	if got := s.connections(); got != 3 || len(s.received()) != 3 {
		t.Errorf("got %d messages on %d connections, want 3 on 3", len(s.received()), got)
	}
}

// Servers that end a connection after some messages do so with 421 to the next one.
func TestSMTP_ServerTiresOfTheConnection(t *testing.T) {
	t.Parallel()
	asked := 0
	s := start(t, &server{onMail: func(string) error {
		if asked++; asked == 2 {
			return answer(421, "Too many messages.")
		}
		return nil
	}}, mail.Plain)
	sender := s.sender(mail.Plain)
	for range 2 {
		if err := sender.Send(t.Context(), valid()); err != nil {
			t.Error(err)
		}
	}
	if got := s.connections(); got != 2 || len(s.received()) != 2 {
		t.Errorf("got %d messages on %d connections, want 2 on 2", len(s.received()), got)
	}
}

func TestSMTP_IdleConnectionsEnd(t *testing.T) {
	t.Parallel()
	s := start(t, &server{}, mail.Plain)
	sender := s.sender(mail.Plain, func(o *mail.SMTPOptions) { o.Idle = time.Millisecond })
	for range 2 {
		if err := sender.Send(t.Context(), valid()); err != nil {
			t.Fatal(err)
		}
		<-s.ended // the server sees the goodbye
		if n := mail.Kept(sender); n != 0 {
			t.Errorf("%d connections that have ended are kept", n)
		}
	}
}

func TestSMTP_Close(t *testing.T) {
	t.Parallel()
	s := start(t, &server{}, mail.Plain)
	sender := s.sender(mail.Plain)
	if err := sender.Send(t.Context(), valid()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := sender.Close(); err != nil {
			t.Error(err)
		}
	}
	<-s.ended
	requireFailure(t, sender.Send(t.Context(), valid()), mail.Deferred, 0, "not sent: mail is shutting down")
}

// Close waits for the message under way, and its connection ends with it.
func TestSMTP_CloseAtWork(t *testing.T) {
	t.Parallel()
	reached, release := make(chan struct{}), make(chan struct{})
	s := start(t, &server{onData: func(*smtp.Conn) error {
		close(reached)
		<-release
		return nil
	}}, mail.Plain)
	sender := s.sender(mail.Plain)
	sent, closed := make(chan error, 1), make(chan error, 1)
	go func() { sent <- sender.Send(t.Context(), valid()) }()
	<-reached
	go func() { closed <- sender.Close() }()
	close(release)
	if err := <-closed; err != nil || len(s.received()) != 1 {
		t.Errorf("got %v and %d messages, want 1 by the time that Close returns", err, len(s.received()))
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
	<-s.ended
}
