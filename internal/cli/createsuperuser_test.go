package cli_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/cli"
)

// terminal is a database and what is typed.
type terminal struct {
	t       *testing.T
	environ []string
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	c := &terminal{t, []string{"DB_NAME=" + filepath.Join(t.TempDir(), "db.sqlite3"), "LOG_DIR="}}
	c.want(0, "applied", c.run("", "migrate"))
	return c
}

// answer is what a command has said.
type answer struct {
	status    int
	out, errs string
}

// run runs a command while those lines are typed.
func (c *terminal) run(typed string, args ...string) answer {
	c.t.Helper()
	var out, errs bytes.Buffer
	status := cli.Main(c.t.Context(), args, c.environ, cli.Stdio{In: strings.NewReader(typed), Out: &out, Err: &errs})
	return answer{status, out.String(), errs.String()}
}

func (c *terminal) want(status int, part string, got answer) {
	c.t.Helper()
	if got.status != status || !strings.Contains(got.out+got.errs, part) {
		c.t.Errorf("got %d, %q and %q, want %d with %q", got.status, got.out, got.errs, status, part)
	}
}

const goodPassword = "Corr3ct-horse-staple"

func TestCreateSuperuser_Asks(t *testing.T) {
	t.Parallel()
	c := newTerminal(t)
	typed := strings.Join([]string{"", "boss", "boss@example.com", goodPassword, "other", " ", " ", "password", "password", "n", goodPassword, goodPassword}, "\n")
	got := c.run(typed, "createsuperuser")
	c.want(0, "Superuser created successfully.", got)
	for _, part := range []string{
		"Error: This field cannot be blank.", "Error: Your passwords didn't match.", "Error: Blank passwords aren't allowed.",
		"This password is too short. It must contain at least 12 characters.", "This password is too common.",
	} {
		if !strings.Contains(got.errs, part) {
			t.Errorf("got %q, want %q in it", got.errs, part)
		}
	}
	if strings.Contains(got.out+got.errs, goodPassword) {
		t.Error("the password is shown")
	}
	c.want(1, "operation cancelled", c.run("boss\n", "createsuperuser"))
	if got := c.run("", "createsuperuser"); !strings.HasSuffix(got.out, "\n") {
		t.Errorf("got %q, want what is wrong on a line of its own", got.out)
	}
	c.want(1, "That username is already taken.", c.run("boss\n", "createsuperuser"))
	c.want(0, "Superuser created", c.run("password\npassword\ny\n", "createsuperuser", "--username", "second", "--email", "x@example.com"))
	c.want(1, "email: Enter a valid email address.", c.run("third\nnobody\n"+goodPassword+"\n"+goodPassword+"\n", "createsuperuser"))
}

func TestCreateSuperuser_NoInput(t *testing.T) {
	t.Parallel()
	c := newTerminal(t)
	c.want(1, "--noinput needs --username", c.run("", "createsuperuser", "--noinput"))
	plain := c.environ
	c.environ = append(plain[:len(plain):len(plain)], "DJANGO_SUPERUSER_USERNAME=boss", "DJANGO_SUPERUSER_EMAIL=b@example.com", "DJANGO_SUPERUSER_PASSWORD=p")
	c.want(0, "Superuser created successfully.", c.run("", "createsuperuser", "--noinput"))
	c.want(1, "username: A user with that username already exists.", c.run("", "createsuperuser", "--noinput"))
	c.environ = append(c.environ, "ROSTER_SUPERUSER_USERNAME=other")
	c.want(0, "Superuser created successfully.", c.run("", "createsuperuser", "--noinput"))
	c.environ = plain
	c.want(0, "Superuser created successfully.\nIt has no password and cannot log in; set one with: roster changepassword third\n",
		c.run("", "createsuperuser", "--noinput", "--username", "third"))
	c.want(0, ",other,", c.run("", "audit", "export"))
}

// Spreadsheets take a text that begins with one of a few characters for a formula.
func TestAuditExport_NoFormulas(t *testing.T) {
	t.Parallel()
	c := newTerminal(t)
	c.want(0, "Superuser created", c.run("", "createsuperuser", "--noinput", "--username", "@boss"))
	c.want(0, ",'@boss,", c.run("", "audit", "export"))
	c.want(0, `"object_name":"@boss"`, c.run("", "audit", "export", "--format", "jsonl"))
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	c := newTerminal(t)
	c.want(1, `user "boss" does not exist`, c.run("", "changepassword", "boss"))
	c.want(2, "see roster changepassword --help", c.run("", "changepassword"))
	c.want(0, "Superuser created", c.run("", "createsuperuser", "--noinput", "--username", "boss"))
	got := c.run("a\nb\nshort\nshort\n"+goodPassword+"\n"+goodPassword+"\n", "changepassword", "boss")
	c.want(0, "Password changed successfully for user 'boss'", got)
	c.want(0, "Passwords do not match. Please try again.", got)
	c.want(0, "password: This password is too short.", got)
	c.want(1, "aborting password change for user 'boss' after 3 attempts", c.run("a\nb\na\nb\na\nb\n", "changepassword", "boss"))
	c.want(1, "operation cancelled", c.run("a\n", "changepassword", "boss"))
}

func TestLoginRates_NameTheSetting(t *testing.T) {
	t.Parallel()
	c := newTerminal(t)
	c.environ = append(c.environ, "THROTTLE_LOGIN=often")
	for _, command := range []string{"check", "serve", "changepassword"} {
		args := []string{command, "boss"}
		if command != "changepassword" {
			args = args[:1]
		}
		c.want(1, `THROTTLE_LOGIN: "often" is not a rate such as 10/5min or 100/day`, c.run("", args...))
	}
}
