package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTutorial types the commands of docs/tutorial.md into one shell, beside a server
// that runs in its directory, and looks for what the page says they print.
func TestTutorial(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, dir)
	script, printed := tutorial(t)
	preamble := "set -eu\ncurl() { command curl -sS --fail-with-body \"$@\"; echo; }\n"
	cmd := exec.CommandContext(t.Context(), "sh", "-c", preamble+strings.ReplaceAll(script, "http://127.0.0.1:8000", s.url))
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, filepath.Join(dir, "bin", "roster")); err != nil {
		t.Fatal(err)
	}
	cmd.Dir = dir
	cmd.Env = []string{asRoster, "GORACE=" + raceOptions, "PATH=" + os.Getenv("PATH"), "HOME=" + dir, "HEALTHCHECK_URL=" + s.url}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rest := string(out)
	for _, want := range printed {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("no %q where the page says so, in\n%s", want, out)
		}
		rest = after
	}
}

// tutorial returns the commands of the page but for those that build and start the
// server, and the parts of what they print, in order.
func tutorial(t *testing.T) (script string, printed []string) {
	t.Helper()
	for _, block := range example.FindAllStringSubmatch(readFile(t, "..", "docs/tutorial.md"), -1) {
		switch language, text := block[1], block[2]; {
		case language == "text":
			printed = append(printed, strings.FieldsFunc(text, func(r rune) bool { return r == '…' || r == '\n' })...)
		case strings.Contains(text, "roster serve"):
		default:
			script += strings.ReplaceAll(text, "roster healthcheck\n", "roster healthcheck \"$HEALTHCHECK_URL\"\n")
		}
	}
	if strings.Count(script, "\n") < 15 || len(printed) < 10 {
		t.Fatalf("found %q and %q, want the commands and what they print", script, printed)
	}
	return script, printed
}
