package auth_test

import (
	"errors"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/fault"
)

// If two edit the same account or group, the second gets an error.
func TestExpecting(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	ctx := t.Context()
	a, held, err := c.accounts.Find(ctx, system, c.clerk.ID)
	if err != nil {
		t.Fatal(err)
	}
	seen := c.accounts.Expecting(a.Version(held))
	if _, err := seen.Update(ctx, system, a.ID, auth.AccountChange{Groups: &[]int64{c.viewers.ID}}); err != nil {
		t.Errorf("the first: got %v", err)
	}
	_, late := seen.Update(ctx, system, a.ID, auth.AccountChange{LastName: ptr("x")})
	group := c.groups.Expecting(c.viewers.Version())
	_, early := group.Update(ctx, system, c.viewers.ID, auth.GroupChange{Permissions: &[]access.Permission{access.ViewUser, access.AddUser}})
	if early != nil {
		t.Errorf("the first of a group: got %v", early)
	}
	_, lateGroup := group.Update(ctx, system, c.viewers.ID, auth.GroupChange{Name: ptr("x")})
	_, unseen := c.accounts.Expecting("").Update(ctx, system, a.ID, auth.AccountChange{LastName: ptr("x")})
	for name, err := range map[string]error{
		"account": late, "delete": seen.Delete(ctx, system, a.ID), "group": lateGroup,
		"delete of a group": group.Delete(ctx, system, c.viewers.ID), "without a version": unseen,
	} {
		wantKind(t, name, err, fault.Outdated)
	}
	c.wantDeeds(t, a.Object(), audit.Create, audit.Update)
	c.wantDeeds(t, c.viewers.Object(), audit.Create, audit.Update)
}

// Every field that a form shows is part of the version; a login is not.
func TestVersion(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	ctx := t.Context()
	versions := map[string]string{}
	note := func(what string) {
		a, held, err := c.accounts.Find(ctx, system, c.clerk.ID)
		if err != nil {
			t.Fatal(err)
		}
		if before, known := versions[a.Version(held)]; known {
			t.Errorf("%s: the version is that of %s", what, before)
		}
		versions[a.Version(held)] = what
	}
	note("new")
	for what, change := range map[string]auth.AccountChange{
		"username": {Username: ptr("other")}, "email": {Email: ptr("a@example.com")}, "first name": {FirstName: ptr("a")},
		"last name": {LastName: ptr("a")}, "active": {IsActive: ptr(false)}, "staff": {IsStaff: ptr(false)}, "superuser": {IsSuperuser: ptr(true)},
		"permissions": {Permissions: &[]access.Permission{access.ViewUser}}, "groups": {Groups: &[]int64{c.viewers.ID, c.writers.ID}},
	} {
		if _, err := c.accounts.Update(ctx, system, c.clerk.ID, change); err != nil {
			t.Fatal(err)
		}
		note(what)
	}
	a, held, err := c.accounts.Find(ctx, system, c.clerk.ID)
	held.Groups[0], held.Groups[1] = held.Groups[1], held.Groups[0]
	a.LastLogin = c.Now()
	if _, known := versions[a.Version(held)]; err != nil || !known {
		t.Errorf("after a login, in another order: got another version, %v", err)
	}
}

// A change that changes nothing leaves no trace.
func TestUpdate_Nothing(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	_, err := c.accounts.Update(t.Context(), system, c.clerk.ID, auth.AccountChange{Username: ptr("clerk"), Groups: &[]int64{}, IsActive: ptr(true)})
	_, groupErr := c.groups.Update(t.Context(), system, c.viewers.ID, auth.GroupChange{Name: ptr("viewers")})
	if err != nil || groupErr != nil {
		t.Errorf("got %v, %v", err, groupErr)
	}
	c.wantDeeds(t, c.clerk.Object(), audit.Create)
	c.wantDeeds(t, c.viewers.Object(), audit.Create)
}

// A refusal names the fields and what of them cannot be granted.
func TestGrant_RefusalsNameWhat(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	manager := c.as(t, c.manager)
	_, err := c.accounts.Update(t.Context(), manager, c.clerk.ID, auth.AccountChange{
		Permissions: &[]access.Permission{access.DeleteUser, access.ViewUser, access.AddUser}, Groups: &[]int64{c.viewers.ID, c.writers.ID},
	})
	wantRefusal(t, err, map[string]string{"permissions": "users.add_tuser, users.delete_tuser.", "groups": "the group writers has users.change_tuser."})
	_, err = c.accounts.Update(t.Context(), manager, c.clerk.ID, auth.AccountChange{IsStaff: ptr(false), IsSuperuser: ptr(true)})
	wantRefusal(t, err, map[string]string{"is_staff": "who is staff.", "is_superuser": "who is a superuser."})
	_, err = c.groups.Update(t.Context(), manager, c.viewers.ID, auth.GroupChange{Permissions: &[]access.Permission{access.DeleteUser}})
	wantRefusal(t, err, map[string]string{"permissions": "users.delete_tuser."})
}

func wantRefusal(t *testing.T, err error, endings map[string]string) {
	t.Helper()
	refused, ok := errors.AsType[*fault.Error](err)
	if !ok || refused.Kind != fault.Denied || len(refused.Fields) != len(endings) {
		t.Fatalf("got %v, want refusals of %v", err, endings)
	}
	for _, field := range refused.Fields {
		if ending := endings[field.Name]; ending == "" || !strings.HasSuffix(field.Messages[0], ending) {
			t.Errorf("%s: got %q, want it to end with %q", field.Name, field.Messages, ending)
		}
	}
}
