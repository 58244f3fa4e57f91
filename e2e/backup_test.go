package e2e_test

import (
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// backupRounds is how often the drills of backups kill: twice, or 40 times in the
// long form; and how many users there are before the load.
func backupRounds() (rounds, users int) {
	if os.Getenv("ROSTER_DRILL") == "long" {
		return 40, 50_000
	}
	return 2, 5_000
}

// signing is a key of sessions and of the audit trail for servers and commands alike.
const signing = "SECRET_KEY=q3v9Zt5Lw8Rk1Yx7Pb2Nc4Md6Hf0Gj-TsVa"

// fresh returns the settings of another, empty database of the same engine.
func fresh(t *testing.T, settings []string) []string {
	t.Helper()
	if slices.Contains(settings, "DB_ENGINE=mysql") {
		return sharedMySQL(t).newDatabase().settings
	}
	return []string{"DB_NAME=" + filepath.Join(t.TempDir(), "restored.sqlite3")}
}

// must runs a command that has to succeed, and returns what it says.
func must(t *testing.T, settings []string, args ...string) string {
	t.Helper()
	out, err := roster(t, t.TempDir(), append(slices.Clone(settings), signing, "LOG_DIR="), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("roster %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// openDB opens the database that the settings name, below roster.
func openDB(t *testing.T, settings []string) *sql.DB {
	t.Helper()
	values := map[string]string{}
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		values[name] = value
	}
	if values["DB_ENGINE"] == "mysql" {
		return sharedMySQL(t).open(values["DB_NAME"])
	}
	db, err := openSQLite(values["DB_NAME"])
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// addUsers stores users below roster.
func addUsers(t *testing.T, settings []string, prefix string, count int) {
	t.Helper()
	db := openDB(t, settings)
	defer func() { _ = db.Close() }()
	const columns = "INSERT INTO t_users (username, email, first_name, last_name, phone, address, is_active, created_at, updated_at) VALUES "
	for done := 0; done < count; {
		var values []string
		for ; done < count && len(values) < 500; done++ {
			name := fmt.Sprintf("%s-%d", prefix, done)
			values = append(values, fmt.Sprintf("('%s', '%s@example.com', '%s', '', '', '%s', 1, '2026-11-27 00:00:00', '2026-11-27 00:00:00')", name, name, name, name))
		}
		if _, err := db.ExecContext(t.Context(), columns+strings.Join(values, ", ")); err != nil {
			t.Fatal(err)
		}
	}
}

// usersByID returns the users of a database, each of which must be whole.
func usersByID(t *testing.T, settings []string) map[int64]string {
	t.Helper()
	db := openDB(t, settings)
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), "SELECT id, username, email, first_name, address FROM t_users")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	found := map[int64]string{}
	for rows.Next() {
		var id int64
		var username, email, firstName, address string
		if err := rows.Scan(&id, &username, &email, &firstName, &address); err != nil {
			t.Fatal(err)
		}
		if email != username+"@example.com" || firstName != username || address != username {
			t.Errorf("half a row: %d %q %q %q %q", id, username, email, firstName, address)
		}
		found[id] = username
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// TestDrill_BackupUnderLoad makes a backup while 32 clients create users, and
// restores it elsewhere. Users acknowledged before it began exist, none partially;
// no request failed; a server starts on it, and its audit trail is sound.
func TestDrill_BackupUnderLoad(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		_, users := backupRounds()
		settings = append(settings, signing, "LOG_DIR=", "LOG_LEVEL=WARNING", "LOG_LEVELS=server=INFO")
		s := startServer(t, t.TempDir(), settings...)
		addUsers(t, settings, "old", users)
		clients, file := newCreators(t), filepath.Join(t.TempDir(), "a.backup")
		var before map[int64]string
		var during int
		var stopped atomic.Bool
		clients.createUntil(s, 200, func() {
			clients.note(func() { before = maps.Clone(clients.acked) })
			must(t, settings, "backup", file)
			clients.note(func() { during = len(clients.acked) - len(before) })
			stopped.Store(true)
			s.kill()
		}, func(error) bool { return stopped.Load() })
		if during < crashClients {
			t.Errorf("%d users were created while the backup was made: writers wait for it", during)
		}
		elsewhere := append(fresh(t, settings), signing)
		said := must(t, elsewhere, "restore", file)
		found := usersByID(t, elsewhere)
		for id, username := range before {
			if found[id] != username {
				t.Errorf("user %d %s was acknowledged before the backup; it has %q", id, username, found[id])
			}
		}
		if len(found) < users+len(before) {
			t.Errorf("got %d users, want %d and more", len(found), users+len(before))
		}
		checkIntegrity(t, elsewhere)
		restored := startServer(t, t.TempDir(), append(elsewhere, "LOG_DIR=")...)
		if got := restored.number("/api/users/", "count"); got != len(found) {
			t.Errorf("got %d users served, want %d", got, len(found))
		}
		restored.expect(http.StatusCreated, http.MethodPost, "/api/users/", newUser("later"))
		if status := restored.stop(); status != 0 {
			t.Errorf("got status %d:\n%s", status, restored.logged())
		}
		t.Logf("%d created before, %d while it was made; %s%s", len(before), during, said, must(t, elsewhere, "audit", "verify"))
	})
}

// checkIntegrity has SQLite look for what is wrong.
func checkIntegrity(t *testing.T, settings []string) {
	t.Helper()
	if slices.Contains(settings, "DB_ENGINE=mysql") {
		return
	}
	db := openDB(t, settings)
	defer func() { _ = db.Close() }()
	var verdict string
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %q, %v", verdict, err)
	}
}

// killed runs a command and kills it (SIGKILL) within that time; it reports
// whether that came too late.
func killed(t *testing.T, settings []string, limit time.Duration, args ...string) (ended bool) {
	t.Helper()
	cmd := roster(t, t.TempDir(), append(slices.Clone(settings), signing, "LOG_DIR="), args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-time.After(rand.N(limit))
	_ = cmd.Process.Kill() // an error: it has ended already
	return cmd.Wait() == nil
}

// TestDrill_KilledBackups kills backups and restores at random moments. A backup
// is there and whole, or not at all; a database is the old or the new one, and the
// restore can be repeated.
func TestDrill_KilledBackups(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		rounds, users := backupRounds()
		must(t, settings, "migrate")
		addUsers(t, settings, "old", users)
		folder := t.TempDir()
		whole := filepath.Join(folder, "whole")
		begin := time.Now()
		must(t, settings, "backup", whole)
		took, target := time.Since(begin), fresh(t, settings)
		must(t, target, "migrate")
		addUsers(t, target, "other", 3)
		begin = time.Now()
		must(t, fresh(t, settings), "restore", whole)
		restoring, early := time.Since(begin), 0
		for n := range rounds {
			file := filepath.Join(folder, strconv.Itoa(n))
			ended := killed(t, settings, took, "backup", file)
			if _, err := os.Stat(file); err == nil {
				must(t, settings, "backup", "--verify", file)
			} else if ended {
				t.Errorf("a backup that ended is not there: %v", err)
			}
			if !killed(t, target, restoring, "restore", "--overwrite", whole) {
				early++
			}
			if got := len(usersByID(t, target)); got != 3 && got != users {
				t.Errorf("got %d users, want the 3 of the old database or the %d of the new", got, users)
			}
		}
		must(t, target, "restore", "--overwrite", whole)
		if got := len(usersByID(t, target)); got != users {
			t.Errorf("got %d users, want %d", got, users)
		}
		checkIntegrity(t, target)
		must(t, target, "audit", "verify")
		t.Logf("%d rounds, %d restores cut short; a backup took %s, a restore %s", rounds, early, took.Round(time.Millisecond), restoring.Round(time.Millisecond))
	})
}
