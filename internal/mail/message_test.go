package mail_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"roster/internal/fault"
	"roster/internal/mail"
)

// composer makes the same text of a message each time.
func composer() mail.Composer {
	return mail.Composer{
		From:     "Roster <users@example.com>",
		Now:      func() time.Time { return time.Date(2026, 11, 23, 10, 15, 30, 0, time.UTC) },
		Boundary: func() string { return "PARTS" },
	}
}

// valid is a message that can be sent.
func valid() mail.Message {
	return mail.Message{To: "ada@example.com", Subject: "Hello", Text: "Hello, Ada.\n", ID: "1@example.com"}
}

// render returns the message as it is sent, with local line endings.
func render(t *testing.T, m mail.Message) (string, error) {
	t.Helper()
	return mail.Render(composer(), m)
}

// part is one part of a message that was read back.
type part struct{ kind, text string }

// parse reads a message as the recipient's program does.
func parse(t *testing.T, text string) (netmail.Header, []part) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "multipart/alternative" {
		return m.Header, []part{{kind, decode(t, m.Body, m.Header.Get("Content-Transfer-Encoding"))}}
	}
	var parts []part
	reader := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m.Header, parts
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		parts = append(parts, part{kind, decode(t, p, p.Header.Get("Content-Transfer-Encoding"))})
	}
}

func decode(t *testing.T, r io.Reader, encoding string) string {
	t.Helper()
	if encoding != "quoted-printable" {
		t.Fatalf("got the encoding %q, want quoted-printable", encoding)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(r))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
}

func names(h netmail.Header) []string {
	var all []string
	for name, values := range h {
		for range values {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// The rule for every field: with a character that ends a line in it, nothing is sent.
func TestSend_NoFieldBecomesAHeader(t *testing.T) {
	t.Parallel()
	fields := map[string]func(*mail.Message, string){
		"From":        func(m *mail.Message, s string) { m.From = "Roster <users@example.com>" + s },
		"From's name": func(m *mail.Message, s string) { m.From = `"Roster` + s + `" <users@example.com>` },
		"From's word": func(m *mail.Message, s string) {
			m.From = "=?utf-8?q?Roster" + strings.NewReplacer("\r", "=0D", "\n", "=0A", "\x00", "=00", " ", "_").Replace(s) + "?= <users@example.com>"
		},
		"To":            func(m *mail.Message, s string) { m.To += s },
		"To's start":    func(m *mail.Message, s string) { m.To = s + m.To },
		"To, quoted":    func(m *mail.Message, s string) { m.To = `"a` + s + `"@example.com` },
		"To, escaped":   func(m *mail.Message, s string) { m.To = `"a\` + s + `"@example.com` },
		"Subject":       func(m *mail.Message, s string) { m.Subject += s },
		"ID":            func(m *mail.Message, s string) { m.ID += s },
		"ID's start":    func(m *mail.Message, s string) { m.ID = s + m.ID },
		"Unsubscribe":   func(m *mail.Message, s string) { m.Unsubscribe = "https://example.com/" + s },
		"mailto to end": func(m *mail.Message, s string) { m.Unsubscribe = "mailto:a@example.com" + s },
	}
	injections := []string{"\r\nBcc: x@example.com", "\nBcc: x@example.com", "\rBcc: x@example.com", "\r\n\r\nbody", "\x00", "\n", "\r", "\r\n", "\n "}
	for field, set := range fields {
		for _, injected := range injections {
			m := valid()
			set(&m, injected)
			text, err := render(t, m)
			failure, ok := errors.AsType[*mail.SendError](err)
			if !ok || failure.State != mail.Refused || fault.KindOf(err) != fault.Invalid || text != "" {
				t.Errorf("%s with %q: got %v and %q, want a refusal", field, injected, err, text)
			}
			if ok && strings.ContainsFunc(failure.Error(), unicode.IsControl) {
				t.Errorf("%s with %q: the failure %q has control characters", field, injected, failure)
			}
		}
	}
}

func TestSend_Refusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*mail.Message)
		want   string
	}{
		"no recipient":               {func(m *mail.Message) { m.To = "" }, "the recipient is not an address"},
		"two recipients":             {func(m *mail.Message) { m.To = "a@example.com, b@example.com" }, "the recipient is not an address"},
		"a recipient with a name":    {func(m *mail.Message) { m.To = "Ada <ada@example.com>" }, "the recipient is not an address"},
		"a recipient in brackets":    {func(m *mail.Message) { m.To = "<ada@example.com>" }, "the recipient is not an address"},
		"a parameter of RCPT":        {func(m *mail.Message) { m.To = "ada@example.com> NOTIFY=NEVER" }, "the recipient is not an address"},
		"an escape in a quoted name": {func(m *mail.Message) { m.To = "\"a\\\x01\"@example.com" }, "the recipient is not an address"},
		"a domain without ASCII":     {func(m *mail.Message) { m.To = "ada@\u0378.example" }, "the domain of an address cannot be converted to ASCII"},
		"a sender that is none":      {func(m *mail.Message) { m.From = "Roster" }, "the sender is not an address"},
		"no subject":                 {func(m *mail.Message) { m.Subject = " " }, "the subject is empty"},
		"a subject without end":      {func(m *mail.Message) { m.Subject = strings.Repeat("x", 1001) }, "the subject is too long"},
		"a subject not in UTF-8":     {func(m *mail.Message) { m.Subject = "\xff" }, "the subject is not a single line"},
		"a subject with U+2028":      {func(m *mail.Message) { m.Subject = "a\u2028b" }, "the subject is not a single line"},
		"no text":                    {func(m *mail.Message) { m.Text, m.HTML = "\n", "<p>Hello</p>" }, "the text is empty"},
		"an ID in brackets":          {func(m *mail.Message) { m.ID = "<1@example.com>" }, "the Message-ID is not of the form"},
		"an ID without a domain":     {func(m *mail.Message) { m.ID = "1" }, "the Message-ID is not of the form"},
		"a script to unsubscribe":    {func(m *mail.Message) { m.Unsubscribe = "javascript:alert(1)" }, "the unsubscribe address is not"},
		"no URL to unsubscribe":      {func(m *mail.Message) { m.Unsubscribe = "ftp://example.com/" }, "the unsubscribe address is not"},
		"a second URL":               {func(m *mail.Message) { m.Unsubscribe = "https://example.com/>,<https://x.example/" }, "the unsubscribe address is not"},
	} {
		m := valid()
		test.change(&m)
		if _, err := render(t, m); err == nil || !strings.Contains(err.Error(), test.want) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v, want a refusal with %q", name, err, test.want)
		}
	}
}

