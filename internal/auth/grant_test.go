package auth_test

import (
	"testing"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/secret"
)

// company is a fixture with a superuser and a manager who may do everything with
// accounts and groups, and view users.
type company struct {
	*fixture
	boss, manager, clerk auth.Account
	viewers, writers     auth.Group // may view users; may change them
}

func newCompany(t *testing.T) *company {
	t.Helper()
	c := &company{fixture: newFixture(t)}
	boss := named("boss")
	boss.IsSuperuser = ptr(true)
	c.boss = c.create(t, boss, false)
	manager := named("manager")
	manager.Permissions = &[]access.Permission{
		access.Accounts.View(), access.Accounts.Add(), access.Accounts.Change(), access.Accounts.Delete(),
		access.Groups.View(), access.Groups.Add(), access.Groups.Change(), access.Groups.Delete(), access.ViewUser,
	}
	c.manager = c.create(t, manager, false)
	c.clerk = c.create(t, named("clerk"), false)
	c.viewers = c.group(t, "viewers", access.ViewUser)
	c.writers = c.group(t, "writers", access.ChangeUser)
	return c
}

func (c *company) group(t *testing.T, name string, permissions ...access.Permission) auth.Group {
	t.Helper()
	g, err := c.groups.Create(t.Context(), system, auth.GroupChange{Name: &name, Permissions: &permissions})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// wantAllowed checks whether something was allowed, or denied.
func wantAllowed(t *testing.T, what string, err error, allowed bool) {
	t.Helper()
	if allowed && err != nil || !allowed && fault.KindOf(err) != fault.Denied {
		t.Errorf("%s: got %v, want it allowed: %v", what, err, allowed)
	}
}

// No one can grant permissions they do not hold, by any means.
func TestGrant_OnlyWhatIsHeld(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	held, beyond := &[]access.Permission{access.ViewUser}, &[]access.Permission{access.ViewUser, access.ChangeUser}
	tests := []struct {
		name    string
		change  auth.AccountChange
		allowed bool
	}{
		{"a permission that is held", auth.AccountChange{Permissions: held}, true},
		{"one that is not", auth.AccountChange{Permissions: beyond}, false},
		{"a group whose permissions are held", auth.AccountChange{Groups: &[]int64{c.viewers.ID}}, true},
		{"a group that holds more", auth.AccountChange{Groups: &[]int64{c.viewers.ID, c.writers.ID}}, false},
		{"staff", auth.AccountChange{IsStaff: ptr(false)}, false},
		{"superuser", auth.AccountChange{IsSuperuser: ptr(true)}, false},
		{"another name", auth.AccountChange{LastName: ptr("x")}, true},
		{"inactive", auth.AccountChange{IsActive: ptr(false)}, true},
	}
	for _, tt := range tests {
		_, err := c.accounts.Update(t.Context(), c.as(t, c.manager), c.clerk.ID, tt.change)
		wantAllowed(t, tt.name, err, tt.allowed)
		_, err = c.accounts.Update(t.Context(), c.as(t, c.boss), c.clerk.ID, tt.change)
		wantAllowed(t, tt.name+", by a superuser", err, true)
		undo := auth.AccountChange{
			Permissions: &[]access.Permission{}, Groups: &[]int64{}, IsStaff: ptr(true), IsSuperuser: ptr(false), IsActive: ptr(true),
		}
		if _, err := c.accounts.Update(t.Context(), system, c.clerk.ID, undo); err != nil {
			t.Fatal(err)
		}
		fresh := tt.change
		fresh.Username, fresh.IsActive = ptr("new"), nil
		created, err := c.accounts.Create(t.Context(), c.as(t, c.manager), fresh, auth.NewPassword{})
		wantAllowed(t, tt.name+", for a new account", err, tt.allowed || tt.name == "staff")
		if err == nil {
			if err := c.accounts.Delete(t.Context(), system, created.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// No one can change an account that holds more than they do: with its password
// they would be as much.
func TestGrant_ReachesNoFurther(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	own := named("own")
	own.Permissions = &[]access.Permission{access.AddUser}
	member := named("member")
	member.Groups = &[]int64{c.writers.ID}
	former := named("former")
	former.IsSuperuser, former.IsActive = ptr(true), ptr(false)
	manager := c.as(t, c.manager)
	for _, a := range []auth.Account{c.boss, c.create(t, own, false), c.create(t, member, false), c.create(t, former, false)} {
		ctx := t.Context()
		_, update := c.accounts.Update(ctx, manager, a.ID, auth.AccountChange{Email: ptr("me@example.com")})
		_, reset := c.factors.Reset(ctx, manager, a.ID)
		_, revoke := c.sessions.Revoke(ctx, manager, a.ID, auth.SessionChoice{})
		for name, err := range map[string]error{
			"update": update, "revoke": revoke, "delete": c.accounts.Delete(ctx, manager, a.ID), "reset": reset,
			"password":      c.accounts.SetPassword(ctx, manager, a.ID, auth.NewPassword{Text: secret.New("another-Horse-77")}, 0),
			"weak password": c.accounts.SetPassword(ctx, manager, a.ID, auth.NewPassword{Text: secret.New("short")}, 0),
		} {
			wantKind(t, a.Username+": "+name, err, fault.Denied)
		}
		c.wantDeeds(t, a.Object(), audit.Create)
	}
	if err := c.accounts.SetPassword(t.Context(), manager, c.clerk.ID, auth.NewPassword{Text: secret.New("another-Horse-77")}, 0); err != nil {
		t.Errorf("an account that holds less: got %v", err)
	}
}

func TestGroups_OnlyWhatIsHeld(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	ctx, manager := t.Context(), c.as(t, c.manager)
	_, create := c.groups.Create(ctx, manager, auth.GroupChange{Name: ptr("x"), Permissions: &[]access.Permission{access.DeleteUser}})
	_, widen := c.groups.Update(ctx, manager, c.viewers.ID, auth.GroupChange{Permissions: &[]access.Permission{access.ViewUser, access.AddUser}})
	_, rename := c.groups.Update(ctx, manager, c.writers.ID, auth.GroupChange{Name: ptr("x")})
	for name, err := range map[string]error{
		"create": create, "widen": widen, "rename": rename, "delete": c.groups.Delete(ctx, manager, c.writers.ID),
	} {
		wantKind(t, name, err, fault.Denied)
	}
	c.wantDeeds(t, c.writers.Object(), audit.Create)
	g, err := c.groups.Update(ctx, manager, c.viewers.ID, auth.GroupChange{
		Name: ptr(" readers "), Permissions: &[]access.Permission{access.ViewUser, access.Groups.View(), access.ViewUser},
	})
	if err != nil || g.Name != "readers" || len(g.Permissions) != 2 {
		t.Errorf("got %+v, %v", g, err)
	}
	if err := c.groups.Delete(ctx, manager, g.ID); err != nil {
		t.Error(err)
	}
	c.wantDeeds(t, g.Object(), audit.Create, audit.Update, audit.Delete)
}

func TestGroups_Invalid(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	for name, want := range map[string]string{
		"": "This field is required.", "viewers": "Group with this Name already exists.", "\x00": "Null characters are not allowed.",
	} {
		_, err := c.groups.Create(t.Context(), system, auth.GroupChange{Name: &name})
		if fields := fieldsOf(err); len(fields) != 1 || fields[0].Messages[0] != want {
			t.Errorf("%q: got %v, want %s", name, err, want)
		}
	}
	_, err := c.groups.Update(t.Context(), system, c.viewers.ID, auth.GroupChange{Permissions: &[]access.Permission{"no.such"}})
	if !fieldsOf(err).Has("permissions") {
		t.Errorf("an unknown permission: got %v", err)
	}
	_, err = c.groups.Update(t.Context(), system, 99, auth.GroupChange{})
	wantKind(t, "update of none", err, fault.NotFound)
	wantKind(t, "delete of none", c.groups.Delete(t.Context(), system, 99), fault.NotFound)
	all, err := c.groups.List(t.Context(), c.as(t, c.manager))
	if err != nil || len(all) != 2 || all[0].Name != "viewers" {
		t.Errorf("got %+v, %v", all, err)
	}
}

// The last active superuser cannot be removed by anyone; one of two can.
func TestAccounts_LastSuperuser(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	ctx, boss := t.Context(), c.as(t, c.boss)
	_, inactive := c.accounts.Update(ctx, boss, c.boss.ID, auth.AccountChange{IsActive: ptr(false)})
	_, demoted := c.accounts.Update(ctx, system, c.boss.ID, auth.AccountChange{IsSuperuser: ptr(false)})
	_, outside := c.accounts.Update(ctx, boss, c.boss.ID, auth.AccountChange{IsStaff: ptr(false)})
	locked := named("locked") // who cannot sign in does not count
	locked.IsSuperuser, locked.IsStaff = ptr(true), ptr(false)
	c.create(t, locked, false)
	for name, err := range map[string]error{"inactive": inactive, "demoted": demoted, "no staff": outside, "deleted": c.accounts.Delete(ctx, boss, c.boss.ID)} {
		wantKind(t, name, err, fault.Conflict)
	}
	second := named("second")
	second.IsSuperuser = ptr(true)
	c.create(t, second, false)
	if err := c.accounts.Delete(ctx, boss, c.boss.ID); err != nil {
		t.Errorf("one of two: got %v", err)
	}
}

func TestAccounts_Explain(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	both := named("both")
	both.Permissions = &[]access.Permission{access.ViewUser}
	both.Groups = &[]int64{c.viewers.ID, c.writers.ID}
	a := c.create(t, both, false)
	gone := both
	gone.Username, gone.IsActive = ptr("gone"), ptr(false)
	off := c.create(t, gone, false)
	tests := []struct {
		account auth.Account
		p       access.Permission
		held    bool
		want    string
	}{
		{c.boss, access.DeleteUser, true, "The account holds this permission as a superuser."},
		{a, access.ViewUser, true, "The account holds this permission by a permission of its own and by the group viewers."},
		{a, access.ChangeUser, true, "The account holds this permission by the group writers."},
		{a, access.DeleteUser, false, "The account does not hold this permission."},
		{off, access.ChangeUser, false, "The account is not active and holds nothing; otherwise it would hold this permission by the group writers."},
	}
	for _, tt := range tests {
		got, err := c.accounts.Explain(t.Context(), c.as(t, c.manager), tt.account.ID, tt.p)
		if err != nil || got.Held() != tt.held || got.String() != tt.want {
			t.Errorf("%s, %s: got %v %q, %v; want %v %q", tt.account.Username, tt.p, got.Held(), got, err, tt.held, tt.want)
		}
	}
}

// The trail names groups one after another: a group called as two others are
// is not taken for those.
func TestAccounts_GroupsNamedAsOthersTogether(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var ids []int64
	for _, name := range []string{"a, b", "a", "b"} {
		g, err := f.groups.Create(t.Context(), system, auth.GroupChange{Name: &name})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, g.ID)
	}
	a, err := f.accounts.Create(t.Context(), system, auth.AccountChange{Username: ptr("ann"), Groups: ptr(ids[:1])}, auth.NewPassword{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.accounts.Update(t.Context(), system, a.ID, auth.AccountChange{Groups: ptr(ids[1:])}); err != nil {
		t.Fatal(err)
	}
	_, held, err := f.accounts.Find(t.Context(), system, a.ID)
	if err != nil || len(held.Groups) != 2 {
		t.Errorf("got the groups %v, %v, want a and b", held.Groups, err)
	}
}
