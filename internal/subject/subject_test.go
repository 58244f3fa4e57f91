package subject_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/form"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/subject"
	"roster/internal/task"
	"roster/internal/user"
)

// rounds is how often story does each thing, more than Export reads at a time.
const rounds = 210

// TestRecords shows on every engine that a user's events are complete, in order, and
// only its own.
func TestRecords(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			records := newStory(t, open)
			checkEvents(t, records)
			checkExport(t, records)
		})
	}
}

// newStory returns the records of a store in which user 1 was changed rounds times and
// got as many mails of each kind, and user 2 too.
func newStory(t *testing.T, open func(testing.TB) *store.Store) *subject.Records {
	t.Helper()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { now = now.Add(time.Second); return now }
	s, log := open(t), slog.New(slog.DiscardHandler)
	users := user.NewUsers(s, clock, log)
	tasks := task.NewTasks(s, task.NewRegistry(job.WelcomeEmail(nil, nil), job.BulkNotification(nil, nil, nil, clock)), clock, log)
	system := access.System("test")
	start := func(kind, args string) int64 {
		id, err := tasks.Start(t.Context(), system, kind, json.RawMessage(args), "")
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	text := func(s string) form.Value { return form.Value{Kind: form.String, Text: s} }
	for _, name := range []string{"one", "two"} {
		if _, err := users.Create(t.Context(), system, form.Input{"username": text(name), "email": text(name + "@example.com")}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range rounds {
		for id := range int64(2) {
			if _, err := users.Update(t.Context(), system, id+1, form.Input{"phone": text(strconv.Itoa(i))}, form.Partial); err != nil {
				t.Fatal(err)
			}
			start(job.WelcomeKind, fmt.Sprintf(`{"user_id": %d}`, id+1))
		}
		mailing := start("send_bulk_notification", fmt.Sprintf(`{"subject": "News %d", "message": "None."}`, i))
		if _, err := s.PlanDeliveries(t.Context(), mailing, user.Query{}, 10); err != nil {
			t.Fatal(err)
		}
	}
	subscriptions := user.NewSubscriptions(s, auth.NewKeys("a secret of the tests"), clock, log)
	return subject.NewRecords(users, subscriptions, audit.NewTrail(s, audit.NewChain("secret"), log), tasks, job.NewMails(s))
}

func checkEvents(t *testing.T, records *subject.Records) {
	t.Helper()
	root := access.System("test")
	seen, parts := map[string]int{}, 0
	for mark := (subject.Mark{}); !mark.Ended(); parts++ {
		events, after, err := records.Events(t.Context(), root, 1, mark, 50)
		if err != nil || len(events) == 0 && !after.Ended() {
			t.Fatalf("got %d events, %+v, %v", len(events), after, err)
		}
		mark = after
		for i, e := range events {
			if i > 0 && e.At.After(events[i-1].At) && e.Mail == nil && events[i-1].Mail == nil {
				t.Errorf("%s is after %s", e.At, events[i-1].At)
			}
			switch {
			case e.Entry != nil && e.Entry.Object.ID == 1:
				seen[fmt.Sprintf("entry %d", e.Entry.ID)]++
			case e.Mail != nil && e.Mail.UserID == 1 && e.Mail.Subject != "":
				seen[fmt.Sprintf("mail %d", e.Mail.ID)]++
			case e.Task != nil && string(e.Task.Args) == `{"user_id":1}`:
				seen[fmt.Sprintf("task %d", e.Task.ID)]++
			default:
				t.Errorf("got the event %+v", e)
			}
		}
	}
	for what, n := range seen {
		if n != 1 {
			t.Errorf("%s is there %d times", what, n)
		}
	}
	if want := 3*rounds + 1; len(seen) != want || parts < want/50 {
		t.Errorf("got %d events on %d parts, want %d", len(seen), parts, want)
	}
	mail, _, err := records.Mail(t.Context(), root, 1, subject.Mark{}, 1000)
	if err != nil || len(mail) != 2*rounds {
		t.Errorf("got %d mails, %v", len(mail), err)
	}
	reader := access.NewActor(access.Account{ID: 1, Permissions: []access.Permission{access.ViewUser}})
	events, after, err := records.Events(t.Context(), reader, 1, subject.Mark{}, 1000)
	if err != nil || len(events) != rounds+1 || !after.Ended() {
		t.Errorf("a reader of users gets %d events, %+v, %v", len(events), after, err)
	}
}

func checkExport(t *testing.T, records *subject.Records) {
	t.Helper()
	var out bytes.Buffer
	if err := records.Export(t.Context(), access.System("test"), 1, &out); err != nil {
		t.Fatal(err)
	}
	var data struct {
		User        map[string]any
		Audit, Mail []map[string]any
		Tasks       []map[string]any
	}
	if err := json.Unmarshal(out.Bytes(), &data); err != nil {
		t.Fatalf("%v: %.2000s", err, out.String())
	}
	if data.User["username"] != "one" || len(data.Audit) != rounds+1 || len(data.Mail) != rounds || len(data.Tasks) != rounds {
		t.Errorf("got %v, %d entries, %d mails, %d tasks", data.User, len(data.Audit), len(data.Mail), len(data.Tasks))
	}
	if err := records.Export(t.Context(), access.Actor{}, 1, &out); err == nil {
		t.Error("an anonymous actor gets the data")
	}
}

// TestResolve shows the names of a user.
func TestResolve(t *testing.T) {
	t.Parallel()
	records := newStory(t, storetest.OpenSQLite)
	for name, want := range map[string]int64{"1": 1, "two": 2, "one@example.com": 1, "3": 0, "Two": 0, `"`: 0, "": 0, "x@y": 0} {
		id, err := records.Resolve(t.Context(), access.System("test"), name)
		if id != want || (err == nil) != (want > 0) {
			t.Errorf("%q: got %d, %v, want %d", name, id, err, want)
		}
	}
}
