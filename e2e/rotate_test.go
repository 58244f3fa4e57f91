package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Keys that are long and mixed enough for a deployment.
const (
	oldKey = "old-0123456789-abcdefghijklmnop-QRSTUV"
	newKey = "new-9876543210-ponmlkjihgfedcba-VUTSRQ"
)

// rotated runs a command with a SECRET_KEY and those before it.
func rotated(t *testing.T, settings []string, key, fallbacks string, args ...string) (out string, ok bool) {
	t.Helper()
	settings = append(slices.Clone(settings), "SECRET_KEY="+key, "SECRET_KEY_FALLBACKS="+fallbacks, "LOG_DIR=", "ROSTER_SUPERUSER_PASSWORD=correct horse battery")
	text, err := roster(t, t.TempDir(), settings, args...).CombinedOutput()
	return string(text), err == nil
}

// TestRotate_SecretKey takes the steps of docs/secrets.md: in the end nothing
// needs the old key.
func TestRotate_SecretKey(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		for _, args := range [][]string{{"migrate"}, {"createsuperuser", "--noinput", "--username", "ada", "--email", "ada@example.com"}, {"audit", "reseal"}} {
			if out, ok := rotated(t, settings, oldKey, "", args...); !ok {
				t.Fatal(args, out)
			}
		}
		for _, step := range []struct {
			key, fallbacks, command string
			ok                      bool
			says                    string
		}{
			{newKey, "", "verify", false, "not known here"},
			{newKey, "", "reseal", false, "not among SECRET_KEY_FALLBACKS"},
			{newKey, oldKey, "verify", true, "The audit trail is sound"},
			{newKey, oldKey, "reseal", true, "no longer needs SECRET_KEY_FALLBACKS"},
			{newKey, "", "verify", true, "The audit trail is sound"},
			{oldKey, "", "verify", false, "not known here"},
		} {
			if out, ok := rotated(t, settings, step.key, step.fallbacks, "audit", step.command); ok != step.ok || !strings.Contains(out, step.says) {
				t.Errorf("%+v: got %v, %s", step, ok, out)
			}
		}
	})
}

// TestRotate_BackupKey takes the steps of docs/secrets.md: new backups need the
// new key, and older ones the old key in a file.
func TestRotate_BackupKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	settings := []string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3")}
	first, second := append(settings, "BACKUP_KEY="+oldKey), append(slices.Clone(settings), "BACKUP_KEY="+newKey)
	file := filepath.Join(dir, "old.key")
	if err := os.WriteFile(file, []byte(oldKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, first, "migrate")
	must(t, first, "backup", filepath.Join(dir, "a.backup"))
	must(t, second, "backup", filepath.Join(dir, "b.backup"))
	must(t, second, "backup", "--verify", filepath.Join(dir, "b.backup"))
	must(t, second, "backup", "--verify", "--key-file", file, filepath.Join(dir, "a.backup"))
	if out, err := roster(t, dir, second, "backup", "--verify", filepath.Join(dir, "a.backup")).CombinedOutput(); err == nil || !strings.Contains(string(out), "another key") {
		t.Errorf("the old backup with the new key: %v: %s", err, out)
	}
}

// TestRotate_MetricsToken takes the steps of docs/secrets.md.
func TestRotate_MetricsToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	scrape := func(s *server, token string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/metrics", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	for _, token := range []string{oldKey, newKey} {
		s := startServer(t, dir, "METRICS_TOKEN="+token)
		for _, given := range []string{oldKey, newKey} {
			if got := scrape(s, given); (got == http.StatusOK) != (given == token) {
				t.Errorf("METRICS_TOKEN=%s, scraped with %s: got %d", token, given, got)
			}
		}
		s.stop()
	}
}

// TestRotate_DBPassword takes the steps of docs/secrets.md: servers with the old
// and with the new password run side by side.
func TestRotate_DBPassword(t *testing.T) {
	t.Parallel()
	m := sharedMySQL(t)
	database := m.newDatabase()
	user := "'" + database.name + "'@'%'"
	before := startServer(t, t.TempDir(), database.settings...)
	m.exec("ALTER USER " + user + " IDENTIFIED BY '" + newKey + "' RETAIN CURRENT PASSWORD")
	changed := append(slices.DeleteFunc(slices.Clone(database.settings), func(s string) bool { return strings.HasPrefix(s, "DB_PASSWORD=") }), "DB_PASSWORD="+newKey)
	after := startServer(t, t.TempDir(), changed...)
	again := startServer(t, t.TempDir(), database.settings...)
	for _, s := range []*server{before, after, again} {
		s.create("user" + s.address()[strings.LastIndex(s.address(), ":")+1:])
	}
	m.exec("ALTER USER " + user + " DISCARD OLD PASSWORD")
	if out, err := roster(t, t.TempDir(), database.settings, "migrate", "--check").CombinedOutput(); err == nil || !strings.Contains(string(out), "DB_PASSWORD") {
		t.Errorf("the old password: %v: %s", err, out)
	}
	must(t, changed, "migrate", "--check")
}
