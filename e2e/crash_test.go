package e2e_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// rounds is how often the drill kills: 30 times, or 300 in the long form.
func rounds() int {
	if os.Getenv("ROSTER_DRILL") == "long" {
		return 300
	}
	return 30
}

// TestDrill_KilledServerLosesNothing kills the server (SIGKILL) at random
// moments while clients create users, who send what was not answered again
// after the restart. Then every user is there, once and whole, and the
// database's own check finds nothing.
func TestDrill_KilledServerLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start := func() *server { return startServer(t, dir, "LOG_DIR=", "LOG_LEVEL=WARNING", "LOG_LEVELS=server=INFO") }
	clients, unanswered := newCreators(t), 0
	gone := func(error) bool { return true } // any error of a client whose server was killed
	for range rounds() {
		s := start()
		clients.repeat(s)
		clients.createUntil(s, 1+rand.IntN(300), s.kill, gone)
		unanswered += len(clients.unanswered)
	}
	clients.repeat(start())
	checkFile(t, filepath.Join(dir, "db.sqlite3"), clients)
	t.Logf("%d rounds, %d users acknowledged, %d of them only when asked again", rounds(), len(clients.acked), unanswered)
}

// checkFile opens the file and compares it with what was acknowledged.
func checkFile(t *testing.T, path string, clients *creators) {
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
	clients.compare(db)
}
