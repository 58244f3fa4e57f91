package auth_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/fault"
)

const issuer = "https://login.example.com"

// person is what the provider says about Ann.
func person() auth.Claims {
	return auth.Claims{Issuer: issuer, Subject: "1", Email: "ann@example.com", Username: "ann", FirstName: "Ann", LastName: "Lee"}
}

// corp are rules of a provider that gives groups and makes accounts.
func corp() auth.ProviderRules {
	return auth.ProviderRules{Name: "corp", MapGroups: true, StaffGroups: []string{"staff"}, SuperuserGroups: []string{"admins"}, Create: true}
}

func (f *fixture) identities() *auth.Identities { return auth.NewIdentities(f.sessions) }

// logInBy logs a person in by a provider.
func (f *fixture) logInBy(t *testing.T, c auth.Claims, rules auth.ProviderRules) (auth.Login, error) {
	t.Helper()
	return f.identities().LogIn(t.Context(), auth.IdentityLogin{Claims: c, Rules: rules, Origin: home, UserAgent: "Browser"})
}

// mustLogInBy is logInBy of a person who is let in.
func (f *fixture) mustLogInBy(t *testing.T, c auth.Claims, rules auth.ProviderRules) auth.Token {
	t.Helper()
	login, err := f.logInBy(t, c, rules)
	if err != nil {
		t.Fatal(err)
	}
	return login.Token
}

// linked makes an account with a password that is linked to the person.
func (f *fixture) linked(t *testing.T, change auth.AccountChange) auth.Account {
	t.Helper()
	a := f.create(t, change, true)
	if err := f.identities().Add(t.Context(), system, a.ID, issuer, "1"); err != nil {
		t.Fatal(err)
	}
	return a
}

// group makes a group of that name.
func (f *fixture) group(t *testing.T, name string, permissions ...access.Permission) auth.Group {
	t.Helper()
	g, err := f.groups.Create(t.Context(), system, auth.GroupChange{Name: &name, Permissions: &permissions})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// groupsOf are the names of the groups of an account.
func (f *fixture) groupsOf(t *testing.T, account int64) (names []string) {
	t.Helper()
	_, held, err := f.accounts.Find(t.Context(), system, account)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range held.Groups {
		names = append(names, g.Name)
	}
	return names
}

func (f *fixture) wantGroups(t *testing.T, account int64, want ...string) {
	t.Helper()
	if got := f.groupsOf(t, account); !slices.Equal(got, want) {
		t.Errorf("got the groups %v, want %v", got, want)
	}
}

func wantError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestIdentities_CreatesOnlyWhenAllowed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := person()
	c.Groups = []string{"staff"}
	rules := corp()
	rules.Create = false
	_, err := f.logInBy(t, c, rules)
	wantError(t, "without CREATE", err, auth.ErrNotLinked)
	unverified := c
	unverified.Email = ""
	_, err = f.logInBy(t, unverified, corp())
	wantError(t, "without a verified address", err, auth.ErrUnverified)
	in := f.in(t, f.mustLogInBy(t, c, corp()))
	a := in.Account
	if a.Username != "ann" || a.Email != "ann@example.com" || a.FirstName != "Ann" || a.LastName != "Lee" || !a.IsStaff || a.IsSuperuser || a.HasPassword() || a.LastLogin.IsZero() {
		t.Errorf("got the account %+v", a)
	}
	if again := f.in(t, f.mustLogInBy(t, unverified, rules)); again.Account.ID != a.ID {
		t.Errorf("the second login is of the account %+v", again.Account)
	}
	_, err = f.tryLogIn(t, "ann", passwordOf("ann"), home.Address)
	wantError(t, "with a password", err, auth.ErrBadLogin)
	f.wantDeeds(t, a.Object(), audit.Create, audit.Update, audit.Update, audit.Login, audit.Login, audit.LoginFailed)
	last := f.trail(t)[4]
	if len(last.Changes) != 1 || last.Changes[0].Field != "provider" || last.Changes[0].New != issuer || last.Actor != "ann" {
		t.Errorf("the login was recorded as %+v", last)
	}
}

