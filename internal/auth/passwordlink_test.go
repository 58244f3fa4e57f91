package auth_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/secret"
)

func (f *fixture) links() *auth.PasswordLinks { return auth.NewPasswordLinks(f.accounts, f.sessions) }

// withEmail is named with an address of that name.
func withEmail(username string) auth.AccountChange {
	change := named(username)
	change.Email = ptr(username + "@example.com")
	return change
}

// linked is a new password for a link.
func linked(l auth.PasswordLink) auth.LinkedPassword {
	return auth.LinkedPassword{Link: l, Text: secret.New("Another-horse-9"), Again: secret.New("Another-horse-9"), Origin: home}
}

// Of concurrent uses of a link one succeeds, and the trail says how.
func TestPasswordLinks_Once(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, withEmail("ann"), true)
	mails, err := f.links().Request(t.Context(), "ann@example.com", home)
	if err != nil || len(mails) != 1 || mails[0].Invited {
		t.Fatalf("got %v, %v", mails, err)
	}
	var used atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			switch _, err := f.links().Set(t.Context(), linked(mails[0].Link)); {
			case err == nil:
				used.Add(1)
			case !errors.Is(err, auth.ErrBadLink) && fault.KindOf(err) != fault.Unavailable:
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if used.Load() != 1 {
		t.Errorf("the link was used %d times", used.Load())
	}
	f.wantDeeds(t, a.Object(), audit.Create, audit.Update)
	if row := f.trail(t)[1]; row.ActorID != a.ID || row.Reason != "password reset by mail" || row.Origin.Address != home.Address {
		t.Errorf("got the entry %+v", row)
	}
}

// Accounts that share an address get a mail each, up to ten; links of one are of
// no use for another.
func TestPasswordLinks_Shared(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 12 {
		change := named(fmt.Sprintf("ann%d", i))
		change.Email = ptr("Ann@Example.com")
		f.create(t, change, true)
	}
	mails, err := f.links().Request(t.Context(), "aNN@example.COM", home)
	if err != nil || len(mails) != 10 {
		t.Fatalf("got %d mails, %v", len(mails), err)
	}
	swapped := auth.PasswordLink{UID: mails[0].Link.UID, Token: mails[1].Link.Token}
	if _, err := f.links().Owner(t.Context(), swapped); !errors.Is(err, auth.ErrBadLink) {
		t.Errorf("got %v", err)
	}
	for _, m := range mails {
		if a, err := f.links().Owner(t.Context(), m.Link); err != nil || a.Username != m.Username || m.To != "Ann@example.com" {
			t.Errorf("got the account %q of %+v, %v", a.Username, m, err)
		}
	}
}

// An invited account has no password until its owner sets one within a week.
func TestPasswordLinks_Invite(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, withEmail("ann"), false)
	first, err := f.links().Invite(t.Context(), system, a.ID)
	if err != nil || !first.Invited || first.To != "ann@example.com" {
		t.Fatalf("got %+v, %v", first, err)
	}
	f.Advance(auth.InviteLife)
	if _, err := f.links().Set(t.Context(), linked(first.Link)); !errors.Is(err, auth.ErrBadLink) {
		t.Errorf("after a week: got %v", err)
	}
	again, err := f.links().Invite(t.Context(), system, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if mails, err := f.links().Request(t.Context(), "ann@example.com", home); err != nil || len(mails) != 0 {
		t.Errorf("a reset of an account without a password: got %v, %v", mails, err)
	}
	f.Advance(auth.InviteLife - minute)
	if _, err := f.links().Set(t.Context(), linked(again.Link)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.tryLogIn(t, "ann", secret.New("Another-horse-9"), "192.0.2.1"); err != nil {
		t.Errorf("got %v", err)
	}
	_, err = f.links().Invite(t.Context(), system, a.ID)
	wantKind(t, "with a password", err, fault.Conflict)
	f.wantDeeds(t, a.Object(), audit.Create, audit.Update, audit.Update, audit.Update, audit.Login)
}

// An account beyond the reach of the actor, or one that could not log in, is not invited.
func TestPasswordLinks_InviteRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	boss := withEmail("boss")
	boss.IsSuperuser = ptr(true)
	above := f.create(t, boss, false)
	manager := named("manager")
	manager.Permissions = &[]access.Permission{access.Accounts.Change(), access.Accounts.View()}
	as := f.as(t, f.create(t, manager, true))
	_, err := f.links().Invite(t.Context(), as, above.ID)
	wantKind(t, "a superuser", err, fault.Denied)
	_, err = f.links().Invite(t.Context(), access.Actor{}, above.ID)
	wantKind(t, "an anonymous actor", err, fault.Unauthenticated)
	_, err = f.links().Invite(t.Context(), system, f.create(t, named("silent"), false).ID)
	wantKind(t, "no address", err, fault.Conflict)
	off := withEmail("off")
	off.IsActive = ptr(false)
	_, err = f.links().Invite(t.Context(), system, f.create(t, off, false).ID)
	wantKind(t, "inactive", err, fault.Conflict)
	_, err = f.links().Invite(t.Context(), system, 999)
	wantKind(t, "no account", err, fault.NotFound)
	for range 4 {
		if _, err := f.links().Invite(t.Context(), system, above.ID); err != nil {
			t.Fatal(err)
		}
	}
}
