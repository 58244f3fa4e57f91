package mail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"roster/internal/mail"
)

// Each field of a message has a maximum length: one less and as much are sent, one
// more is refused.
func TestSend_Lengths(t *testing.T) {
	t.Parallel()
	for field, c := range map[string]struct {
		most int
		set  func(m *mail.Message, n int)
	}{
		"subject": {1000, func(m *mail.Message, n int) { m.Subject = strings.Repeat("é", n) }},
		"id":      {250, func(m *mail.Message, n int) { m.ID = strings.Repeat("x", n-len("@example.com")) + "@example.com" }},
		"unsubscribe": {900, func(m *mail.Message, n int) {
			m.Unsubscribe = "https://example.com/" + strings.Repeat("x", n-len("https://example.com/"))
		}},
	} {
		for n := c.most - 1; n <= c.most+1; n++ {
			m := valid()
			c.set(&m, n)
			if _, err := render(t, m); (err == nil) != (n <= c.most) {
				t.Errorf("%s of %d: got %v", field, n, err)
			}
		}
	}
}

// A Message-ID has the characters of RFC 5322 alone, on both sides.
func TestSend_CharactersOfAnID(t *testing.T) {
	t.Parallel()
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~"
	for r := rune(0); r < 256; r++ {
		for _, id := range []string{"a" + string(r) + "b@example.com", "a@example" + string(r) + "b.com"} {
			m := valid()
			m.ID = id
			if _, err := render(t, m); (err == nil) != (strings.ContainsRune(allowed, r) || r == '.') {
				t.Errorf("%q: got %v", id, err)
			}
		}
	}
	for id, want := range map[string]bool{
		"a.b@c.d": true, ".a@b": false, "a.@b": false, "a..b@c": false, "a@.b": false, "a@b.": false, "a@b..c": false, "@b": false, "a@": false, "@": false,
	} {
		m := valid()
		m.ID = id
		if _, err := render(t, m); (err == nil) != want {
			t.Errorf("%s: got %v", id, err)
		}
	}
}

