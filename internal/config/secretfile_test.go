package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/config"
)

// keep writes a file and returns its path.
func keep(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad_SecretsFromFiles(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("k", 40)
	environ := []string{"SECRET_KEY_FILE=" + keep(t, key+"\n")}
	dotenv := keep(t, "DB_PASSWORD_FILE="+keep(t, "opensesame")+"\nSECRET_KEY=older\n")
	c, err := config.Load(environ, dotenv)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate("127.0.0.1:8000"); err != nil {
		t.Error(err)
	}
	if got := c.SecretKey.Reveal(); got != key {
		t.Errorf("SECRET_KEY: got %q, want the file's", got)
	}
	if got := c.DBPassword.Reveal(); got != "opensesame" {
		t.Errorf("DB_PASSWORD: got %q, want the file's", got)
	}
}

func TestValidate_SecretFilesThatDoNotDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ environ, want string }{
		"missing":   {"DB_PASSWORD_FILE=/nowhere", `DB_PASSWORD: the file "/nowhere", which DB_PASSWORD_FILE names, cannot be read: no such file`},
		"directory": {"DB_PASSWORD_FILE=" + t.TempDir(), "cannot be read: is a directory"},
		"empty":     {"DB_PASSWORD_FILE=" + keep(t, "\n"), "is empty"},
		"two lines": {"DB_PASSWORD_FILE=" + keep(t, "one\ntwo\n"), "has more than one line"},
		"twice":     {"DB_PASSWORD=x\nDB_PASSWORD_FILE=" + keep(t, "y"), "DB_PASSWORD: conflicts with DB_PASSWORD_FILE; set only one of them"},
	} {
		loaded, err := config.Load(strings.Split(c.environ, "\n"), "")
		if err != nil {
			t.Fatal(err)
		}
		if err := loaded.Validate(""); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}
