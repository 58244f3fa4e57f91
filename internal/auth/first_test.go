package auth_test

import (
	"errors"
	"testing"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
)

// The first account is an active superuser, whatever the caller asks for; the
// trail says that it came from the setup.
func TestFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := auth.NewFirst(f.accounts, auth.NewKeys("a secret of the tests"))
	if needed, err := first.Needed(t.Context()); err != nil || !needed {
		t.Fatalf("got %t, %v, want that it is needed", needed, err)
	}
	change := auth.AccountChange{Username: ptr("ann"), IsActive: ptr(false), IsStaff: ptr(false), IsSuperuser: ptr(false)}
	pw := auth.NewPassword{Text: passwordOf("ann")}
	a, err := first.Create(t.Context(), home, change, pw)
	if err != nil || !a.IsActive || !a.IsStaff || !a.IsSuperuser {
		t.Fatalf("got %+v, %v, want an active superuser", a, err)
	}
	if row := f.trail(t)[0]; row.Actor != "system:setup" || row.Action != audit.Create || row.Origin.Address != home.Address {
		t.Errorf("got the entry %+v", row)
	}
	for _, again := range []*auth.First{first, auth.NewFirst(f.accounts, auth.Keys{})} {
		if needed, err := again.Needed(t.Context()); err != nil || needed {
			t.Errorf("got %t, %v, want that it is not needed", needed, err)
		}
		if _, err := again.Create(t.Context(), home, named("bob"), pw); !errors.Is(err, auth.ErrNotFirst) {
			t.Errorf("got %v, want %v", err, auth.ErrNotFirst)
		}
	}
}

// A staff account that may not log in has been an administrator's decision, so
// that no visitor takes its place.
func TestFirst_InactiveAccountCounts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := auth.NewFirst(f.accounts, auth.Keys{})
	outsider := named("outsider")
	outsider.IsStaff = ptr(false)
	f.create(t, outsider, true)
	if needed, err := first.Needed(t.Context()); err != nil || !needed {
		t.Errorf("with an account that is not staff: got %t, %v, want that it is needed", needed, err)
	}
	inactive := named("ann")
	inactive.IsActive = ptr(false)
	f.create(t, inactive, true)
	if needed, err := first.Needed(t.Context()); err != nil || needed {
		t.Errorf("got %t, %v, want that it is not needed", needed, err)
	}
	if got := first.Token(); got != "" || first.Valid("1."+got) {
		t.Errorf("without a key: got the token %q", got)
	}
}

// Of several at once, one succeeds.
func TestFirst_AtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const tries = 4
	results := make(chan error, tries)
	for n := range tries {
		go func() {
			first := auth.NewFirst(f.accounts, auth.Keys{})
			_, err := first.Create(t.Context(), access.Origin{}, named(string(rune('a'+n))+"nn"), auth.NewPassword{Text: passwordOf("ann")})
			results <- err
		}()
	}
	refused := 0
	for range tries {
		switch err := <-results; {
		case errors.Is(err, auth.ErrNotFirst):
			refused++
		case err != nil:
			t.Error(err)
		}
	}
	if refused != tries-1 {
		t.Errorf("got %d refused, want %d", refused, tries-1)
	}
}
