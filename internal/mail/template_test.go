package mail_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"roster/internal/mail"
)

var update = flag.Bool("update", false, "update the golden files")

// mails are one or two of each mail, with what is hard to print in them.
func mails() map[string]mail.Mail {
	var trend []mail.Day
	for i := range 30 {
		date := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i)
		trend = append(trend, mail.Day{Date: date.Format(time.DateOnly), New: i * i % 17})
	}
	return map[string]mail.Mail{
		"welcome":        mail.Welcome{Username: "ada", Name: "Ada", Email: "ada@example.com", URL: "https://users.example.com/"},
		"welcome-markup": mail.Welcome{Username: "o'<b>&co", Name: "Zoë\r\nBcc: x@example.com", Email: "zoe@example.com"},
		"notification":   mail.Notification{Name: "Ada", Subject: "Maintenance on Sunday", Message: "The system is away\nfrom 2 to 4.\r\n\r\n<b>Sorry</b> & thanks."},
		"bulk":           mail.Notification{Name: "Ada", Subject: "Größere Änderungen", Message: "Hello.", Unsubscribe: "https://users.example.com/unsubscribe?t=1&u=2"},
		"report":         mail.Report{Date: "2026-11-23", Total: 1234, Active: 1200, Inactive: 34, New: 9, Trend: trend, URL: "https://users.example.com/reports/2026-11-23"},
		"report-empty":   mail.Report{Date: "2026-11-23"},
		"backup":         mail.BackupReminder{Last: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC), File: "/srv/backup/roster.db", Days: 3},
		"backup-missing": mail.BackupReminder{},
		"test":           mail.Test{Through: "smtp.example.com:587 (STARTTLS)", Version: "1.2.3"},
	}
}

func TestTemplates_Golden(t *testing.T) {
	t.Parallel()
	templates, err := mail.NewTemplates(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range mails() {
		m, err := templates.Render(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m.To, m.ID = "ada@example.com", "1@example.com"
		got, err := render(t, m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		requireGolden(t, filepath.Join("testdata", name+".eml"), got)
		if header, parts := parse(t, got); len(parts) != 2 || header.Get("Bcc") != "" {
			t.Errorf("%s: got %d parts and Bcc %q, want a text, an HTML and no Bcc", name, len(parts), header.Get("Bcc"))
		}
	}
}

func requireGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s: got (%v)\n%s\nwant\n%s", path, err, got, want)
	}
}

func TestTemplates_Own(t *testing.T) {
	t.Parallel()
	templates, err := mail.NewTemplates(fstest.MapFS{
		"welcome.txt":       {Data: []byte("{{define \"subject\"}}Servus {{.Name}}{{end}}Servus {{.Name}} <{{.Email}}>!")},
		"welcome.html":      {Data: []byte(" \n")},
		"notification.html": {Data: []byte("{{define \"content\"}}<i>{{.Message}}</i>{{end}}")},
		"layout.html":       {Data: []byte("<main>{{template \"content\" .}}</main>")},
		"README.md":         {Data: []byte("ours")},
	})
	if err != nil {
		t.Fatal(err)
	}
	welcome, err := templates.Render(mail.Welcome{Name: "Ada", Email: "ada@example.com"})
	if want := (mail.Message{Subject: "Servus Ada", Text: "Servus Ada <ada@example.com>!\n"}); err != nil || welcome != want {
		t.Errorf("welcome: got %+v, %v, want %+v", welcome, err, want)
	}
	note, err := templates.Render(mail.Notification{Name: "Ada", Subject: "S", Message: "<script>"})
	if err != nil || note.HTML != "<main><i>&lt;script&gt;</i></main>" || !strings.HasPrefix(note.Text, "Hello Ada,") {
		t.Errorf("notification: got %+v, %v, want our HTML in our frame, and the built-in text", note, err)
	}
	test, err := templates.Render(mail.Test{})
	if err != nil || !strings.HasPrefix(test.HTML, "<main><h1") {
		t.Errorf("test: got %+v, %v, want the built-in content in our frame", test, err)
	}
}

func TestNewTemplates_Faults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, content, want string }{
		"does not parse":        {"welcome.txt", "{{define \"subject\"}}x{{end}}\n\n{{if .Name}", "welcome.txt:3: bad character"},
		"an unknown field":      {"welcome.txt", "{{define \"subject\"}}x{{end}}\n{{.Nickname}}", "welcome.txt:2:2: executing"},
		"an unknown key in it":  {"report.txt", "{{define \"subject\"}}x{{end}}{{range .Trend}}\n{{.Nwe}}{{end}}", "report.txt:2:2: executing"},
		"no subject":            {"test.txt", "Hello", `no template "subject"`},
		"HTML does not parse":   {"test.html", "{{define \"content\"}}\n{{end}}{{end}}", "test.html:2: unexpected {{end}}"},
		"HTML is not closed":    {"test.html", "{{define \"content\"}}<a href=\"{{end}}", "ends in a non-text context"},
		"HTML asks for unknown": {"test.html", "{{define \"content\"}}\n{{.Nothing}}{{end}}", "test.html:2:2: executing"},
		"HTML without content":  {"test.html", "<p>Hello</p>", `no such template "content"`},
		"a mistyped name":       {"wellcome.txt", "", "wellcome.txt: no template has this name"},
		"too large":             {"test.txt", strings.Repeat("x", 1<<20+1), "test.txt: larger than 1048576 bytes"},
	} {
		templates, err := mail.NewTemplates(fstest.MapFS{test.file: {Data: []byte(test.content)}})
		if err == nil || templates != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, test.want)
		}
	}
}

// All errors are reported together, so that an operator can fix them at once.
func TestNewTemplates_EveryFault(t *testing.T) {
	t.Parallel()
	_, err := mail.NewTemplates(fstest.MapFS{"test.txt": {Data: []byte("{{")}, "report.txt": {Data: []byte("{{")}, "x.html": {Data: nil}})
	if err == nil {
		t.Fatal("got no error")
	}
	lines := strings.Split(err.Error(), "\n")
	slices.Sort(lines)
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "report.txt:1:") || !strings.HasPrefix(lines[1], "test.txt:1:") || !strings.HasPrefix(lines[2], "x.html:") {
		t.Errorf("got %q, want a line for each file", lines)
	}
}

func TestNewTemplates_NoDirectory(t *testing.T) {
	t.Parallel()
	if _, err := mail.NewTemplates(os.DirFS(filepath.Join(t.TempDir(), "missing"))); err == nil {
		t.Error("got no error for a directory that is not there")
	}
}

func TestReport_Share(t *testing.T) {
	t.Parallel()
	r := mail.Report{Trend: []mail.Day{{New: 0}, {New: 1}, {New: 500}, {New: 1000}}}
	for n, want := range map[int]int{0: 0, 1: 1, 500: 50, 1000: 100, 2000: 100, -1: 0} {
		if got := r.Share(n); got != want {
			t.Errorf("Share(%d): got %d, want %d", n, got, want)
		}
	}
	if got := len(r.Bar(1000)); got != 40 {
		t.Errorf("Bar: got %d characters, want 40", got)
	}
	if got := (mail.Report{}).Share(1); got != 0 {
		t.Errorf("without a trend: got %d, want 0", got)
	}
}
