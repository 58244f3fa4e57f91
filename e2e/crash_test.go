package e2e_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// crashClients is how many clients create users at once.
const crashClients = 32

// rounds is how often the drill kills: 30 times, or 300 in the long form.
func rounds() int {
	if os.Getenv("ROSTER_DRILL") == "long" {
		return 300
	}
	return 30
}

// TestDrill_KilledServerLosesNothing kills the server (SIGKILL) at random
// moments while clients create users. What was acknowledged is there after
// the restart, whole; what was not is there whole or not at all; and the
// database's own check finds nothing.
func TestDrill_KilledServerLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acked := map[int64]string{}
	for round := range rounds() {
		s := startServer(t, dir, "LOG_DIR=", "LOG_LEVEL=WARNING", "LOG_LEVELS=cli=INFO")
		for id, username := range createUntilKilled(t, s, round) {
			if known, twice := acked[id]; twice {
				t.Fatalf("round %d: id %d was given to %s and to %s", round, id, known, username)
			}
			acked[id] = username
		}
	}
	checkRows(t, filepath.Join(dir, "db.sqlite3"), acked)
	t.Logf("%d rounds, %d users acknowledged", rounds(), len(acked))
}

// createUntilKilled returns the users that were acknowledged, by id. The
// server is killed after a random number of them.
func createUntilKilled(t *testing.T, s *server, round int) map[int64]string {
	t.Helper()
	var (
		acked  = map[int64]string{}
		mu     sync.Mutex
		number atomic.Int64
		group  sync.WaitGroup
		limit  = 1 + rand.IntN(300)
	)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: crashClients}}
	defer client.CloseIdleConnections()
	for range crashClients {
		group.Go(func() {
			for {
				username := fmt.Sprintf("crash-%d-%d", round, number.Add(1))
				id, err := createUser(t.Context(), client, s.url, username)
				if err != nil {
					return // the server is gone
				}
				mu.Lock()
				acked[id] = username
				if len(acked) == limit {
					s.kill()
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return acked
}

func createUser(ctx context.Context, client *http.Client, url, username string) (int64, error) {
	body := fmt.Sprintf(`{"username":%q,"email":"%s@example.com","first_name":%q,"address":%q}`, username, username, username, username)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/users/", bytes.NewBufferString(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	var row struct {
		ID int64 `json:"id"`
	}
	if answer.StatusCode != http.StatusCreated {
		return 0, fmt.Errorf("status %d: %s", answer.StatusCode, text)
	}
	return row.ID, json.Unmarshal(text, &row)
}

// checkRows opens the file after the last kill and compares it with what was acknowledged.
func checkRows(t *testing.T, path string, acked map[int64]string) {
	t.Helper()
	db, err := openSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var verdict string
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %q, %v", verdict, err)
	}
	compareRows(t, db, acked)
}

// compareRows compares the table with what was acknowledged.
func compareRows(t *testing.T, db *sql.DB, acked map[int64]string) {
	t.Helper()
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
			t.Fatalf("half a row: %v", err)
		}
		if email != username+"@example.com" || firstName != username || address != username {
			t.Errorf("half a row: %d %q %q %q %q", id, username, email, firstName, address)
		}
		found[id] = username
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for id, username := range acked {
		if found[id] != username {
			t.Errorf("user %d %s was acknowledged; the table has %q", id, username, found[id])
		}
	}
}