// TestIdentities_NeverTakesAnAccount shows that an address or a username alone links
// no account.
func TestIdentities_NeverTakesAnAccount(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	change := named("somebody")
	change.Email = ptr("Ann@Example.com")
	f.create(t, change, true)
	f.create(t, named("ann"), true)
	_, err := f.logInBy(t, person(), corp())
	wantError(t, "with the address of an account", err, auth.ErrNotLinked)
	c := person()
	c.Email, c.Groups = "ann@elsewhere.example", []string{"staff"}
	if in := f.in(t, f.mustLogInBy(t, c, corp())); in.Account.Username != "ann@elsewhere.example" {
		t.Errorf("got the account %+v", in.Account)
	}
	f.create(t, named("bob@example.com"), true)
	c = auth.Claims{Issuer: issuer, Subject: "2", Email: "bob@example.com", Username: "not a username"}
	_, err = f.logInBy(t, c, corp())
	wantError(t, "without a free username", err, auth.ErrNoUsername)
}

func TestIdentities_Link(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	change := named("ann")
	change.Email = ptr("Ann@Example.com")
	ann := f.create(t, change, true)
	bob := f.create(t, named("bob"), true)
	in := f.in(t, f.logIn(t, ann))
	link := auth.Link{Issuer: issuer, Subject: "1", Email: "ann@example.com"}
	wantKind(t, "to an account with another address", f.identities().Link(t.Context(), f.in(t, f.logIn(t, bob)), link, home), fault.Conflict)
	unverified := link
	unverified.Email = ""
	wantKind(t, "without an address", f.identities().Link(t.Context(), in, unverified, home), fault.Conflict)
	f.Advance(auth.ConfirmLife)
	wantKind(t, "long after the login", f.identities().Link(t.Context(), in, link, home), fault.Denied)
	in = f.in(t, f.logIn(t, ann))
	for range 2 {
		if err := f.identities().Link(t.Context(), in, link, home); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.in(t, f.mustLogInBy(t, person(), auth.ProviderRules{Name: "corp"})); got.Account.ID != ann.ID {
		t.Errorf("got %+v", got.Account)
	}
	wantKind(t, "a person with an account", f.identities().Add(t.Context(), system, bob.ID, issuer, "1"), fault.Conflict)
	wantKind(t, "no subject", f.identities().Add(t.Context(), system, bob.ID, issuer, " "), fault.Invalid)
	f.wantDeeds(t, ann.Object(), audit.Create, audit.Login, audit.Login, audit.Update, audit.Login)
}

// TestIdentities_AddNeedsReach shows that no one links a login to an account that
// holds more than they do.
func TestIdentities_AddNeedsReach(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	boss := named("boss")
	boss.IsSuperuser = ptr(true)
	target := f.create(t, boss, true)
	clerk := f.create(t, named("clerk"), true)
	wantKind(t, "without permission", f.identities().Add(t.Context(), f.as(t, clerk), target.ID, issuer, "1"), fault.Denied)
	wantKind(t, "to the own account", f.identities().Add(t.Context(), f.as(t, clerk), clerk.ID, issuer, "1"), fault.Denied)
	change := auth.AccountChange{Permissions: &[]access.Permission{access.Accounts.Change()}}
	if _, err := f.accounts.Update(t.Context(), system, clerk.ID, change); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "beyond reach", f.identities().Add(t.Context(), f.as(t, clerk), target.ID, issuer, "1"), fault.Denied)
}

