package mail_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"roster/internal/fault"
	"roster/internal/mail"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// requireFailure checks the state, the code and the text of a failure.
func requireFailure(t *testing.T, err error, state mail.State, code int, text string) {
	t.Helper()
	failure, ok := errors.AsType[*mail.SendError](err)
	if !ok || failure.State != state || failure.Code != code || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %+v (%v), want state %d, code %d and %q", failure, err, state, code, text)
	}
	kind := fault.Unavailable
	if state == mail.Refused {
		kind = fault.Invalid
	}
	if got := fault.KindOf(err); got != kind {
		t.Errorf("%v: got kind %d, want %d", err, got, kind)
	}
}

func TestSMTP_Security(t *testing.T) {
	t.Parallel()
	for _, security := range []mail.Security{mail.Plain, mail.STARTTLS, mail.TLS} {
		s := start(t, &server{user: "roster", password: "right"}, security)
		sender := s.sender(security)
		if err := sender.Send(t.Context(), valid()); err != nil {
			t.Errorf("%v: %v", security, err)
		}
		got := s.received()
		if len(got) != 1 || got[0].from != "users@example.com" || got[0].to != "ada@example.com" {
			t.Fatalf("%v: got %+v, want one message", security, got)
		}
		printed, err := render(t, valid())
		if err != nil || strings.ReplaceAll(got[0].text, "\r\n", "\n") != printed {
			t.Errorf("%v: got %q, want what the console prints (%v)", security, got[0].text, err)
		}
	}
}

func TestSMTP_String(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]mail.SMTPOptions{
		"smtp.example.com:587 (STARTTLS)": {Host: "smtp.example.com", Port: 587, Security: mail.STARTTLS},
		"[::1]:465 (TLS)":                 {Host: "::1", Port: 465, Security: mail.TLS},
		"localhost:25 (not encrypted)":    {Host: "localhost", Port: 25},
	} {
		if got := mail.NewSMTP(o).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestSMTP_Login(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mechanisms []string
		password   string
		code       int // 0: it succeeds
		text       string
	}{
		"PLAIN":          {[]string{"PLAIN"}, "right", 0, ""},
		"LOGIN":          {[]string{"LOGIN"}, "right", 0, ""},
		"CRAM-MD5":       {[]string{"CRAM-MD5"}, "right", 0, ""},
		"wrong CRAM-MD5": {[]string{"CRAM-MD5"}, "hunter2", 535, "the server rejects the user or the password: 535 "},
		"wrong PLAIN":    {[]string{"PLAIN"}, "hunter2", 535, "the server rejects the user or the password: 535 "},
		"wrong LOGIN":    {[]string{"LOGIN"}, "hunter2", 535, "the server rejects the user or the password: 535 "},
		"nothing known":  {[]string{"GSSAPI"}, "hunter2", -1, "the server offers no supported login"},
		"the first wins": {[]string{"GSSAPI", "PLAIN", "LOGIN"}, "right", 0, ""},
	} {
		s := start(t, &server{user: "roster", password: test.password, mechanisms: test.mechanisms}, mail.STARTTLS)
		err := s.sender(mail.STARTTLS).Send(t.Context(), valid())
		if test.code == 0 {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		requireFailure(t, err, mail.Unusable, max(0, test.code), test.text)
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v shows the password", name, err)
		}
	}
}

// The password does not leave in the clear, whatever the server offers. The
// address 0.0.0.0 leads here, and is none of this machine's own.
func TestSMTP_NoPasswordInTheClear(t *testing.T) {
	t.Parallel()
	s := start(t, &server{user: "roster", password: "right"}, mail.Plain)
	sender := s.sender(mail.Plain, func(o *mail.SMTPOptions) { o.Host = "0.0.0.0" })
	requireFailure(t, sender.Send(t.Context(), valid()), mail.Unusable, 0, "the password is not sent without encryption")
	if s.logins() != 0 {
		t.Error("the server was sent a login")
	}
}

