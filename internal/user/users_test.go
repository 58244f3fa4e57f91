package user_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/query"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// clock moves on by a second whenever it is read, unless it stands still. Many
// may read it at once.
type clock struct {
	mu    sync.Mutex
	at    time.Time
	still bool
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.still {
		c.at = c.at.Add(time.Second)
	}
	return c.at
}

// newUsers returns the service on that database, and its log.
func newUsers(t *testing.T, db user.Store, c *clock) (*user.Users, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	return user.NewUsers(db, c.now, slog.New(slog.NewTextHandler(&log, nil))), &log
}

// cutOnce loses the answer to the first commit, which was done or not.
type cutOnce struct {
	user.Store
	done bool
	cut  bool
}

func (c *cutOnce) InTx(ctx context.Context, fn func(user.Tx) error) error {
	if c.cut {
		return c.Store.InTx(ctx, fn)
	}
	c.cut = true
	if c.done {
		if err := c.Store.InTx(ctx, fn); err != nil {
			return err
		}
	}
	return fault.Wrap(fault.Unavailable, "The database is not available.", fault.ErrUnknownOutcome)
}

func newClock() *clock {
	return &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.FixedZone("x", 3600))}
}

// input is a valid user of that name.
func input(username string) form.Input {
	return form.Input{
		"username": {Kind: form.String, Text: username},
		"email":    {Kind: form.String, Text: username + "@Example.com"},
	}
}

var everybody = access.AllowAny.Anonymous()

func mustCreate(t *testing.T, users *user.Users, username string) user.User {
	t.Helper()
	u, err := users.Create(t.Context(), everybody, input(username))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestCreate_StampsInWholeMicrosecondsOfUTC(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			u := mustCreate(t, users, "first")
			if want := time.Date(2026, 1, 2, 2, 4, 6, 123456000, time.UTC); !u.CreatedAt.Equal(want) || u.CreatedAt.Location() != time.UTC {
				t.Errorf("created_at: got %v, want %v", u.CreatedAt, want)
			}
			if !u.UpdatedAt.After(u.CreatedAt) || u.UpdatedAt.Nanosecond()%1000 != 0 {
				t.Errorf("updated_at: got %v after %v", u.UpdatedAt, u.CreatedAt)
			}
			if !u.IsActive || u.Email != "first@example.com" {
				t.Errorf("got %+v, want an active user with a lower-case address", u)
			}
			if found, err := users.Find(t.Context(), everybody, u.ID); err != nil || found != u {
				t.Errorf("Find: got %+v, %v, want %+v", found, err, u)
			}
		})
	}
}

// updated_at grows with every change, also with none and with a clock that stands still.
func TestUpdate_MovesUpdatedAt(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			users, _ := newUsers(t, open(t), c)
			before := mustCreate(t, users, "first")
			c.still = true
			for range 3 {
				after, err := users.Update(t.Context(), everybody, before.ID, form.Input{}, form.Partial)
				if err != nil || !after.UpdatedAt.After(before.UpdatedAt) || after.CreatedAt != before.CreatedAt {
					t.Fatalf("got %+v, %v after %+v", after, err, before)
				}
				before = after
			}
		})
	}
}

func TestUpdate_LeavesOutKeeps(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			in := input("first")
			in["phone"] = form.Value{Kind: form.String, Text: "1"}
			in["is_active"] = form.Value{Kind: form.Boolean}
			u, err := users.Create(t.Context(), everybody, in)
			if err != nil {
				t.Fatal(err)
			}
			got, err := users.Update(t.Context(), everybody, u.ID, input("second"), form.Replace)
			if err != nil || got.Username != "second" || got.Phone != form.TextOf("1") || got.IsActive {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestCreate_ReportsEveryErrorInFieldOrder(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			mustCreate(t, users, "taken")
			in := input("taken")
			in["username"] = form.Value{Kind: form.String, Text: "x"}
			in["is_active"] = form.Value{Kind: form.List}
			_, err := users.Create(t.Context(), everybody, in)
			want := "username: Username must be at least 3 characters long.|email: t user with this email already exists.|is_active: Must be a valid boolean."
			if got := faults(err); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestUpdate_OwnNameIsFree(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			first, second := mustCreate(t, users, "first"), mustCreate(t, users, "second")
			if _, err := users.Update(t.Context(), everybody, first.ID, input("first"), form.Replace); err != nil {
				t.Errorf("its own name: got %v", err)
			}
			_, err := users.Update(t.Context(), everybody, second.ID, input("first"), form.Replace)
			want := "username: t user with this username already exists.|email: t user with this email already exists."
			if got := faults(err); got != want {
				t.Errorf("another's name: got %s, want %s", got, want)
			}
		})
	}
}