func TestSend_Headers(t *testing.T) {
	t.Parallel()
	m := valid()
	m.HTML, m.Unsubscribe = "<p>Hello, Ada.</p>", "https://users.example.com/u/1"
	text, err := render(t, m)
	if err != nil {
		t.Fatal(err)
	}
	header, parts := parse(t, text)
	want := netmail.Header{
		"Auto-Submitted": {"auto-generated"}, "Content-Type": {"multipart/alternative; boundary=PARTS"}, "Date": {"Mon, 23 Nov 2026 10:15:30 +0000"},
		"From": {`"Roster" <users@example.com>`}, "List-Unsubscribe": {"<https://users.example.com/u/1>"}, "List-Unsubscribe-Post": {"List-Unsubscribe=One-Click"},
		"Message-Id": {"<1@example.com>"}, "Mime-Version": {"1.0"}, "Subject": {"Hello"}, "To": {"<ada@example.com>"},
	}
	if diff := cmp.Diff(want, header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]part{{"text/plain", "Hello, Ada."}, {"text/html", "<p>Hello, Ada.</p>"}}, parts, cmp.AllowUnexported(part{})); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

func TestSend_Addresses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ to, want string }{
		"a domain beyond ASCII":    {"ada@bücher.example", "<ada@xn--bcher-kva.example>"},
		"a quoted local part":      {`"ada,king"@example.com`, `<"ada,king"@example.com>`},
		"an address literal":       {"ada@[192.0.2.1]", "<ada@[192.0.2.1]>"},
		"this machine":             {"root@localhost", "<root@localhost>"},
		"a local part in capitals": {"Ada.King@example.com", "<Ada.King@example.com>"},
	} {
		m := valid()
		m.To = test.to
		text, err := render(t, m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if header, _ := parse(t, text); header.Get("To") != test.want {
			t.Errorf("%s: got %s, want %s", name, header.Get("To"), test.want)
		}
	}
}

