package cli_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// smtpServer is a mail server that refuses the recipients no@…, and hangs up
// on drop@… when it has the message. It returns its address as settings.
func smtpServer(t *testing.T) (settings []string, taken <-chan string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	texts := make(chan string, 10)
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &smtpSession{conn: c, taken: texts}, nil }))
	srv.Domain = "localhost"
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = srv.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		<-served
	})
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return []string{"EMAIL_BACKEND=smtp", "EMAIL_HOST=127.0.0.1", "EMAIL_PORT=" + port, "DEFAULT_FROM_EMAIL=Roster <users@example.com>"}, texts
}

type smtpSession struct {
	conn  *smtp.Conn
	to    string
	taken chan<- string
}

func (*smtpSession) Reset()        {}
func (*smtpSession) Logout() error { return nil }

func (*smtpSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	switch name, _, _ := strings.Cut(to, "@"); name {
	case "no":
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"}
	case "relay":
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Relay access denied"}
	case "helo":
		return &smtp.SMTPError{Code: 504, EnhancedCode: smtp.EnhancedCode{5, 5, 2}, Message: "<vm>: Helo command rejected: need fully-qualified hostname"}
	}
	return nil
}

func (s *smtpSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if strings.HasPrefix(s.to, "drop@") {
		return errors.Join(err, s.conn.Conn().Close())
	}
	s.taken <- string(text)
	return err
}

func TestSendTestEmail_SMTP(t *testing.T) {
	t.Parallel()
	settings, taken := smtpServer(t)
	where := "through 127.0.0.1:" + strings.TrimPrefix(settings[2], "EMAIL_PORT=") + " ("
	status, out, errs := run(t, settings, "sendtestemail", "ada@example.com")
	if want := "sent to ada@example.com " + where + "not encrypted)\n"; status != 0 || out != want || errs != "" {
		t.Errorf("got %d, %q, %q, want 0 and %q", status, out, errs, want)
	}
	if text := <-taken; !strings.Contains(text, "\r\nFrom: \"Roster\" <users@example.com>\r\n") || !strings.Contains(text, "\r\nTo: <ada@example.com>\r\n") {
		t.Errorf("got the message %s", text)
	}
	for name, test := range map[string]struct {
		address string
		more    []string
		want    string
	}{
		"a recipient who is refused": {"no@example.com", nil, "not encrypted): the server rejects the recipient: 550 5.1.1 No such user here"},
		"a relay":                    {"relay@example.com", nil, "not encrypted): the server does not relay messages for this machine: 554 5.7.1 Relay access denied; see EMAIL_HOST and EMAIL_HOST_USER"},
		"a bare name":                {"helo@example.com", nil, "not encrypted): the server rejects the name of this machine: 504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname; see EMAIL_EHLO_NAME"},
		"unknown":                    {"drop@example.com", nil, "not encrypted): it may have arrived, but the connection to the server failed: EOF"},
		"not an address":             {"ada@", nil, "not encrypted): the message cannot be sent: the recipient is not an address"},
		"an injection":               {"ada@example.com\r\nBcc: eve@example.com", nil, "not encrypted): the message cannot be sent: the recipient is not an address"},
		"no STARTTLS":                {"ada@example.com", []string{"EMAIL_USE_TLS=1"}, "STARTTLS): the server does not offer STARTTLS; see EMAIL_USE_TLS, EMAIL_USE_SSL and EMAIL_PORT"},
		"no TLS":                     {"ada@example.com", []string{"EMAIL_USE_SSL=1"}, "TLS): the server does not support implicit TLS; set EMAIL_USE_TLS=true instead of EMAIL_USE_SSL"},
		"no login":                   {"ada@example.com", []string{"EMAIL_HOST_USER=u", "EMAIL_HOST_PASSWORD=hunter2"}, "not encrypted): the server offers no supported login: "},
	} {
		status, out, errs := run(t, append(settings, test.more...), "sendtestemail", test.address)
		if status != 1 || out != "" || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "roster: not sent to ") || !strings.Contains(errs, where+test.want) {
			t.Errorf("%s: got %d, %q, %q, want 1 and one line with %q", name, status, out, errs, where+test.want)
		}
		if strings.Contains(errs, "hunter2") {
			t.Errorf("%s: %q shows the password", name, errs)
		}
	}
}

// A server that never answers is not waited for when the command is stopped.
func TestSendTestEmail_Stopped(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = listener.Accept()
		cancel()
	}()
	status, _, errs := runContext(t, ctx, []string{"EMAIL_BACKEND=smtp", "EMAIL_PORT=" + port}, "sendtestemail", "ada@example.com")
	if want := ": context canceled\n"; status != 1 || !strings.HasSuffix(errs, want) {
		t.Errorf("got %d, %q, want 1 and %q", status, errs, want)
	}
}

// Errors in an operator's templates are reported before anything is served or sent.
func TestMain_MailTemplateFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"welcome.txt": "{{define \"subject\"}}x{{end}}\n{{.Nickname}}", "wellcome.html": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	environ := []string{"EMAIL_TEMPLATES=" + dir, "LOG_DIR=", "DB_NAME=" + filepath.Join(t.TempDir(), "db.sqlite3")}
	for _, args := range [][]string{{"check"}, {"serve", "--bind", "127.0.0.1:0"}, {"sendtestemail", "ada@example.com"}} {
		status, _, errs := run(t, environ, args...)
		lines := strings.Split(strings.TrimSpace(errs), "\n")
		if status != 1 || len(lines) != 2 || !strings.HasPrefix(lines[0], "roster: EMAIL_TEMPLATES: wellcome.html: no template has this name") ||
			!strings.HasPrefix(lines[1], "roster: EMAIL_TEMPLATES: welcome.txt:2:2: ") {
			t.Errorf("%v: got %d, %q, want 1 and a line for each file", args, status, errs)
		}
	}
}
