package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/config"
)

// TestLoadEnvFile reads values as systemd.exec(5) describes EnvironmentFile=.
func TestLoadEnvFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "roster.env")
	for text, want := range map[string]string{
		"Roster <users@example.com>":       "Roster <users@example.com>",
		"  a  b \t":                        "a  b",
		"a#b ;c":                           "a#b ;c",
		"$HOME `x` $(y)":                   "$HOME `x` $(y)",
		`"a b"`:                            "a b",
		`"a # b"  `:                        "a # b",
		`'a "b" \c'`:                       `a "b" \c`,
		`"a\"b\\c\$d\e"`:                   `a"b\c$d\e`,
		`a\ b\"c`:                          `a b"c`,
		`it's "so"`:                        `it's "so"`,
		`"a"'b'`:                           "ab",
		"a\\\nb":                           "ab",
		"\"a\nb\"":                         "a\nb",
		"a=b":                              "a=b",
		"p#$ é=\r":                         "p#$ é=",
		"x\n# DB_USER=no\n;DB_USER=no\n\n": "x",
	} {
		if err := os.WriteFile(path, []byte("# head\n\n  PAGE_SIZE = 25\nDB_USER="+text+"\nLOG_DIR=\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.LoadEnvFile([]string{"DEBUG=true"}, path)
		if err != nil || c.DBUser != strings.TrimSpace(want) || c.PageSize != 25 || c.LogDir != "" || !c.Debug {
			t.Errorf("%q: got %q, %d, %q, %v, want %q", text, c.DBUser, c.PageSize, c.LogDir, err, want)
		}
	}
}

// The environment overrides the file, which is shown as the source of its
// settings, and a faulty or missing file is named.
func TestLoadEnvFile_SourceAndFaults(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "roster.env")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("PAGE_SIZE=25\nDB_USER=file\nPAGE_SIZ=1\n")
	c, err := config.LoadEnvFile([]string{"DB_USER=environment"}, path)
	if err != nil || c.DBUser != "environment" {
		t.Fatal(c.DBUser, err)
	}
	for _, s := range c.Dump() {
		if want := map[string]string{"PAGE_SIZE": path, "DB_USER": "env"}[s.Name]; want != "" && s.Source != want {
			t.Errorf("%s: got the source %q, want %q", s.Name, s.Source, want)
		}
	}
	if w := c.Warnings(); len(w) != 1 || !strings.HasPrefix(w[0], path+": PAGE_SIZ is not a setting") {
		t.Errorf("got %q", w)
	}
	for text, line := range map[string]string{"A=1\nhush": ":2: ", "A='x\ny": ":1: ", "A=\"hush": ":1: ", "=x": ":1: ", "export A=1": ":1: ", "A='x\ny'\nB\n": ":3: "} {
		write(text)
		if _, err := config.LoadEnvFile(nil, path); err == nil || !strings.HasPrefix(err.Error(), path+line) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: got %v, want line %s", text, err, line)
		}
	}
	if _, err := config.LoadEnvFile(nil, path+".absent"); err == nil || !strings.Contains(err.Error(), "--env-file: "+path+".absent cannot be read") {
		t.Errorf("a missing file: got %v", err)
	}
}
