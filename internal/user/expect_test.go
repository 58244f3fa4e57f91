package user_test

import (
	"errors"
	"sync"
	"testing"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/query"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// rename is an input that changes the first name.
func rename(to string) form.Input {
	return form.Input{"first_name": {Kind: form.String, Text: to}}
}

func TestExpecting(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			checkExpecting(t, open(t))
		})
	}
}

func checkExpecting(t *testing.T, db user.Store) {
	t.Helper()
	users, _ := newUsers(t, db, newClock())
	first := mustCreate(t, users, "ada")
	second, err := users.Expecting(first.Version()).Update(t.Context(), everybody, first.ID, rename("Ada"), form.Partial)
	if err != nil {
		t.Fatalf("the version there is: %v", err)
	}
	for name, service := range map[string]*user.Users{
		"an older version": users.Expecting(first.Version()),
		"none":             users.Expecting(),
	} {
		if _, err := service.Update(t.Context(), everybody, first.ID, rename("Eve"), form.Partial); fault.KindOf(err) != fault.Outdated {
			t.Errorf("Update, %s: got %v, want Outdated", name, err)
		}
		if err := service.Delete(t.Context(), everybody, first.ID); fault.KindOf(err) != fault.Outdated {
			t.Errorf("Delete, %s: got %v, want Outdated", name, err)
		}
	}
	if now, err := users.Find(t.Context(), everybody, first.ID); err != nil || now != second {
		t.Errorf("got %+v, %v, want it as it was, %+v", now, err, second)
	}
	if _, err := users.Expecting().Update(t.Context(), everybody, 99, rename("Eve"), form.Partial); fault.KindOf(err) != fault.NotFound {
		t.Errorf("unknown user: got %v, want NotFound", err)
	}
	if err := users.Expecting(first.Version(), second.Version()).Delete(t.Context(), everybody, first.ID); err != nil {
		t.Errorf("one of two versions: %v", err)
	}
}

// TestExpecting_AtOnce lets many change what all of them saw: one does.
func TestExpecting_AtOnce(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			checkExpectingAtOnce(t, open(t))
		})
	}
}

func checkExpectingAtOnce(t *testing.T, db user.Store) {
	t.Helper()
	users, _ := newUsers(t, db, &clock{at: newClock().at, still: true})
	seen := mustCreate(t, users, "ada")
	var mu sync.Mutex
	var wg sync.WaitGroup
	changed := 0
	for range 8 {
		wg.Go(func() {
			_, err := users.Expecting(seen.Version()).Update(t.Context(), everybody, seen.ID, rename("Ada"), form.Partial)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				changed++
			case fault.KindOf(err) != fault.Outdated:
				t.Error(errors.Unwrap(err), err)
			}
		})
	}
	wg.Wait()
	if changed != 1 {
		t.Errorf("%d of 8 changed what all saw, want 1", changed)
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			checkLook(t, open(t))
		})
	}
}

func checkLook(t *testing.T, db user.Store) {
	t.Helper()
	users, _ := newUsers(t, db, newClock())
	for _, name := range []string{"ada", "bob", "eve"} {
		mustCreate(t, users, name)
	}
	if _, err := users.Update(t.Context(), everybody, 2, form.Input{"is_active": {Kind: form.Boolean}}, form.Partial); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		q     user.Query
		count int64
		want  user.Counts
		first string
	}{
		"everybody is counted exactly": {user.Query{}, 1, user.Counts{Active: 2, Inactive: 1}, "eve"},
		"whatever is_active says":      {user.Query{IsActive: query.OnlyTrue, Order: "email"}, 1, user.Counts{Active: 2, Inactive: 1}, "ada"},
		"those found":                  {user.Query{Search: "b"}, 9, user.Counts{Inactive: 1}, "bob"},
		"up to the limit":              {user.Query{Search: "example"}, 0, user.Counts{Active: 1, More: true}, "eve"},
	} {
		got, found, err := users.Look(t.Context(), everybody, c.q, user.Window{Limit: 2, Count: c.count})
		if err != nil || got.More != c.want.More || got.Of(query.Either) != c.want.Of(query.Either) || !got.More && got != c.want {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, c.want)
		}
		if got.Of(query.OnlyTrue)+got.Of(query.OnlyFalse) != got.Of(query.Either) {
			t.Errorf("%s: %+v does not add up", name, got)
		}
		if len(found) == 0 || found[0].Username != c.first {
			t.Errorf("%s: got %+v, want %s first", name, found, c.first)
		}
	}
	first, last, err := users.CreatedSpan(t.Context(), everybody)
	if err != nil || first.IsZero() || !last.After(first) {
		t.Errorf("CreatedSpan: got %v to %v, %v", first, last, err)
	}
}
