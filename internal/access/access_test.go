package access_test

import (
	"testing"

	"roster/internal/access"
	"roster/internal/fault"
)

func TestActor_Check(t *testing.T) {
	t.Parallel()
	clerk := access.NewActor(access.Account{ID: 7, Username: "ann", IsStaff: true, Permissions: []access.Permission{access.Groups.View()}})
	root := access.NewActor(access.Account{ID: 1, Username: "root", IsSuperuser: true})
	reader := []access.Permission{access.ViewUser}
	tests := []struct {
		name  string
		actor access.Actor
		perm  access.Permission
		want  fault.Kind // Internal: allowed
	}{
		{"anonymous sees what is public", access.Actor{}, access.Public, fault.Internal},
		{"anonymous", access.Actor{}, access.ViewUser, fault.Unauthenticated},
		{"allow any: view", access.AllowAny.Anonymous(), access.ViewUser, fault.Internal},
		{"allow any: delete", access.AllowAny.Anonymous(), access.DeleteUser, fault.Internal},
		{"allow any is about users", access.AllowAny.Anonymous(), "auth.add_user", fault.Unauthenticated},
		{"authenticated only", access.IsAuthenticated.Anonymous(), access.ViewUser, fault.Unauthenticated},
		{"model permissions", access.DjangoModelPermissions.Anonymous(), access.ViewUser, fault.Unauthenticated},
		{"the system", access.System("cleanup"), "auth.add_user", fault.Internal},
		{"an account: its own", clerk, "auth.view_group", fault.Internal},
		{"an account: another", clerk, access.Groups.Change(), fault.Denied},
		{"an account: users", clerk, access.ViewUser, fault.Denied},
		{"an account where all may", access.AllowAny.Actor(clerk), access.DeleteUser, fault.Internal},
		{"an account where those may who have signed in", access.IsAuthenticated.Actor(clerk), access.DeleteUser, fault.Internal},
		{"and beside it", access.IsAuthenticated.Actor(clerk), "auth.view_group", fault.Internal},
		{"and no more", access.IsAuthenticated.Actor(clerk), "auth.add_group", fault.Denied},
		{"an account where permissions count", access.DjangoModelPermissions.Actor(clerk), access.ViewUser, fault.Denied},
		{"anonymous with IsAuthenticated", access.IsAuthenticated.Actor(access.Actor{}), access.ViewUser, fault.Unauthenticated},
		{"a superuser", root, access.Schedules.Delete(), fault.Internal},
		{"a limited superuser", root.Limited(reader), access.ViewUser, fault.Internal},
		{"a limited superuser: public", root.Limited(reader), access.Public, fault.Internal},
		{"a limited superuser: another", root.Limited(reader), access.AddUser, fault.Denied},
		{"a limit does not grant", clerk.Limited(reader), access.ViewUser, fault.Denied},
		{"a limit of a limit", root.Limited(nil).Limited(reader), access.ViewUser, fault.Denied},
		{"limited where all may", access.AllowAny.Actor(clerk.Limited(reader)), access.DeleteUser, fault.Denied},
		{"refused", access.Refused(fault.New(fault.Throttled, "no")), access.Public, fault.Throttled},
		{"refused where all may", access.AllowAny.Actor(access.Refused(fault.New(fault.Throttled, "no"))), access.ViewUser, fault.Throttled},
	}
	for _, tt := range tests {
		err := tt.actor.Check(tt.perm)
		if allowed := err == nil; allowed != (tt.want == fault.Internal) || !allowed && fault.KindOf(err) != tt.want {
			t.Errorf("%s: got %v, want kind %d", tt.name, err, tt.want)
		}
	}
}

// On the pages of users, the open policy leaves accounts with what they hold, and
// with what everyone may see.
func TestPolicy_Visitor(t *testing.T) {
	t.Parallel()
	viewer := access.NewActor(access.Account{ID: 7, Username: "ann", IsStaff: true, Permissions: []access.Permission{access.Groups.View()}})
	changer := access.NewActor(access.Account{ID: 8, Username: "bob", IsStaff: true, Permissions: []access.Permission{access.ChangeUser}})
	for _, tt := range []struct {
		policy              access.Policy
		actor               access.Actor
		view, change, group bool
	}{
		{access.AllowAny, access.Actor{}, true, true, false},
		{access.AllowAny, viewer, true, false, true},
		{access.AllowAny, changer, true, true, false},
		{access.AllowAny, access.NewActor(access.Account{ID: 1, IsSuperuser: true}), true, true, true},
		{access.IsAuthenticated, access.Actor{}, false, false, false},
		{access.IsAuthenticated, viewer, true, true, true},
		{access.DjangoModelPermissions, viewer, false, false, true},
		{access.DjangoModelPermissions, changer, false, true, false},
	} {
		got := tt.policy.Visitor(tt.actor)
		if got.Can(access.ViewUser) != tt.view || got.Can(access.ChangeUser) != tt.change || got.Can(access.Groups.View()) != tt.group {
			t.Errorf("%s for %s: got view %t, change %t, groups %t", tt.policy, tt.actor.Name(), got.Can(access.ViewUser), got.Can(access.ChangeUser), got.Can(access.Groups.View()))
		}
	}
	if viewer.Can(access.ViewUser) {
		t.Error("the account itself was given the permission")
	}
}

func TestNewActor(t *testing.T) {
	t.Parallel()
	from := access.Origin{Address: "192.0.2.1", RequestID: "r1"}
	a := access.NewActor(access.Account{ID: 7, Username: "ann", IsStaff: true}).From(from)
	if a.ID() != 7 || a.Name() != "ann" || !a.Staff() || !a.Authenticated() || a.Origin() != from {
		t.Errorf("got %+v", a)
	}
	if access.AllowAny.Actor(a).Can(access.ViewUser) && a.Can(access.ViewUser) {
		t.Error("what the API allows was granted to the account itself")
	}
	if actor := access.AllowAny.Anonymous(); actor.Staff() || actor.Authenticated() {
		t.Errorf("got %+v, want an anonymous actor", actor)
	}
}

func TestModel(t *testing.T) {
	t.Parallel()
	m := access.Accounts
	for got, want := range map[access.Permission]access.Permission{
		m.View(): "auth.view_user", m.Add(): "auth.add_user", m.Change(): "auth.change_user", m.Delete(): "auth.delete_user",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestActor_Name(t *testing.T) {
	t.Parallel()
	if got := (access.Actor{}).Name(); got != "anonymous" {
		t.Errorf("got %q", got)
	}
	if root := access.NewActor(access.Account{IsSuperuser: true}); !root.HoldsAll() || root.Limited(nil).HoldsAll() {
		t.Error("a limited superuser holds everything, or another one does not")
	}
	if got := access.System("cleanup").Name(); got != "system:cleanup" {
		t.Errorf("got %q", got)
	}
}

func TestParsePolicy(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{"AllowAny": true, "IsAuthenticated": true, "DjangoModelPermissions": true, "allowany": false, "": false} {
		got, err := access.ParsePolicy(name)
		if (err == nil) != ok || ok && string(got) != name {
			t.Errorf("%q: got %q, %v", name, got, err)
		}
	}
}
