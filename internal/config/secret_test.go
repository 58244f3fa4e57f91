package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestSecret_NeverShown(t *testing.T) {
	t.Parallel()
	c := load(t, "", "SECRET_KEY=hunter2", "SECRET_KEY_FALLBACKS=hunter2,hunter2")
	for name, value := range map[string]any{
		"secret": c.SecretKey, "slice": c.SecretKeyFallbacks, "config": c, "config pointer": &c,
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			requireHidden(t, name+" "+verb, fmt.Sprintf(verb, value))
		}
		var lines bytes.Buffer
		slog.New(slog.NewJSONHandler(&lines, nil)).Info("x", "value", value)
		slog.New(slog.NewTextHandler(&lines, nil)).Info("x", "value", value)
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		requireHidden(t, name+" slog", lines.String())
		requireHidden(t, name+" json", string(encoded))
	}
}

func requireHidden(t *testing.T, name, text string) {
	t.Helper()
	if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e746572") {
		t.Errorf("%s shows the secret: %s", name, text)
	}
}

func TestEnsureSecretKey_MadeAndKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := keyIn(t, dir)
	if len(first) != 44 {
		t.Errorf("got a key of %d characters, want base64 of 32 bytes", len(first))
	}
	path := filepath.Join(dir, "db.sqlite3.secret")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: got %v, %v, want mode 0600", info, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if second := keyIn(t, dir); second != first {
		t.Error("the second call got another key")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("after reading: got %v, %v, want mode 0600 again", info, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v, %v, want the key alone", entries, err)
	}
}

// keyIn returns the key that a process with its database in dir gets.
func keyIn(t *testing.T, dir string) string {
	t.Helper()
	c := load(t, "", "DB_NAME="+filepath.Join(dir, "db.sqlite3"))
	if err := c.EnsureSecretKey(); err != nil {
		t.Errorf("EnsureSecretKey: %v", err)
	}
	return c.SecretKey.Reveal()
}

func TestEnsureSecretKey_ManyAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys := make([]string, 16)
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() { keys[i] = keyIn(t, dir) })
	}
	group.Wait()
	for _, key := range keys {
		if key == "" || key != keys[0] {
			t.Fatalf("got different or empty keys")
		}
	}
}

func TestOlderKeys(t *testing.T) {
	t.Parallel()
	c := load(t, "", "SECRET_KEY_FALLBACKS=one, two")
	if got := c.OlderKeys(); len(got) != 2 || got[0] != "one" || got[1] != "two" {
		t.Errorf("got %q, want both in their order", got)
	}
	if c = load(t, ""); len(c.OlderKeys()) != 0 {
		t.Errorf("got %q where none is set", c.OlderKeys())
	}
}

func TestEnsureSecretKey_SetByHand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := load(t, "", "SECRET_KEY=mine", "DB_NAME="+filepath.Join(dir, "db.sqlite3"))
	if err := c.EnsureSecretKey(); err != nil || c.SecretKey.Reveal() != "mine" {
		t.Errorf("got %v, want the key that is set", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("the directory holds %v, want nothing", entries)
	}
}

func TestEnsureSecretKey_Failures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty+".secret", []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{empty, filepath.Join(dir, "missing", "db.sqlite3")} {
		c := load(t, "", "DB_NAME="+name)
		err := c.EnsureSecretKey()
		if err == nil || !strings.HasPrefix(err.Error(), "SECRET_KEY: ") || !c.SecretKey.IsEmpty() {
			t.Errorf("%s: got %v, want an error that names SECRET_KEY, and no key", name, err)
		}
	}
}