func TestSMTP_Encryption(t *testing.T) {
	t.Parallel()
	_, strangers := newCertificate(t)
	stranger := func(o *mail.SMTPOptions) { o.RootCAs = strangers }
	otherName := func(o *mail.SMTPOptions) { o.Host = "localhost" } // the certificate is for 127.0.0.1
	for name, test := range map[string]struct {
		server, client mail.Security
		change         func(*mail.SMTPOptions)
		want           string
	}{
		"a stranger's certificate by STARTTLS": {mail.STARTTLS, mail.STARTTLS, stranger, "the certificate of the server is not trusted: "},
		"a stranger's certificate by TLS":      {mail.TLS, mail.TLS, stranger, "the certificate of the server is not trusted: "},
		"another name by STARTTLS":             {mail.STARTTLS, mail.STARTTLS, otherName, "the certificate of the server is not trusted: "},
		"another name by TLS":                  {mail.TLS, mail.TLS, otherName, "the certificate of the server is not trusted: "},
		"no STARTTLS":                          {mail.Plain, mail.STARTTLS, nil, "the server does not offer STARTTLS"},
		"TLS to a server without":              {mail.STARTTLS, mail.TLS, nil, "the server does not support implicit TLS"},
	} {
		s := start(t, &server{}, test.server)
		change := test.change
		if change == nil {
			change = func(*mail.SMTPOptions) {}
		}
		err := s.sender(test.client, change).Send(t.Context(), valid())
		requireFailure(t, err, mail.Unusable, 0, test.want)
		if len(s.received()) != 0 {
			t.Errorf("%s: the server got the message", name)
		}
	}
}

func TestSMTP_NoServer(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	number, _ := strconv.Atoi(port)
	closed := mail.NewSMTP(mail.SMTPOptions{Host: "127.0.0.1", Port: number, Composer: composer()})
	requireFailure(t, closed.Send(t.Context(), valid()), mail.Deferred, 0, "the server cannot be reached: connect: connection refused")
	nowhere := mail.NewSMTP(mail.SMTPOptions{Host: "smtp..example", Port: 25, Composer: composer()}) // not asked of the DNS
	requireFailure(t, nowhere.Send(t.Context(), valid()), mail.Unusable, 0, "there is no such host")
}

// The connection ends after the final dot: the server may have the message.
func TestSMTP_DropAfterTheFinalDot(t *testing.T) {
	t.Parallel()
	s := start(t, &server{onData: func(c *smtp.Conn) error { return c.Conn().Close() }}, mail.Plain)
	sender := s.sender(mail.Plain)
	requireFailure(t, sender.Send(t.Context(), valid()), mail.Unknown, 0, "the connection to the server failed: ")
	if got := s.connections(); got != 1 {
		t.Errorf("got %d connections, want 1: what may have arrived is not sent again", got)
	}
}

func TestSMTP_DropBeforeTheMessage(t *testing.T) {
	t.Parallel()
	sender := mail.NewSMTP(mail.SMTPOptions{Host: "127.0.0.1", Port: dropper(t), Composer: composer()})
	requireFailure(t, sender.Send(t.Context(), valid()), mail.Deferred, 0, "the connection to the server failed: ")
}

// The connection ends in the middle of a long text: the server cannot have the
// message.
func TestSMTP_DropWithinTheText(t *testing.T) {
	t.Parallel()
	s := play(t, func(line string) string {
		if strings.HasPrefix(line, "xxx") {
			return "close"
		}
		return accept(line)
	})
	m := valid()
	m.Text = strings.Repeat(strings.Repeat("x", 70)+"\n", 16<<20/71)
	requireFailure(t, s.sender(t).Send(t.Context(), m), mail.Deferred, 0, "the connection to the server failed: ")
}

// dropper is a server that hangs up on everybody. It returns the port.
func dropper(t *testing.T) int {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
	})
	return listener.Addr().(*net.TCPAddr).Port
}

