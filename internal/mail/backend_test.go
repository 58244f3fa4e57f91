package mail_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"roster/internal/mail"
)

func TestConsole_Send(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	console := mail.NewConsole(&out, composer())
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if err := console.Send(t.Context(), valid()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	one, err := render(t, valid())
	one = strings.Replace(one, "quoted-printable", "8bit", 1) + strings.Repeat("-", 79) + "\n"
	if err != nil || out.String() != strings.Repeat(one, 20) {
		t.Errorf("got %d bytes, want 20 times\n%s", out.Len(), one)
	}
	if console.String() != "the console" || console.Close() != nil {
		t.Errorf("got %s", console)
	}
}

// The console is read by people: it shows the text alone, with whole links, and
// nothing that a terminal would obey.
func TestConsole_Readable(t *testing.T) {
	t.Parallel()
	link := "https://users.example.com/admin/reset/MQ/" + strings.Repeat("x", 100) + "/?a=b"
	m := valid()
	m.Text, m.HTML = "Grüße\x1b[2J\u009b2J\n\n"+link+"\n", "<p>Grüße</p>"
	var out bytes.Buffer
	if err := mail.NewConsole(&out, composer()).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(out.String(), "\n\n")
	if want := "Grüße\uFFFD[2J\uFFFD2J\n\n" + link + "\n" + strings.Repeat("-", 79) + "\n"; body != want {
		t.Errorf("got %q, want %q", body, want)
	}
}

// broken is a terminal that went away.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no terminal") }

func TestConsole_CannotWrite(t *testing.T) {
	t.Parallel()
	err := mail.NewConsole(broken{}, composer()).Send(t.Context(), valid())
	requireFailure(t, err, mail.Deferred, 0, "the message cannot be printed: no terminal")
}

// A pipe that is not read holds up no message for longer than its context.
func TestConsole_Unread(t *testing.T) {
	t.Parallel()
	read, write := io.Pipe()
	console := mail.NewConsole(write, composer())
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() { failed <- console.Send(ctx, valid()) }()
	if _, err := read.Read(make([]byte, 1)); err != nil { // the message has begun
		t.Fatal(err)
	}
	cancel()
	requireFailure(t, <-failed, mail.Unknown, 0, "the console is not read: context canceled")
	requireFailure(t, console.Send(ctx, valid()), mail.Deferred, 0, "the console is not read: context canceled")
	go func() { _, _ = io.Copy(io.Discard, read) }()
	if err := console.Send(t.Context(), valid()); err != nil {
		t.Errorf("once it is read again: %v", err)
	}
	_ = write.Close()
}

var fileName = regexp.MustCompile(`^20261123T101530-[a-z0-9]{16}\.eml$`)

func TestFiles_Send(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "mail")
	files := mail.NewFiles(dir, composer())
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			m := valid()
			m.To, m.Subject = `"../../up"@example.com`, "../../up"
			if err := files.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 20 {
		t.Fatalf("got %d files, %v, want 20", len(entries), err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || info.Mode() != 0o600 || !fileName.MatchString(entry.Name()) {
			t.Errorf("%s: got %v, %v, want a file of mode 0600 and a name from the time", entry.Name(), info, err)
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if header, _ := parse(t, string(text)); err != nil || header.Get("To") != `<"../../up"@example.com>` {
			t.Errorf("got To %q, %v", header.Get("To"), err)
		}
	}
	if files.String() != "a file in "+dir || files.Close() != nil {
		t.Errorf("got %s", files)
	}
}

func TestFiles_CannotWrite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := mail.NewFiles(path, composer()).Send(t.Context(), valid())
	requireFailure(t, err, mail.Deferred, 0, "the message cannot be written: ")
	if _, ok := errors.AsType[*fs.PathError](err); !ok {
		t.Errorf("got %v, want the cause kept", err)
	}
	m := valid()
	m.To = ""
	requireFailure(t, mail.NewFiles(path, composer()).Send(t.Context(), m), mail.Refused, 0, "the recipient is not an address")
}