func TestIdentities_Unlink(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := person()
	c.Groups = []string{"staff"}
	token := f.mustLogInBy(t, c, corp())
	ann := f.in(t, token).Account
	bob := f.create(t, named("bob"), true)
	own := func() []auth.Identity {
		t.Helper()
		found, err := f.identities().List(t.Context(), f.as(t, ann), ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	first := own()[0]
	wantKind(t, "the only way in", f.identities().Unlink(t.Context(), f.as(t, ann), first.ID, waysIn), fault.Conflict)
	wantKind(t, "of another", f.identities().Unlink(t.Context(), f.as(t, bob), first.ID, waysIn), fault.NotFound)
	if err := f.identities().Add(t.Context(), system, ann.ID, "https://other.example.com", "x"); err != nil {
		t.Fatal(err)
	}
	if err := f.identities().Unlink(t.Context(), f.as(t, ann), first.ID, waysIn); err != nil {
		t.Fatal(err)
	}
	f.wantOut(t, "the session of an unlinked login", token)
	wantKind(t, "the only way in", f.identities().Unlink(t.Context(), f.as(t, ann), own()[0].ID, waysIn), fault.Conflict)
	if err := f.accounts.SetPassword(t.Context(), system, ann.ID, auth.NewPassword{Text: passwordOf("ann")}, 0); err != nil {
		t.Fatal(err)
	}
	if err := f.identities().Unlink(t.Context(), f.as(t, ann), own()[0].ID, waysIn); err != nil || len(own()) != 0 {
		t.Errorf("with a password: got %v, %v", err, own())
	}
	if _, err := f.identities().List(t.Context(), f.as(t, bob), ann.ID); fault.KindOf(err) != fault.Denied {
		t.Errorf("another's list: got %v", err)
	}
}

func TestIdentities_Deactivated(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.group(t, "Editors")
	ann := f.linked(t, named("ann"))
	if _, err := f.accounts.Update(t.Context(), system, ann.ID, auth.AccountChange{IsActive: ptr(false)}); err != nil {
		t.Fatal(err)
	}
	c := person()
	c.Groups = []string{"Editors", "admins"}
	_, err := f.logInBy(t, c, corp())
	wantError(t, "a deactivated account", err, auth.ErrBarred)
	f.wantGroups(t, ann.ID)
	c.Subject, c.Email = "2", "other@example.com"
	f.mustLogInBy(t, c, corp())
}

// TestIdentities_SecondFactor shows that a login needs the second factor of the
// account unless the provider has checked one.
func TestIdentities_SecondFactor(t *testing.T) {
	t.Parallel()
	f := newFixtureOf(t, password.Weak, true)
	ann := f.linked(t, named("ann"))
	c, rules := person(), auth.ProviderRules{Name: "corp"}
	if in := f.in(t, f.mustLogInBy(t, c, rules)); !in.MustEnrol || in.Actor().Staff() {
		t.Errorf("without a factor: got %+v", in)
	}
	c.MFA = true
	if in := f.in(t, f.mustLogInBy(t, c, rules)); in.MustEnrol || !in.Actor().Staff() {
		t.Errorf("with one at the provider: got %+v", in)
	}
	in := f.in(t, f.logIn(t, ann))
	key, err := f.factors.Enrol(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.factors.Activate(t.Context(), in, key.Code(f.Now()), home); err != nil {
		t.Fatal(err)
	}
	login, err := f.logInBy(t, c, rules)
	if err != nil || login.NeedsCode {
		t.Errorf("with both: got %+v, %v", login, err)
	}
	c.MFA = false
	if login, err = f.logInBy(t, c, rules); err != nil || !login.NeedsCode || login.Device != "" {
		t.Fatalf("with one here: got %+v, %v", login, err)
	}
	f.Advance(minute)
	login, err = f.sessions.EnterCode(t.Context(), auth.CodeRequest{Token: login.Token, Code: key.Code(f.Now()), Origin: home})
	if err != nil || !f.in(t, login.Token).Actor().Staff() {
		t.Errorf("after the code: got %v", err)
	}
	trail := f.trail(t)
	if last := trail[len(trail)-1]; last.Action != audit.Login || len(last.Changes) != 1 {
		t.Errorf("the login was recorded as %+v", last)
	}
}

// TestIdentities_Confirm shows when a login at the provider counts as entering the
// password again.
func TestIdentities_Confirm(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.linked(t, named("ann"))
	c, rules := person(), auth.ProviderRules{Name: "corp"}
	confirmed := func(token auth.Token) bool { return f.in(t, token).Confirmed(f.Now()) }
	if confirmed(f.mustLogInBy(t, c, rules)) {
		t.Error("a login at an unknown time confirms")
	}
	c.AuthTime = f.Now().Add(-time.Hour)
	token := f.mustLogInBy(t, c, rules)
	if confirmed(token) {
		t.Error("an old login confirms")
	}
	wantKind(t, "an old login", f.identities().Confirm(t.Context(), f.in(t, token), c), fault.Denied)
	c.AuthTime = f.Now().Add(time.Hour) // of a clock that is ahead
	if token = f.mustLogInBy(t, c, rules); !confirmed(token) || f.in(t, token).Session.ConfirmedAt.After(f.Now()) {
		t.Errorf("a recent login: got %+v", f.in(t, token).Session)
	}
	f.Advance(auth.ConfirmLife)
	other := c
	other.Subject = "2"
	wantKind(t, "another person", f.identities().Confirm(t.Context(), f.in(t, token), other), fault.Denied)
	wantKind(t, "without a session", f.identities().Confirm(t.Context(), auth.SignedIn{}, c), fault.Unauthenticated)
	for _, at := range []time.Time{{}, f.Now()} {
		token = f.logIn(t, ann)
		f.Advance(auth.ConfirmLife)
		if c.AuthTime = at; !at.IsZero() {
			c.AuthTime = f.Now()
		}
		if err := f.identities().Confirm(t.Context(), f.in(t, token), c); err != nil || !confirmed(token) {
			t.Errorf("at %v: got %v", at, err)
		}
	}
}

func TestIdentities_UseOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	flow := auth.NewFlow("corp", f.Now())
	if err := f.identities().Use(t.Context(), flow, home); err != nil {
		t.Fatal(err)
	}
	f.Advance(auth.FlowLife)
	wantError(t, "the second time", f.identities().Use(t.Context(), flow, access.Origin{Address: "192.0.2.2"}), auth.ErrReplayed)
}

func TestIdentities_LimitPerAddress(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	refused := 0
	for range 70 {
		if fault.KindOf(f.identities().Use(t.Context(), auth.NewFlow("corp", f.Now()), home)) == fault.Throttled {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("%d of 70 logins were refused, want 10", refused)
	}
}

// TestFlow_Sealed shows that a browser can keep flows and links, and not change,
// read, exchange or prolong them.
func TestFlow_Sealed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	older, keys := auth.NewKeys("an older secret"), auth.NewKeys("a secret", "an older secret")
	flow := auth.NewFlow("corp", f.Now())
	for _, k := range []auth.Keys{older, keys} {
		if got, ok := keys.OpenFlow(k.SealFlow(flow), f.Now()); !ok || got != flow {
			t.Errorf("got %+v, %v", got, ok)
		}
	}
	link := auth.Link{Provider: "corp", Subject: "1", Ends: f.Now().Add(minute).Unix()}
	if got, ok := keys.OpenLink(keys.SealLink(link), f.Now()); !ok || got != link {
		t.Errorf("got %+v, %v", got, ok)
	}
	hint := auth.LogoutHint{Provider: "corp", Token: "a.b.c"}
	if got, ok := keys.OpenHint(keys.SealHint(hint)); !ok || got != hint {
		t.Errorf("got %+v, %v", got, ok)
	}
	text := keys.SealFlow(flow)
	for name, spoiled := range map[string]string{
		"empty": "", "short": "AAAA", "not base64": "!", "changed": text[:len(text)-3] + "AAA", "of another key": auth.NewKeys("x").SealFlow(flow), "a link": keys.SealLink(link),
	} {
		if _, ok := keys.OpenFlow(spoiled, f.Now()); ok {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, ok := keys.OpenFlow(text, f.Now().Add(auth.FlowLife)); ok {
		t.Error("a flow does not end")
	}
	if _, ok := (auth.Keys{}).OpenFlow((auth.Keys{}).SealFlow(flow), f.Now()); ok {
		t.Error("a flow without a key is accepted")
	}
}
