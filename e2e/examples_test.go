package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// example is a fenced block of a page of the documentation.
var example = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")

var apiToken = regexp.MustCompile(`rst_[a-z2-7]{26}[0-9a-z]{7}`)

// interpreters run the examples of a language from a file. The path of one is in
// an environment variable; without it, the examples of its language are skipped.
var interpreters = map[string]struct {
	file     string
	variable string
	command  []string
	firstOf  int // users on the one page that it prints, 0: it prints all users
}{
	"python": {"example.py", "TEST_DJANGO_PYTHON", nil, 0},
	"js":     {"example.mjs", "TEST_NODE", nil, 0},
	"go":     {"main.go", "", []string{"go", "run"}, 0},
	"sh":     {"example.sh", "", []string{"sh"}, 10},
}

// TestExamples runs the examples of docs/api/authentication.md against a server
// that admits no one without a credential: each lists its users.
func TestExamples(t *testing.T) {
	t.Parallel()
	const users = 1000
	dir := t.TempDir()
	settings := []string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3"), "API_PERMISSION=DjangoModelPermissions", signing}
	s := startServer(t, dir, settings...)
	addSuperuser(t, settings, "ann")
	addUsers(t, settings, "user", users)
	token := apiToken.FindString(commanded(t, settings, "token", "create", "ann", "--name", "examples", "--scope", "users:read"))
	page := readFile(t, "..", "docs/api/authentication.md")
	ran := map[string]bool{}
	for _, block := range example.FindAllStringSubmatch(page, -1) {
		language, code := block[1], strings.ReplaceAll(block[2], "https://roster.example.com", s.url)
		if ran[language] || !strings.Contains(code, "ROSTER_TOKEN") {
			continue
		}
		ran[language] = true
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			runExample(t, language, code, token, users)
		})
	}
	if len(ran) != len(interpreters) {
		t.Errorf("the page has examples in %v, want one in each of %d languages", ran, len(interpreters))
	}
}

func runExample(t *testing.T, language, code, token string, users int) {
	t.Helper()
	how, dir := interpreters[language], t.TempDir()
	command := how.command
	if how.variable != "" {
		command = []string{installed(t, how.variable)}
	}
	file := filepath.Join(dir, how.file)
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), command[0], append(command[1:], file)...)
	cmd.Env = append(os.Environ(), "ROSTER_TOKEN="+token)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	want := users
	if how.firstOf > 0 {
		want = how.firstOf
	}
	for n := range want {
		if name := fmt.Sprintf("user-%d", users-1-n); !strings.Contains(string(out), name) {
			t.Fatalf("%s is not in the %d bytes that it printed: %.300s", name, len(out), out)
		}
	}
}
