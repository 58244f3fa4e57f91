package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/task"
	"roster/internal/user"
)

// insertUsers stores active users named by numbers from 0 on.
func insertUsers(t *testing.T, db *store.Store, count int) {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Microsecond)
	for first := 0; first < count; first += 1000 {
		err := db.InTx(t.Context(), func(tx user.Tx) error {
			for n := first; n < min(first+1000, count); n++ {
				name := fmt.Sprint("reader", n)
				u := user.User{Username: name, Email: name + "@example.com", IsActive: true, CreatedAt: now, UpdatedAt: now}
				if _, err := tx.InsertUser(u); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

var (
	recipientOf = regexp.MustCompile(`(?m)^To: <([^>]*)>`)
	messageIDOf = regexp.MustCompile(`(?m)^Message-ID: <([^>]*)>`)
)

// messages returns the ids of the messages in a directory by their recipient.
func messages(t *testing.T, dir string) map[string][]string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string][]string{}
	for _, f := range files {
		text := readFile(t, dir, f.Name())
		to, id := recipientOf.FindStringSubmatch(text), messageIDOf.FindStringSubmatch(text)
		if to == nil || id == nil {
			continue // it was cut off by a kill
		}
		ids[to[1]] = append(ids[to[1]], id[1])
	}
	return ids
}

// TestDrill_KilledBulkMailGoesOn kills the worker that sends a message to many
// users, again and again. Everybody gets it; twice gets it who was being
// written to at a kill, under the same id.
func TestDrill_KilledBulkMailGoesOn(t *testing.T) {
	t.Parallel()
	recipients, kills := 1000, 2
	if os.Getenv("ROSTER_DRILL") == "long" {
		recipients, kills = 10_000, 10
	}
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		db, mails := openStore(t, settings), filepath.Join(t.TempDir(), "mails")
		settings = append(settings, "EMAIL_BACKEND=file", "EMAIL_FILE_PATH="+mails)
		insertUsers(t, db, recipients)
		id := enqueueBulk(t, db)
		worker := startBackground(t, t.TempDir(), settings, "worker")
		for kill := range kills {
			enough := (kill + 1) * recipients / (kills + 2)
			eventually(t, 2*patience, "messages to be sent", func() bool { return len(readNames(mails)) >= enough })
			<-time.After(rand.N(20 * time.Millisecond))
			worker.kill()
			worker = startBackground(t, t.TempDir(), settings, "worker")
		}
		begin := time.Now()
		eventually(t, 3*patience, "the task to be done", func() bool { return countState(t, db, task.Done) == 1 })
		found, err := db.FindTask(t.Context(), id)
		if err != nil || string(found.Result) != fmt.Sprintf(`{"sent":%d}`, recipients) || found.Crashes != kills {
			t.Errorf("got %+v, %v", found, err)
		}
		sent, twice := messages(t, mails), 0
		for to, ids := range sent {
			for _, id := range ids[1:] {
				twice++
				if id != ids[0] {
					t.Errorf("%s: got ids %s and %s, want one", to, ids[0], id)
				}
			}
		}
		if len(sent) != recipients || twice > kills*8 {
			t.Errorf("%d of %d got a message, %d of them twice, want all, and %d twice at most", len(sent), recipients, twice, kills*8)
		}
		t.Logf("%d recipients, %d kills, %d messages twice; the rest took %s", recipients, kills, twice, time.Since(begin).Round(time.Millisecond))
	})
}

func readNames(dir string) []os.DirEntry {
	files, _ := os.ReadDir(dir) // none yet
	return files
}

func enqueueBulk(t *testing.T, db *store.Store) (id int64) {
	t.Helper()
	n, err := job.BulkNotification(nil, nil, nil, nil).New(time.Now(), "test", job.BulkArgs{Subject: "News", Message: "All is well."})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.InTaskTx(t.Context(), func(tx task.Tx) (err error) { id, err = tx.Enqueue(n); return err }); err != nil {
		t.Fatal(err)
	}
	return id
}