// A link to unsubscribe is a URL that a mail program can follow.
func TestSend_Unsubscribe(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, "https://example.com/": true, "http://example.com": true, "mailto:a@example.com": true, "mailto:a@example.com?subject=x": true,
		"https:///x": false, "https:x": false, "http:": false, "//example.com/": false, "example.com": false, "ftp://example.com": false, ":": false,
	} {
		m := valid()
		m.Unsubscribe = text
		if _, err := render(t, m); (err == nil) != want {
			t.Errorf("%s: got %v", text, err)
		}
	}
	for r := rune(0); r < 256; r++ {
		m := valid()
		m.Unsubscribe = "https://example.com/?a" + string(r) + "b"
		if _, err := render(t, m); (err == nil) != (r > ' ' && r < 0x7F && !strings.ContainsRune(`<>,"\`, r)) {
			t.Errorf("%q: got %v", m.Unsubscribe, err)
		}
	}
}

// An error is one line of at most 500 characters, and an ellipsis if it was longer.
func TestSendError_Length(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{499: 499, 500: 500, 501: 501, 2000: 501} {
		text := (&mail.SendError{Message: strings.Repeat("é", n)}).Error()
		if utf8.RuneCountInString(text) != want || strings.HasSuffix(text, "…") != (n > 500) {
			t.Errorf("%d: got %d characters, %q", n, utf8.RuneCountInString(text), text)
		}
	}
	cause := errors.New("no\r\nroute\u2028here\xff")
	if got := (&mail.SendError{Message: "not sent", Cause: cause}).Error(); got != "not sent: no route here\uFFFD" {
		t.Errorf("got %q", got)
	}
	if got := (&mail.SendError{Message: "not sent"}).Error(); got != "not sent" {
		t.Errorf("got %q", got)
	}
}

// What a server says with a code alone depends on the command and on the code.
func TestSMTP_OriginOfCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stage      string
		from, to   int
		origin     mail.Origin
		state      mail.State
		exceptions map[int]mail.Origin
	}{
		{"MAIL", 450, 452, mail.OfServer, mail.Deferred, nil},
		{"MAIL", 549, 557, mail.OfSender, mail.Unusable, nil},
		{"RCPT", 450, 454, mail.OfRecipient, mail.Deferred, map[int]mail.Origin{452: mail.OfServer}},
		{"RCPT", 550, 553, mail.OfRecipient, mail.Refused, nil},
		{"RCPT", 549, 549, mail.OfPolicy, mail.Unusable, nil},
		{"RCPT", 554, 555, mail.OfPolicy, mail.Unusable, nil},
		{"RCPT", 556, 556, mail.OfRecipient, mail.Refused, nil},
		{"RCPT", 557, 557, mail.OfPolicy, mail.Unusable, nil},
		{".", 450, 454, mail.OfMessage, mail.Deferred, nil},
		{".", 550, 556, mail.OfMessage, mail.Unusable, nil},
		{"EHLO", 550, 553, mail.OfHello, mail.Unusable, nil},
		{"connect", 450, 451, mail.OfServer, mail.Deferred, nil},
		{"connect", 550, 556, mail.OfPolicy, mail.Unusable, nil},
	} {
		for code := c.from; code <= c.to; code++ {
			s := play(t, func(line string) string {
				if strings.HasPrefix(line, c.stage) {
					return fmt.Sprintf("%d no", code)
				}
				return accept(line)
			})
			want, ok := c.exceptions[code]
			if !ok {
				want = c.origin
			}
			failure, ok := errors.AsType[*mail.SendError](s.sender(t).Send(t.Context(), valid()))
			if !ok || failure.Origin != want || failure.State != c.state || failure.Code != code {
				t.Errorf("%d after %s: got %+v, want origin %d, state %d", code, c.stage, failure, want, c.state)
			}
		}
	}
}

// Each origin has its settings, which are not for the recipient's faults.
func TestSendError_AdviceOfOrigins(t *testing.T) {
	t.Parallel()
	for origin, want := range map[mail.Origin]string{
		mail.OfNothing: "", mail.OfServer: "", mail.OfRecipient: "", mail.OfMessage: "", mail.OfQuota: "", mail.OfSender: "; see DEFAULT_FROM_EMAIL",
		mail.OfLogin: "; see EMAIL_HOST_USER and EMAIL_HOST_PASSWORD", mail.OfHello: "; see EMAIL_EHLO_NAME",
		mail.OfRelay: "; see EMAIL_HOST and EMAIL_HOST_USER", mail.OfPolicy: "; see EMAIL_HOST and EMAIL_HOST_USER",
		mail.OfEncryption: "; see EMAIL_USE_TLS, EMAIL_USE_SSL and EMAIL_PORT", mail.OfHost: "; see EMAIL_HOST",
	} {
		for _, state := range []mail.State{mail.Deferred, mail.Unusable, mail.Unknown} {
			if got := (&mail.SendError{Origin: origin, State: state}).Advice(); got != want {
				t.Errorf("%d: got %q, want %q", origin, got, want)
			}
		}
		if got := (&mail.SendError{Origin: origin, State: mail.Refused}).Advice(); got != "" {
			t.Errorf("%d, refused: got %q", origin, got)
		}
	}
}

// A template has at most a mebibyte, and each of its files can be too large.
func TestNewTemplates_Sizes(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{
		"test.txt":    `{{define "subject"}}x{{end}}x`,
		"test.html":   `{{define "content"}}x{{end}}`,
		"layout.html": `{{template "content" .}}`,
	} {
		for n := 1<<20 - 1; n <= 1<<20+1; n++ {
			_, err := mail.NewTemplates(fstest.MapFS{name: {Data: []byte(begin + strings.Repeat("x", n-len(begin)))}})
			if (err == nil) != (n <= 1<<20) || err != nil && !strings.Contains(err.Error(), name+": larger than 1048576 bytes") {
				t.Errorf("%s of %d bytes: got %v", name, n, err)
			}
		}
	}
}

// The first full name that an address of this machine has is its own, wherever in the
// answer it is.
func TestFullName_OfAddresses(t *testing.T) {
	t.Parallel()
	const full = "vm.example.com"
	for _, addresses := range []map[string][]string{
		{"127.0.1.1": {full + "."}},
		{"127.0.1.1": {full, "vm", "other.example.com"}},
		{"127.0.1.1": {"vm", full, "other.example.com"}},
		{"127.0.1.1": {"vm"}, "192.0.2.1": {full}},
		{"127.0.1.1": {full}, "192.0.2.1": {"other.example.com"}},
		{"192.0.2.1": {"vm", "localhost.localdomain", full}},
	} {
		d := directory{hosts: map[string][]string{"vm": {"127.0.1.1", "192.0.2.1"}}, addresses: addresses}
		if got := mail.FullName(t.Context(), "vm", d); got != full {
			t.Errorf("%v: got %q", addresses, got)
		}
	}
}

// What is no address by the rules of the table of users is no recipient, even where
// RFC 5322 allows it.
func TestSend_RecipientsOfUsers(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]bool{
		"a@b": false, "a@-x.example": false, "a@x-.example": false, "a@x_y.example": false, "a@example.c": false, "a@b.example": true, "a@localhost": true,
		strings.Repeat("x", 64) + "@" + strings.Repeat("y", 300) + ".example": false,
	} {
		m := valid()
		m.To = to
		_, err := render(t, m)
		if (err == nil) != want || err != nil && !strings.HasSuffix(err.Error(), "the recipient is not an address") {
			t.Errorf("%s: got %v", to, err)
		}
	}
}

// An error says what the server wants of this machine.
func TestSMTP_MessagesOfRejections(t *testing.T) {
	t.Parallel()
	for response, want := range map[string]string{
		"530 5.7.0 Authentication required": "the server requires a login: 530 5.7.0 Authentication required",
		"550 authentication required":       "the server requires a login: 550 authentication required",
		"550 5.1.1 no such user":            "the server rejects the recipient: 550 5.1.1 no such user",
		"550 relay not permitted":           "the server does not relay messages for this machine: 550 relay not permitted",
		"530 5.7.0 use STARTTLS":            "the server requires other encryption: 530 5.7.0 use STARTTLS",
		"452 4.5.3 too many recipients":     "the server accepts no more messages for now: 452 4.5.3 too many recipients",
	} {
		s := play(t, func(line string) string {
			if strings.HasPrefix(line, "RCPT") {
				return response
			}
			return accept(line)
		})
		if err := s.sender(t).Send(t.Context(), valid()); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Who gives up while a reused connection is silent gets no second try.
func TestSMTP_CanceledOnAReusedConnection(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	release, asked := make(chan struct{}), 0
	s := start(t, &server{onRcpt: func(string) error {
		if asked++; asked == 2 {
			cancel()
			<-release
		}
		return nil
	}}, mail.Plain)
	t.Cleanup(func() { close(release) })
	sender := s.sender(mail.Plain)
	if err := sender.Send(ctx, valid()); err != nil {
		t.Fatal(err)
	}
	requireFailure(t, sender.Send(ctx, valid()), mail.Deferred, 0, "the connection to the server failed: context canceled")
	if got := s.connections(); got != 1 {
		t.Errorf("got %d connections, want 1", got)
	}
}
