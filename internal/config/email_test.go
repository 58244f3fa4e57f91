package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/config"
)

func TestLoad_Email(t *testing.T) {
	t.Parallel()
	c := load(t, "EMAIL_HOST_PASSWORD='p#$ w'\n", "EMAIL_BACKEND=smtp", "EMAIL_HOST=smtp.example.com", "EMAIL_PORT=587",
		"EMAIL_HOST_USER=roster", "EMAIL_USE_TLS=True", "EMAIL_TIMEOUT=5", "DEFAULT_FROM_EMAIL=Röster <users@example.com>")
	if err := c.Validate(""); err != nil {
		t.Fatalf("Validate: %v", err)
	}
	got := []any{c.EmailBackend, c.EmailHost, c.EmailPort, c.EmailHostUser, c.EmailHostPassword.Reveal(), c.EmailUseTLS, c.EmailUseSSL,
		c.EmailTimeout(), c.DefaultFromEmail}
	want := []any{config.EmailSMTP, "smtp.example.com", 587, "roster", "p#$ w", true, false, 5 * time.Second, "Röster <users@example.com>"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

// EHLO gets a host name or an address literal.
func TestValidate_EHLOName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"": "", "users.example.com": "", "vm": "", "[192.0.2.1]": "", "[IPv6:2001:db8::1]": "",
		"192.0.2.1":      "EMAIL_EHLO_NAME: \"192.0.2.1\" is an address; write [192.0.2.1]",
		"2001:db8::1":    "EMAIL_EHLO_NAME: \"2001:db8::1\" is an address",
		"a b":            "EMAIL_EHLO_NAME: \"a b\" is not a host name",
		"a\r\nRSET":      "EMAIL_EHLO_NAME: ",
		"users.example.": "EMAIL_EHLO_NAME: ",
		"https://a.b/":   "EMAIL_EHLO_NAME: ",
		"bücher.example": "EMAIL_EHLO_NAME: ",
		"[2001:db8::1]":  "EMAIL_EHLO_NAME: ",
	} {
		err := load(t, "", "EMAIL_BACKEND=smtp", "EMAIL_EHLO_NAME="+name).Validate("")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", name, err, want)
		}
	}
}

// A port of another encryption is a warning: servers may use any port.
func TestWarnings_EmailPort(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ settings, want string }{
		{"EMAIL_PORT=465 EMAIL_USE_SSL=true", ""},
		{"EMAIL_PORT=465 EMAIL_USE_TLS=true", "EMAIL_PORT=465 is a port for implicit TLS; set EMAIL_USE_SSL=true instead of EMAIL_USE_TLS"},
		{"EMAIL_PORT=465", "EMAIL_PORT=465 is a port for implicit TLS"},
		{"EMAIL_PORT=587 EMAIL_USE_TLS=true", ""},
		{"EMAIL_PORT=587 EMAIL_USE_SSL=true", "EMAIL_PORT=587 is a port for STARTTLS; set EMAIL_USE_TLS=true instead of EMAIL_USE_SSL"},
		{"EMAIL_PORT=25 EMAIL_USE_SSL=true", "EMAIL_PORT=25 is a port for STARTTLS"},
		{"EMAIL_PORT=25", ""},
		{"EMAIL_PORT=2465 EMAIL_USE_TLS=true", ""},
		{"EMAIL_PORT=465 EMAIL_BACKEND=console", ""},
	} {
		got := strings.Join(load(t, "", append([]string{"EMAIL_BACKEND=smtp"}, strings.Fields(test.settings)...)...).Warnings(), "\n")
		if (got == "") != (test.want == "") || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.settings, got, test.want)
		}
	}
}

