package e2e_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/task"
)

// TestDrill_BulkMailThroughFaults sends a message to many users through a server
// that refuses some for now, some for good, is slow to some, and ends connections
// after it has taken a message over, while the worker is killed again and again.
// Every reachable user gets the message. A user gets it at most twice: if the worker
// was killed while sending it, or the connection ended before the server's response;
// both copies have the same id.
func TestDrill_BulkMailThroughFaults(t *testing.T) {
	t.Parallel()
	recipients, kills := 400, 1
	if os.Getenv("ROSTER_DRILL") == "long" {
		recipients, kills = 10_000, 10
	}
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		db, sink := openStore(t, settings), startSink(t, &sink{faults: true})
		settings = append(settings, sink.settings()...)
		insertUsers(t, db, recipients)
		id := enqueueBulk(t, db)
		worker := startBackground(t, t.TempDir(), settings, "worker")
		for kill := range kills {
			enough := (kill + 1) * recipients / (kills + 2)
			eventually(t, 4*patience, "messages to be sent", func() bool { return sink.count() >= enough })
			<-time.After(rand.N(20 * time.Millisecond))
			worker.kill()
			worker = startBackground(t, t.TempDir(), settings, "worker")
		}
		finishBulk(t, db, id)
		wantDelivered(t, sink, recipients, kills*8)
		t.Logf("%d recipients, %d kills, %d drops, %d messages", recipients, kills, sink.drops(), sink.count())
		wantCounts(t, db, id, map[job.DeliveryState]int64{job.Sent: int64(recipients - recipients/100), job.Bounced: int64(recipients / 100)})
	})
}

// TestDrill_BulkMailWithoutFaults sends each message once.
func TestDrill_BulkMailWithoutFaults(t *testing.T) {
	t.Parallel()
	recipients := 400
	if os.Getenv("ROSTER_DRILL") == "long" {
		recipients = 10_000
	}
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		db, sink := openStore(t, settings), startSink(t, &sink{})
		insertUsers(t, db, recipients)
		id := enqueueBulk(t, db)
		begin := time.Now()
		startBackground(t, t.TempDir(), append(settings, sink.settings()...), "worker")
		eventually(t, 10*patience, "the task to be done", func() bool { return countState(t, db, task.Done) == 1 })
		t.Logf("%d messages to a server that accepts at once: %s", recipients, time.Since(begin).Round(time.Millisecond))
		wantDelivered(t, sink, recipients, 0)
		wantCounts(t, db, id, map[job.DeliveryState]int64{job.Sent: int64(recipients)})
	})
}

// TestBulkMail_PausesAndResumes sends a mailing through a server that rejects this
// machine at RCPT. No recipient is lost: once the server accepts it, a retry reaches
// each once.
func TestBulkMail_PausesAndResumes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		var accepts atomic.Bool
		refuse := func(string) error {
			if accepts.Load() {
				return nil
			}
			return &smtp.SMTPError{Code: 504, EnhancedCode: smtp.EnhancedCode{5, 5, 2}, Message: "<vm>: Helo command rejected: need fully-qualified hostname"}
		}
		db, sink := openStore(t, settings), startSink(t, &sink{onRcpt: refuse})
		insertUsers(t, db, 40)
		id := enqueueBulk(t, db)
		startBackground(t, t.TempDir(), append(settings, sink.settings()...), "worker")
		eventually(t, patience, "the mailing to be paused", func() bool {
			found, err := db.FindTask(t.Context(), id)
			return err == nil && found.State == task.Pending && found.Attempts == 1
		})
		found, err := db.FindTask(t.Context(), id)
		const reason = "the mailing is paused and 40 recipients will be tried again: the server rejects the name of this machine: 504 5.5.2 "
		if err != nil || !strings.HasPrefix(found.Error, reason) || !strings.HasSuffix(found.Error, "; see EMAIL_EHLO_NAME") {
			t.Errorf("got %q, %v", found.Error, err)
		}
		accepts.Store(true)
		finishBulk(t, db, id)
		wantDelivered(t, sink, 40, 0)
		wantCounts(t, db, id, map[job.DeliveryState]int64{job.Sent: 40, job.Bounced: 0})
	})
}

// TestBulkMail_DeferredRecipients sends a mailing whose first recipients are all
// deferred. The others get it at once.
func TestBulkMail_DeferredRecipients(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		var accepts atomic.Bool
		refuse := func(to string) error {
			var n int
			if _, err := fmt.Sscanf(to, "reader%d@", &n); err != nil || n >= 16 || accepts.Load() {
				return nil //nolint:nilerr // another recipient
			}
			return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.NoEnhancedCode, Message: "try again later"}
		}
		db, sink := openStore(t, settings), startSink(t, &sink{onRcpt: refuse})
		insertUsers(t, db, 40)
		id := enqueueBulk(t, db)
		startBackground(t, t.TempDir(), append(settings, sink.settings()...), "worker")
		eventually(t, patience, "the first run to end", func() bool {
			found, err := db.FindTask(t.Context(), id)
			return err == nil && found.State == task.Pending && found.Runs > 0
		})
		if found, err := db.FindTask(t.Context(), id); err != nil || sink.count() != 24 || !strings.HasPrefix(found.Error, "16 recipients will be tried again") {
			t.Errorf("got %d messages and %q, %v", sink.count(), found.Error, err)
		}
		accepts.Store(true)
		finishBulk(t, db, id)
		wantDelivered(t, sink, 40, 0)
	})
}

// finishBulk does what a person may who does not want to wait: the task is
// started again whenever it waits for another try.
func finishBulk(t *testing.T, db *store.Store, id int64) {
	t.Helper()
	eventually(t, 10*patience, "the task to be done", func() bool {
		found, err := db.FindTask(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if found.State == task.Pending && found.Runs > 0 && found.RunAt.After(time.Now()) {
			now := time.Now().UTC().Truncate(time.Microsecond)
			err := db.InTaskTx(t.Context(), func(tx task.Tx) error {
				if err := tx.CancelTask(id, now); err != nil {
					return err
				}
				return tx.RetryTask(id, now)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return found.State == task.Done
	})
}

// wantDelivered checks that everybody who can get a message got it under one id,
// and how many got it twice: no more than that many beside the dropped ones.
func wantDelivered(t *testing.T, s *sink, recipients, mostTwice int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	twice, want := 0, recipients
	if s.faults {
		want -= recipients / 100 // there is no such mailbox
	}
	for to, ids := range s.ids {
		for _, id := range ids[1:] {
			twice++
			if id != ids[0] {
				t.Errorf("%s: got the ids %s and %s, want one", to, ids[0], id)
			}
		}
	}
	if len(s.ids) != want || twice > mostTwice+s.dropped {
		t.Errorf("%d got a message, %d of them twice; want %d, and twice at most %d and the %d dropped", len(s.ids), twice, want, mostTwice, s.dropped)
	}
}

func wantCounts(t *testing.T, db *store.Store, id int64, want map[job.DeliveryState]int64) {
	t.Helper()
	found, err := db.FindTask(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	got := map[job.DeliveryState]int64{}
	if err := json.Unmarshal(found.Result, &got); err != nil {
		t.Fatalf("the result %q: %v", found.Result, err)
	}
	for state, n := range want {
		if got[state] != n {
			t.Errorf("%s: got %d, want %d", state, got[state], n)
		}
	}
}