func faults(err error) string {
	if e, ok := err.(*fault.Error); ok && e.Kind == fault.Invalid { //nolint:errorlint // the service returns it bare
		var lines []string
		for _, f := range e.Fields {
			lines = append(lines, f.Name+": "+strings.Join(f.Messages, ", "))
		}
		return strings.Join(lines, "|")
	}
	return "no faults"
}

func TestUsers_Missing(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			for _, id := range []int64{-1, 0, 1, 1 << 62} {
				_, find := users.Find(t.Context(), everybody, id)
				_, update := users.Update(t.Context(), everybody, id, input("first"), form.Replace)
				for name, err := range map[string]error{
					"Find": find, "Update": update,
					"Exists": users.Exists(t.Context(), everybody, id), "Delete": users.Delete(t.Context(), everybody, id),
				} {
					if fault.KindOf(err) != fault.NotFound {
						t.Errorf("%s(%d): got %v, want NotFound", name, id, err)
					}
				}
			}
		})
	}
}

func TestList_Pages(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			if page, err := users.List(t.Context(), everybody, user.Query{}, query.LastPage, 2); err != nil || page.Number != 1 || page.Pages != 1 || len(page.Users) != 0 {
				t.Errorf("empty table: got %+v, %v", page, err)
			}
			for _, name := range []string{"one", "two", "three"} {
				mustCreate(t, users, name)
			}
			tests := []struct {
				number int64
				want   string // the names; "" for NotFound
			}{
				{1, "three two"}, {2, "one"}, {query.LastPage, "one"}, {3, ""}, {0, ""}, {-2, ""}, {1 << 62, ""},
			}
			for _, tt := range tests {
				checkPage(t, users, tt.number, tt.want)
			}
		})
	}
}

// checkPage checks a page of two of the three users; want has their names, none
// for no such page.
func checkPage(t *testing.T, users *user.Users, number int64, want string) {
	t.Helper()
	page, err := users.List(t.Context(), everybody, user.Query{}, number, 2)
	var names []string
	for _, u := range page.Users {
		names = append(names, u.Username)
	}
	if got := strings.Join(names, " "); got != want || (want == "") != (fault.KindOf(err) == fault.NotFound) {
		t.Errorf("page %d: got %q, %v, want %q", number, got, err, want)
	}
	if err == nil && (page.Total != 3 || page.Pages != 2) {
		t.Errorf("page %d: got %+v, want 3 users on 2 pages", number, page)
	}
}

// Every door calls these, so the check is here.
func TestUsers_ChecksTheActor(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			mustCreate(t, users, "first")
			var anonymous access.Actor
			_, find := users.Find(t.Context(), anonymous, 1)
			_, list := users.List(t.Context(), anonymous, user.Query{}, 1, 10)
			_, count := users.CountActive(t.Context(), anonymous)
			_, create := users.Create(t.Context(), anonymous, input("second"))
			_, _, look := users.Look(t.Context(), anonymous, user.Query{}, user.Window{Limit: 1})
			_, some := users.Some(t.Context(), anonymous, user.Query{}, 0, 10)
			_, _, span := users.CreatedSpan(t.Context(), anonymous)
			_, update := users.Update(t.Context(), anonymous, 1, input("second"), form.Replace)
			for name, err := range map[string]error{
				"Find": find, "List": list, "CountActive": count, "Create": create, "Update": update,
				"Look": look, "Some": some, "CreatedSpan": span,
				"Exists": users.Exists(t.Context(), anonymous, 1), "Delete": users.Delete(t.Context(), anonymous, 1),
			} {
				if fault.KindOf(err) != fault.Unauthenticated {
					t.Errorf("%s: got %v, want Unauthenticated", name, err)
				}
			}
			if _, ok := users.Version(t.Context(), anonymous); ok {
				t.Error("Version: an actor without the permission gets a version")
			}
			if u, err := users.Find(t.Context(), everybody, 1); err != nil || u.Username != "first" {
				t.Errorf("afterwards: got %+v, %v", u, err)
			}
		})
	}
}

// The log names the actor and the id of what changed, and nothing personal.
func TestUsers_Log(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, log := newUsers(t, open(t), newClock())
			checkLog(t, users, log)
		})
	}
}

func checkLog(t *testing.T, users *user.Users, log *bytes.Buffer) {
	t.Helper()
	actor := access.System("import")
	u, err := users.Create(t.Context(), actor, input("personal"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := users.Update(t.Context(), actor, u.ID, input("personal"), form.Replace); err != nil {
		t.Fatal(err)
	}
	if err := users.Delete(t.Context(), actor, u.ID); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"user created", "user updated", "user deleted"} {
		if line := `msg="` + want + `" id=1 actor=system:import`; !strings.Contains(log.String(), line) {
			t.Errorf("the log lacks %q:\n%s", line, log)
		}
	}
	if strings.Contains(log.String(), "personal") || strings.Contains(log.String(), "@") {
		t.Errorf("the log is personal:\n%s", log)
	}
}