func TestSend_RandomID(t *testing.T) {
	t.Parallel()
	m := valid()
	m.ID = ""
	first, err := render(t, m)
	second, again := render(t, m)
	if err != nil || again != nil {
		t.Fatal(err, again)
	}
	one, _ := parse(t, first)
	two, _ := parse(t, second)
	id := one.Get("Message-Id")
	if !strings.HasSuffix(id, "@example.com>") || len(id) < 30 || id == two.Get("Message-Id") {
		t.Errorf("got %s and %s, want two that differ, with the sender's domain", id, two.Get("Message-Id"))
	}
}

func TestSend_Subjects(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{
		"Hello", "Grüße aus Köln", strings.Repeat("ü", 500), strings.Repeat("x", 1000), "a  b", " edge ", "=?utf-8?q?Hello?=",
		strings.Repeat("word ", 100) + "end", "日本語の件名 " + strings.Repeat("語", 200), "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
	} {
		m := valid()
		m.Subject = subject
		text, err := render(t, m)
		if err != nil {
			t.Errorf("%q: %v", subject, err)
			continue
		}
		header, _ := parse(t, text)
		if got, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject")); err != nil || got != subject {
			t.Errorf("got %q, %v, want %q", got, err, subject)
		}
		for line := range strings.SplitSeq(text, "\n") {
			if len(line) > 78 {
				t.Errorf("%q: the line %q is too long", subject, line)
			}
		}
	}
}

// FuzzSend checks that whatever is sent reads back as the headers that a
// message has, each once, and as one text and at most one HTML.
func FuzzSend(f *testing.F) {
	f.Add("", "ada@example.com", "Hello", "Text.\n.\n--PARTS\n", "<p>x</p>", "1@example.com", "")
	f.Add("=?utf-8?q?R=C3=B6ster?= <r@bücher.example>", "a@bücher.example", "=?utf-8?q?x?= \u00e9", "\x00\xff\r\n.\r\nQUIT", "--PARTS--\r\n\r\nx", "", "mailto:a@b.example?subject=x")
	f.Add("a@b.example\r\nBcc: x", "a@b.example\r\nBcc: x", "a\r\nb", "From x", "", "a@b>", "https://x.example/\r\n")
	f.Add(`"Roster, Inc." <"a b"@x.example> (x)`, `"a b"@x.example`, strings.Repeat("ü", 300), " ", "=", "x@[1.1.1.1]", "https://x.example/>")
	f.Fuzz(func(t *testing.T, from, to, subject, text, html, id, unsubscribe string) {
		m := mail.Message{From: from, To: to, Subject: subject, Text: text, HTML: html, ID: id, Unsubscribe: unsubscribe}
		free := mail.Composer{From: "Roster <users@example.com>"} // with a random boundary
		sent, err := mail.Render(free, m)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("got %v", err)
			}
			return
		}
		requireReadsBack(t, sent, m)
	})
}

func requireReadsBack(t *testing.T, text string, m mail.Message) {
	t.Helper()
	header, parts := parse(t, text)
	want := []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"}
	kinds := []string{"text/plain", "text/html"}
	if m.HTML == "" {
		want, kinds = append(want, "Content-Transfer-Encoding"), kinds[:1]
	}
	if m.Unsubscribe != "" {
		want = append(want, "List-Unsubscribe")
	}
	if strings.HasPrefix(m.Unsubscribe, "https:") {
		want = append(want, "List-Unsubscribe-Post")
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, names(header)); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	for _, name := range []string{"From", "To"} {
		if all, err := header.AddressList(name); err != nil || len(all) != 1 {
			t.Errorf("%s: got %v, %v, want one address", name, all, err)
		}
	}
	if got, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject")); err != nil || got != m.Subject {
		t.Errorf("subject: got %q, %v, want %q", got, err, m.Subject)
	}
	plain := utf8.ValidString(m.Text) && !strings.ContainsFunc(strings.ReplaceAll(m.Text, "\n", ""), unicode.IsControl)
	if got, want := parts[0].text, strings.TrimRight(m.Text, "\n"); plain && got != want {
		t.Errorf("text: got %q, want %q", got, want)
	}
	for i, p := range parts {
		if i >= len(kinds) || p.kind != kinds[i] || !utf8.ValidString(p.text) {
			t.Errorf("part %d: got %+v, want %v", i, p, kinds)
		}
	}
	if len(parts) != len(kinds) {
		t.Errorf("got %d parts, want %d", len(parts), len(kinds))
	}
}
