package access_test

import (
	"slices"
	"testing"

	"roster/internal/access"
	"roster/internal/fault"
)

// Each policy gives each caller these permissions, and no other one.
func TestPolicy_Permissions(t *testing.T) {
	t.Parallel()
	users := []access.Permission{access.ViewUser, access.AddUser, access.ChangeUser, access.DeleteUser}
	every := append(slices.Clone(users), access.MailUser, access.ViewAudit, access.Superuser, access.Groups.View(), access.Groups.Add(), access.Groups.Change(), access.Groups.Delete())
	own := []access.Permission{access.Groups.View()}
	clerk := access.NewActor(access.Account{ID: 7, Username: "ann", IsStaff: true, Permissions: own})
	root := access.NewActor(access.Account{ID: 1, Username: "root", IsSuperuser: true})
	refused := access.Refused(fault.New(fault.Throttled, "Later."))
	for _, tt := range []struct {
		name  string
		actor access.Actor
		want  []access.Permission
	}{
		{"anonymous, AllowAny", access.AllowAny.Anonymous(), users},
		{"anonymous, IsAuthenticated", access.IsAuthenticated.Anonymous(), nil},
		{"anonymous, DjangoModelPermissions", access.DjangoModelPermissions.Anonymous(), nil},
		{"clerk, AllowAny", access.AllowAny.Actor(clerk), append(slices.Clone(users), own...)},
		{"clerk, IsAuthenticated", access.IsAuthenticated.Actor(clerk), append(slices.Clone(users), own...)},
		{"clerk, DjangoModelPermissions", access.DjangoModelPermissions.Actor(clerk), own},
		{"clerk, one policy after another", access.DjangoModelPermissions.Actor(access.AllowAny.Actor(clerk)), append(slices.Clone(users), own...)},
		{"visitor, AllowAny", access.AllowAny.Visitor(access.Actor{}), users},
		{"clerk as a visitor, AllowAny", access.AllowAny.Visitor(clerk), append([]access.Permission{access.ViewUser}, own...)},
		{"clerk as a visitor, IsAuthenticated", access.IsAuthenticated.Visitor(clerk), append(slices.Clone(users), own...)},
		{"clerk as a visitor, DjangoModelPermissions", access.DjangoModelPermissions.Visitor(clerk), own},
		{"root", root, every},
		{"root, limited", root.Limited(own), own},
		{"root, limited twice", root.Limited(users).Limited(append(users[:1:1], own...)), users[:1]},
		{"clerk, limited to what it lacks", clerk.Limited(users), nil},
		{"anonymous, limited where all may", access.AllowAny.Actor(access.Actor{}.Limited(users[:2])), users[:2]},
		{"a part of the system", access.System("cleanup"), every},
		{"a task of someone", access.OnBehalf("ann"), every},
		{"refused", access.AllowAny.Actor(refused), nil},
	} {
		var got []access.Permission
		for _, p := range every {
			can := tt.actor.Can(p)
			if err := tt.actor.Check(p); can != (err == nil) {
				t.Errorf("%s: %s: Can is %t, and Check returns %v", tt.name, p, can, err)
			}
			if can {
				got = append(got, p)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if all := len(tt.want) == len(every); tt.actor.HoldsAll() != all {
			t.Errorf("%s: HoldsAll is %t", tt.name, !all)
		}
	}
	if refused.Can(access.Public) || refused.Check(access.Public) == nil || !clerk.Limited(nil).Can(access.Public) {
		t.Error("what is public is for all but refused actors")
	}
}

// What carries out a task has signed in, enters no site, and comes in by no other
// door than another one that is set.
func TestActor_Parts(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]access.Actor{"system:cleanup": access.System("cleanup"), "ann": access.OnBehalf("ann")} {
		if a.Name() != name || a.ID() != 0 || !a.Authenticated() || a.Staff() || a.Origin() != (access.Origin{Door: access.Task}) {
			t.Errorf("got %+v, want %s", a, name)
		}
	}
	if from := (access.Origin{Address: "192.0.2.1", Door: access.CLI}); access.System("cli").From(from).Origin() != from {
		t.Error("another door is not set")
	}
}

// A reason is one line of valid UTF-8.
func TestActor_Because(t *testing.T) {
	t.Parallel()
	ann := access.NewActor(access.Account{ID: 7, Username: "ann"})
	for given, want := range map[string]string{
		"": "", " \t\n": "", "asked for it": "asked for it", "  asked\r\n\tfor  it ": "asked for it", "a\xffb": "a\uFFFDb",
	} {
		if got := ann.Because(given); got.Reason() != want || got.ID() != 7 || ann.Reason() != "" {
			t.Errorf("%q: got %q of %+v", given, got.Reason(), got)
		}
	}
}

// API tokens and JWT are tokens, and what began a session is none.
func TestCredential_IsToken(t *testing.T) {
	t.Parallel()
	for kind, want := range map[access.CredentialKind]bool{
		"": false, access.APIToken: true, access.JWT: true, access.Basic: false, access.Password: false,
		access.Passkey: false, access.Provider: false, access.MailLink: false,
	} {
		c := access.Credential{Kind: kind, ID: 3}
		if a := (access.Actor{}).By(c); c.IsToken() != want || a.Credential() != c || a.ActedWith() != string(kind) {
			t.Errorf("%q: IsToken is %t, and %+v acted with %q", kind, c.IsToken(), a, a.ActedWith())
		}
	}
}
