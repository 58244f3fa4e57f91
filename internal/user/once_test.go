package user_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

const key = "8e03978e-40d5-43dd-bc93-6894a57f9324"

func createOnce(t *testing.T, users *user.Users, key string, in form.Input) (user.User, error) {
	t.Helper()
	return users.CreateOnce(t.Context(), everybody, key, in)
}

func mustCreateOnce(t *testing.T, users *user.Users, key string, in form.Input) user.User {
	t.Helper()
	u, err := createOnce(t, users, key, in)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A repeated create answers what the first did, also when the user was
// changed or deleted meanwhile.
func TestCreateOnce_AnswersAsTheFirstTime(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, log := newUsers(t, open(t), newClock())
			in := input("first")
			in["phone"] = form.Value{Kind: form.String, Text: ""}
			in["is_active"] = form.Value{Kind: form.Boolean}
			first := mustCreateOnce(t, users, key, in)
			if again := mustCreateOnce(t, users, key, in); again != first {
				t.Errorf("got %+v, want %+v", again, first)
			}
			if _, err := users.Update(t.Context(), everybody, first.ID, input("renamed"), form.Replace); err != nil {
				t.Fatal(err)
			}
			if again := mustCreateOnce(t, users, key, in); again != first {
				t.Errorf("after a change: got %+v, want %+v", again, first)
			}
			if err := users.Delete(t.Context(), everybody, first.ID); err != nil {
				t.Fatal(err)
			}
			if again := mustCreateOnce(t, users, key, in); again != first {
				t.Errorf("after the delete: got %+v, want %+v", again, first)
			}
			if created, before := strings.Count(log.String(), `"user created"`), strings.Count(log.String(), `"user was already created"`); created != 1 || before != 3 {
				t.Errorf("got %d created and %d repeated in the log, want 1 and 3", created, before)
			}
		})
	}
}

// The same user, written in another way, is the same request.
func TestCreateOnce_ComparesWhatItMeans(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			first := mustCreateOnce(t, users, key, input("first"))
			same := input(" first ")
			same["email"] = form.Value{Kind: form.String, Text: "FIRST@example.com"}
			same["is_active"] = form.Value{Kind: form.Boolean, Bool: true}
			if again := mustCreateOnce(t, users, key, same); again != first {
				t.Errorf("got %+v, want %+v", again, first)
			}
			for name, other := range map[string]form.Input{
				"another user": input("second"),
				"a field more": {"username": same["username"], "email": same["email"], "phone": {Kind: form.String, Text: "1"}},
				"invalid":      {"username": same["username"]},
			} {
				if _, err := createOnce(t, users, key, other); fault.KindOf(err) != fault.Unprocessable {
					t.Errorf("%s: got %v, want Unprocessable", name, err)
				}
			}
		})
	}
}

// A failed create is retried.
func TestCreateOnce_KeepsNoFailure(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			taken := mustCreate(t, users, "first")
			if _, err := createOnce(t, users, key, input("first")); fault.KindOf(err) != fault.Invalid {
				t.Fatalf("got %v, want the faults of a name that is taken", err)
			}
			if err := users.Delete(t.Context(), everybody, taken.ID); err != nil {
				t.Fatal(err)
			}
			if u := mustCreateOnce(t, users, key, input("first")); u.ID == taken.ID {
				t.Errorf("got the id %d of the deleted user", u.ID)
			}
		})
	}
}

// An actor cannot read what another one created under the same key.
func TestCreateOnce_EachActorHasKeys(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			first := mustCreateOnce(t, users, key, input("first"))
			other, err := users.CreateOnce(t.Context(), access.System("import"), key, input("second"))
			if err != nil || other.ID == first.ID {
				t.Errorf("got %+v, %v, want a user of its own", other, err)
			}
			if _, err := users.CreateOnce(t.Context(), access.Actor{}, key, input("first")); fault.KindOf(err) != fault.Unauthenticated {
				t.Errorf("anonymous: got %v, want Unauthenticated", err)
			}
		})
	}
}

func TestCreateOnce_KeysEnd(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			users, _ := newUsers(t, open(t), c)
			first := mustCreateOnce(t, users, key, input("first"))
			c.still = true
			c.at = first.CreatedAt.Add(user.KeyLife)
			if again := mustCreateOnce(t, users, key, input("first")); again != first {
				t.Errorf("at the end of its life: got %+v, want %+v", again, first)
			}
			c.at = c.at.Add(time.Microsecond)
			second := mustCreateOnce(t, users, key, input("second"))
			if again := mustCreateOnce(t, users, key, input("second")); again != second || again.ID == first.ID {
				t.Errorf("under the key again: got %+v, want %+v", again, second)
			}
		})
	}
}

func TestCreateOnce_Keys(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			for i, key := range []string{"!", "~", `"quoted"`, strings.Repeat("k", 255)} {
				if _, err := createOnce(t, users, key, input(fmt.Sprint("user", i))); err != nil {
					t.Errorf("%q: got %v", key, err)
				}
			}
			for _, key := range []string{"", " ", "a b", "a\x7f", "a\x00", "é", strings.Repeat("k", 256)} {
				_, err := createOnce(t, users, key, input("refused"))
				if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "Idempotency-Key") {
					t.Errorf("%q: got %v, want a refusal that names the header", key, err)
				}
			}
		})
	}
}

// Many at once with one key create one user, which all of them get.
func TestCreateOnce_AtOnce(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			const callers = 16
			answers := make([]user.User, callers)
			var all sync.WaitGroup
			for i := range callers {
				all.Go(func() {
					var err error
					if answers[i], err = users.CreateOnce(t.Context(), everybody, key, input("first")); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			for _, got := range answers {
				if got != answers[0] {
					t.Errorf("got %+v and %+v", got, answers[0])
				}
			}
		})
	}
}

// A commit without an answer is asked about again: the user is there once.
func TestCreateOnce_UnknownOutcome(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			for _, done := range []bool{true, false} {
				users, _ := newUsers(t, &cutOnce{Store: open(t), done: done}, newClock())
				first, err := createOnce(t, users, key, input("first"))
				if err != nil {
					t.Fatalf("committed %v: got %v", done, err)
				}
				page, err := users.Find(t.Context(), everybody, first.ID)
				if err != nil || page != first {
					t.Errorf("committed %v: got %+v, %v, want %+v", done, page, err, first)
				}
				if again := mustCreateOnce(t, users, key, input("first")); again != first {
					t.Errorf("committed %v: got %+v again, want %+v", done, again, first)
				}
			}
		})
	}
}

// Without a key nothing is tried again: the caller learns that the outcome is unknown.
func TestCreate_UnknownOutcome(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, &cutOnce{Store: open(t), done: true}, newClock())
			if _, err := users.Create(t.Context(), everybody, input("first")); !errors.Is(err, fault.ErrUnknownOutcome) {
				t.Errorf("got %v, want ErrUnknownOutcome", err)
			}
		})
	}
}