// The defaults are those of Django's documentation, "Settings", but for the
// backend and the timeout, of which Django has none.
func TestLoad_EmailDefaults(t *testing.T) {
	t.Parallel()
	c := load(t, "")
	got := []any{c.EmailBackend, c.EmailHost, c.EmailPort, c.EmailHostUser, c.EmailHostPassword.Reveal(), c.EmailUseTLS, c.EmailUseSSL,
		c.EmailTimeout(), c.EmailFilePath, c.EmailTemplates, c.DefaultFromEmail}
	want := []any{config.EmailConsole, "localhost", 25, "", "", false, false, 30 * time.Second, "", "", "webmaster@localhost"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestValidate_Email(t *testing.T) {
	t.Parallel()
	const smtp, login = "EMAIL_BACKEND=smtp", "EMAIL_HOST_USER=u EMAIL_HOST_PASSWORD=hunter2"
	for name, test := range map[string]struct {
		settings string // with spaces between them
		want     string // the one fault; "" for none
	}{
		"an unknown backend":        {"EMAIL_BACKEND=imap", `EMAIL_BACKEND: "imap" is not known; use console, smtp or file`},
		"a host with a port":        {"EMAIL_HOST=smtp:25", `EMAIL_HOST: "smtp:25" is not a host; write a name or an address, such as smtp.example.com or ::1, and the port in EMAIL_PORT`},
		"a port out of range":       {"EMAIL_PORT=0", `EMAIL_PORT: "0" is not a whole number from 1 to 65535`},
		"a timeout out of range":    {"EMAIL_TIMEOUT=601", `EMAIL_TIMEOUT: "601" is not a whole number from 1 to 600`},
		"both ways of encryption":   {"EMAIL_USE_TLS=1 EMAIL_USE_SSL=1", "EMAIL_USE_SSL: cannot be combined with EMAIL_USE_TLS=true; "},
		"a password in the clear":   {smtp + " EMAIL_HOST=smtp.example.com " + login, "EMAIL_HOST_USER: not allowed without encryption, "},
		"a password on TLS":         {smtp + " EMAIL_HOST=smtp.example.com EMAIL_USE_SSL=1 " + login, ""},
		"a password to ourselves":   {smtp + " EMAIL_HOST=127.0.0.1 " + login, ""},
		"a password to LOCALHOST":   {smtp + " EMAIL_HOST=LocalHost " + login, ""},
		"a name that looks local":   {smtp + " EMAIL_HOST=localhost.example.com " + login, "EMAIL_HOST_USER: not allowed without encryption, "},
		"a user without a password": {smtp + " EMAIL_HOST_USER=u", "EMAIL_HOST_PASSWORD: required with EMAIL_HOST_USER"},
		"no server is asked":        {"EMAIL_HOST=smtp.example.com " + login, ""},
		"no directory for files":    {"EMAIL_BACKEND=file", "EMAIL_FILE_PATH: required with EMAIL_BACKEND=file; "},
		"a directory for files":     {"EMAIL_BACKEND=file EMAIL_FILE_PATH=/srv/mail", ""},
		"templates nowhere":         {"EMAIL_TEMPLATES=/nowhere/mail", `EMAIL_TEMPLATES: "/nowhere/mail" is not a directory that can be read`},
		"templates in a directory":  {"EMAIL_TEMPLATES=.", ""},
		"templates in a file":       {"EMAIL_TEMPLATES=email_test.go", `EMAIL_TEMPLATES: "email_test.go" is not a directory`},
		"a sender without a domain": {"DEFAULT_FROM_EMAIL=roster", `DEFAULT_FROM_EMAIL: "roster" is not an address; `},
		"a group as the sender":     {"DEFAULT_FROM_EMAIL=Team:a@b.example;", "DEFAULT_FROM_EMAIL: "},
		"two senders":               {"DEFAULT_FROM_EMAIL=a@b.example,c@d.example", "DEFAULT_FROM_EMAIL: "},
	} {
		err := load(t, "", strings.Split(test.settings, " ")...).Validate("127.0.0.1:8000")
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: got %v, want no fault", name, err)
		case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: got %v, want one line that begins with %s", name, err, test.want)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: %v shows a secret", name, err)
		}
	}
}

func TestValidate_EmailSenderOnOneLine(t *testing.T) {
	t.Parallel()
	err := load(t, "", "DEFAULT_FROM_EMAIL=Roster <a@b.example>\r\nBcc: <c@d.example>").Validate("")
	if err == nil || !strings.HasPrefix(err.Error(), "DEFAULT_FROM_EMAIL: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line that names DEFAULT_FROM_EMAIL", err)
	}
}
