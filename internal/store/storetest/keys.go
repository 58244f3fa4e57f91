package storetest

import (
	"errors"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/user"
)

// keep keeps u under the key in a transaction of its own.
func keep(t *testing.T, s user.Store, key string, u user.User) {
	t.Helper()
	if err := s.InTx(t.Context(), func(tx user.Tx) error { return tx.Keep(key, u) }); err != nil {
		t.Fatalf("keeping %s: %v", key, err)
	}
}

// wantKept fails unless the key finds want, or nothing where want is nil.
func wantKept(t *testing.T, s user.Store, key string, oldest time.Time, want *user.User) {
	t.Helper()
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		switch got, err := tx.FindKept(key, oldest); {
		case want == nil && fault.KindOf(err) != fault.NotFound:
			t.Errorf("%s: got %+v, %v, want NotFound", key, got, err)
		case want != nil && (err != nil || got != *want):
			t.Errorf("%s: got %+v, %v, want %+v", key, got, err, *want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func testKeep(t *testing.T, s user.Store) {
	full := person(7)
	full.ID = 1 << 40
	full.Username, full.Email = "naïve 😀 \"<&>\u2028'", "a\\b|c"
	full.FirstName, full.LastName = form.TextOf(""), form.Text{}
	full.Phone, full.Address = form.TextOf("null"), form.TextOf("line\r\nline\t\x01")
	full.CreatedAt = noon.Truncate(time.Second)
	keep(t, s, "full", full)
	keep(t, s, "empty", user.User{CreatedAt: noon, UpdatedAt: noon})
	wantKept(t, s, "full", full.CreatedAt, &full)
	wantKept(t, s, "full", full.CreatedAt.Add(time.Microsecond), nil)
	wantKept(t, s, "full", full.CreatedAt, nil) // forgotten
	keep(t, s, "full", full)
	wantKept(t, s, "empty", noon.Add(-time.Hour), &user.User{CreatedAt: noon, UpdatedAt: noon})
	wantKept(t, s, "FULL", noon.Add(-time.Hour), nil)
	wantCounts(t, s, 0, 0)
}

// testKeepTwice shows that a key is kept once, and only with its transaction.
func testKeepTwice(t *testing.T, s user.Store) {
	undone := errors.New("undone")
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		return errors.Join(tx.Keep("key", person(1)), undone)
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	wantKept(t, s, "key", noon, nil)
	first := person(2)
	keep(t, s, "key", first)
	err = s.InTx(t.Context(), func(tx user.Tx) error { return tx.Keep("key", person(3)) })
	wantKind(t, err, fault.Conflict)
	wantKept(t, s, "key", noon, &first)
}