// A server that stops answering is waited for until ctx is done; what that
// means depends on whether it had the whole message.
func TestSMTP_SlowServer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		atData bool
		state  mail.State
	}{
		"before the message": {false, mail.Deferred},
		"after the message":  {true, mail.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			release := make(chan struct{})
			wait := func() error {
				cancel()
				<-release
				return nil
			}
			s := &server{onRcpt: func(string) error { return wait() }}
			if test.atData {
				s = &server{onData: func(*smtp.Conn) error { return wait() }}
			}
			start(t, s, mail.Plain)
			t.Cleanup(func() { close(release) })
			err := s.sender(mail.Plain).Send(ctx, valid())
			requireFailure(t, err, test.state, 0, "the connection to the server failed: context canceled")
		})
	}
}

// A server that accepts the connection and says nothing is given up in time.
func TestSMTP_SilentServer(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	for _, security := range []mail.Security{mail.Plain, mail.STARTTLS, mail.TLS} {
		sender := mail.NewSMTP(mail.SMTPOptions{
			Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Security: security,
			Timeout: 50 * time.Millisecond, Composer: composer(),
		})
		requireFailure(t, sender.Send(t.Context(), valid()), mail.Deferred, 0, "no answer within 50ms")
	}
}

func TestSMTP_UTF8OnlyWhenNeeded(t *testing.T) {
	t.Parallel()
	s := start(t, &server{}, mail.Plain)
	sender := s.sender(mail.Plain)
	m := valid()
	m.To, m.Subject = "ada@bücher.example", "Grüße"
	if err := sender.Send(t.Context(), m); err != nil {
		t.Error(err)
	}
	if got := s.received()[0].to; got != "ada@xn--bcher-kva.example" || s.utf8 != 0 {
		t.Errorf("got %s and %d messages with SMTPUTF8, want the domain in ASCII and none", got, s.utf8)
	}
	m.To = "\u0131rmak@example.com"
	if err := sender.Send(t.Context(), m); err != nil {
		t.Error(err)
	}
	if got := s.received()[1].to; got != m.To || s.utf8 != 1 {
		t.Errorf("got %s and %d messages with SMTPUTF8, want it as it is, and one", got, s.utf8)
	}
	old := start(t, &server{utf8: -1}, mail.Plain)
	requireFailure(t, old.sender(mail.Plain).Send(t.Context(), m), mail.Refused, 553, "the server does not accept non-ASCII addresses")
}

// A server's response is shown on one line, and truncated.
func TestSMTP_LongAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, &server{onRcpt: func(string) error { return answer(550, "\x1b[2J"+strings.Repeat("é", 1000)) }}, mail.Plain)
	err := s.sender(mail.Plain).Send(t.Context(), valid())
	requireFailure(t, err, mail.Refused, 550, "the server rejects the recipient: 550 5.1.1")
	if text := err.Error(); utf8.RuneCountInString(text) > 510 || strings.Contains(text, "\x1b") || !strings.HasSuffix(text, "é…") {
		t.Errorf("got %q", text)
	}
}

// Servers answer in character sets of their own. Errors are UTF-8.
func TestSMTP_ForeignAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, &server{onRcpt: func(string) error { return answer(550, "bo\xeete inconnue") }}, mail.Plain)
	err := s.sender(mail.Plain).Send(t.Context(), valid())
	requireFailure(t, err, mail.Refused, 550, "the server rejects the recipient: 550 5.1.1 bo\uFFFDte inconnue")
}

func TestSMTP_Dots(t *testing.T) {
	t.Parallel()
	s := start(t, &server{}, mail.Plain)
	m := valid()
	m.Text = ".\n..\n.\r\nQUIT\r\n.\n"
	if err := s.sender(mail.Plain).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, parts := parse(t, s.received()[0].text); parts[0].text != ".\n..\n.\nQUIT\n." {
		t.Errorf("got %q", parts[0].text)
	}
}
