package auth_test

import (
	"errors"
	"testing"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/secret"
)

// mailed is an account with an address.
func mailed(name string) auth.AccountChange {
	change := named(name)
	change.Email = ptr(name + "@example.com")
	return change
}

// The link in a mail unlocks the login, and makes the browser known that opens it.
func TestUnlock_ByMail(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, mailed("ann"), true)
	stranger, owner := f.visitor(t, "198.51.100.1"), f.visitor(t, "192.0.2.1")
	if n := stranger.guessFor("ann"); n != 90 {
		t.Fatalf("got %d guesses", n)
	}
	mail, err := f.sessions.RequestUnlock(t.Context(), " ANN ", home)
	if err != nil || mail.To != "" {
		t.Errorf("by another spelling: got %+v, %v, want no mail", mail, err)
	}
	mail, err = f.sessions.RequestUnlock(t.Context(), "ann", home)
	if err != nil || mail.To != "ann@example.com" || mail.Username != "ann" {
		t.Fatalf("got %+v, %v", mail, err)
	}
	if owner.device, err = f.sessions.UnlockBy(t.Context(), mail.Token, "", home); err != nil {
		t.Fatal(err)
	}
	stranger.guess("ann")
	if _, err := owner.logIn("ann", passwordOf("ann")); err != nil {
		t.Errorf("then, while the stranger goes on: %v", err)
	}
	if _, err = f.sessions.UnlockBy(t.Context(), mail.Token, "", home); !errors.Is(err, auth.ErrBadUnlock) {
		t.Errorf("after the login: got %v", err)
	}
	unlocked := 0
	for _, row := range f.trail(t) {
		for _, c := range row.Changes {
			if c.Field == "failed_logins" && row.ActorID == ann.ID {
				unlocked++
			}
		}
	}
	if unlocked != 1 {
		t.Errorf("%d entries about it, want 1", unlocked)
	}
}

func TestUnlock_ByMailRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, mailed("ann"), true)
	inactive, outsider := mailed("ida"), mailed("otto")
	inactive.IsActive, outsider.IsStaff = ptr(false), nil
	f.create(t, inactive, true)
	f.create(t, outsider, true)
	f.create(t, named("noaddress"), true)
	for _, name := range []string{"ida", "otto", "noaddress", "stranger", "", "x\xff"} {
		if mail, err := f.sessions.RequestUnlock(t.Context(), name, home); err != nil || mail != (auth.UnlockMail{}) {
			t.Errorf("%q: got %+v, %v, want no mail", name, mail, err)
		}
	}
	token := func() string {
		mail, err := f.sessions.RequestUnlock(t.Context(), "ann", access.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		return mail.Token
	}
	good := token()
	for name, text := range map[string]string{"none": "", "garbage": "1.2", "another account": "2" + good[1:], "cut": good[:len(good)-1]} {
		if _, err := f.sessions.UnlockBy(t.Context(), text, "", home); !errors.Is(err, auth.ErrBadUnlock) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	f.Advance(auth.UnlockLife)
	if _, err := f.sessions.UnlockBy(t.Context(), good, "", home); !errors.Is(err, auth.ErrBadUnlock) {
		t.Errorf("an hour later: got %v", err)
	}
	for name, change := range map[string]func(){
		"another password": func() {
			if err := f.accounts.SetPassword(t.Context(), system, ann.ID, auth.NewPassword{Text: passwordOf("ann")}, 0); err != nil {
				t.Fatal(err)
			}
		},
		"deactivated": func() { f.set(t, ann.ID, func(a *auth.Account) { a.IsActive = false }) },
	} {
		good = token()
		change()
		if _, err := f.sessions.UnlockBy(t.Context(), good, "", home); !errors.Is(err, auth.ErrBadUnlock) {
			t.Errorf("%s: got %v", name, err)
		}
		f.set(t, ann.ID, func(a *auth.Account) { a.IsActive = true })
	}
}

// Mails are limited, for an account and for an address.
func TestUnlock_MailsAreLimited(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	request := func(name, address string) error {
		_, err := f.sessions.RequestUnlock(t.Context(), name, access.Origin{Address: address})
		return err
	}
	for i := range 5 {
		if err := request("ann", "192.0.2.1"); err != nil {
			t.Fatalf("mail %d: %v", i, err)
		}
	}
	wantKind(t, "the 6th of an account", request("ann", "192.0.2.2"), fault.Throttled)
	for i := range 15 {
		if err := request(string(rune('b'+i)), "192.0.2.1"); err != nil {
			t.Fatalf("mail %d: %v", i, err)
		}
	}
	wantKind(t, "the 21st of an address", request("zoe", "192.0.2.1"), fault.Throttled)
	if err := request("zoe", "192.0.2.2"); err != nil {
		t.Errorf("another address: %v", err)
	}
}

// The actor who unlocks an account must be allowed to change it.
func TestUnlock_Permission(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	boss := named("boss")
	boss.IsSuperuser = ptr(true)
	root, ann := f.create(t, boss, true), f.create(t, named("ann"), true)
	clerk := f.create(t, auth.AccountChange{Username: ptr("clerk"), IsStaff: ptr(true), Permissions: &[]access.Permission{access.Accounts.Change()}}, true)
	wantKind(t, "one without the permission", f.sessions.Unlock(t.Context(), f.as(t, ann), ann.ID), fault.Denied)
	wantKind(t, "one who holds less", f.sessions.Unlock(t.Context(), f.as(t, clerk), root.ID), fault.Denied)
	wantKind(t, "an unknown account", f.sessions.Unlock(t.Context(), system, 99), fault.NotFound)
	_, err := f.sessions.LoginState(t.Context(), f.as(t, ann), root)
	wantKind(t, "looking without the permission", err, fault.Denied)
	if err := f.sessions.Unlock(t.Context(), f.as(t, clerk), ann.ID); err != nil {
		t.Errorf("a clerk: %v", err)
	}
}

// An administrator also ends the wait of five minutes.
func TestUnlock_Wait(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, named("ann"), true)
	stranger := f.visitor(t, "198.51.100.1")
	stranger.guess("ann")
	if state, err := f.sessions.LoginState(t.Context(), system, ann); err != nil || state.Failed != 10 || !state.Locked {
		t.Errorf("got the state %+v, %v", state, err)
	}
	if err := f.sessions.Unlock(t.Context(), system, ann.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.logIn("ann", secret.New("wrong")); !errors.Is(err, auth.ErrBadLogin) {
		t.Errorf("got %v, want the password verified", err)
	}
}
