package auth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/secret"
)

func TestAccounts_CreateNormalises(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, auth.AccountChange{
		Username: ptr(" \uFF5Ao\u00EB\t"), Email: ptr(" Zoe.X@EXAMPLE.Com "), FirstName: ptr(" Zoë "),
	}, false)
	if a.Username != "zoë" || a.Email != "Zoe.X@example.com" || a.FirstName != "Zoë" || !a.IsActive || a.IsStaff {
		t.Errorf("got %+v", a)
	}
	if !strings.HasPrefix(a.Password.Reveal(), "!") || len(a.Password.Reveal()) != 41 {
		t.Errorf("without a password: got %q, want an unusable hash as Django makes it", a.Password.Reveal())
	}
	if found, err := f.accounts.FindNamed(t.Context(), system, "zoe\u0308 "); err != nil || found.ID != a.ID {
		t.Errorf("by a name in another form: got %+v, %v", found, err)
	}
}

func TestAccounts_CreateInvalid(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.create(t, named("taken"), false)
	tests := []struct {
		name   string
		change auth.AccountChange
		pw     string
		want   fault.Fields
	}{
		{"nothing", auth.AccountChange{}, "", fault.Fields{{Name: "username", Messages: []string{"This field is required."}}}},
		{"taken", named(" taken"), "", fault.Fields{{Name: "username", Messages: []string{"A user with that username already exists."}}}},
		{"everything", auth.AccountChange{
			Username: ptr(strings.Repeat("a ", 90)), FirstName: ptr(strings.Repeat("é", 151)), LastName: ptr("\x00"), Email: ptr("no-address"),
			Permissions: &[]access.Permission{"no.such"}, Groups: &[]int64{7},
		}, "password", fault.Fields{
			{Name: "username", Messages: []string{
				"Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
				"Ensure this value has at most 150 characters (it has 179).",
			}},
			{Name: "first_name", Messages: []string{"Ensure this value has at most 150 characters (it has 151)."}},
			{Name: "last_name", Messages: []string{"Null characters are not allowed."}},
			{Name: "email", Messages: []string{"Enter a valid email address."}},
			{Name: "password", Messages: []string{
				"This password is too short. It must contain at least 12 characters.", "This password is too common.",
			}},
			{Name: "permissions", Messages: []string{"Select a valid choice. no.such is not one of the available choices."}},
			{Name: "groups", Messages: []string{"Select a valid choice. 7 is not one of the available choices."}},
		}},
	}
	for _, tt := range tests {
		_, err := f.accounts.Create(t.Context(), system, tt.change, auth.NewPassword{Text: secret.New(tt.pw)})
		if diff := cmp.Diff(tt.want, fieldsOf(err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if n := len(f.trail(t)); n != 1 {
		t.Errorf("%d entries in the trail, want that of the first alone", n)
	}
}

func TestAccounts_UpdateTakenAndMissing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.create(t, named("taken"), false)
	a := f.create(t, named("ann"), false)
	_, err := f.accounts.Update(t.Context(), system, a.ID, named("taken"))
	if fields := fieldsOf(err); !fields.Has("username") {
		t.Errorf("a name that is taken: got %v", err)
	}
	if same, err := f.accounts.Update(t.Context(), system, a.ID, named("ann")); err != nil || same.ID != a.ID {
		t.Errorf("its own name: got %+v, %v", same, err)
	}
	f.wantDeeds(t, a.Object(), audit.Create) // nothing has changed
	_, err = f.accounts.Update(t.Context(), system, 99, named("x"))
	wantKind(t, "update of an unknown account", err, fault.NotFound)
	wantKind(t, "password of an unknown account", f.accounts.SetPassword(t.Context(), system, 99, auth.NewPassword{}, 0), fault.NotFound)
	wantKind(t, "delete of an unknown account", f.accounts.Delete(t.Context(), system, 99), fault.NotFound)
}

// The trail says what has changed, and of a password only that it has.
func TestAccounts_Trail(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	g, err := f.groups.Create(t.Context(), system, auth.GroupChange{Name: ptr("editors"), Permissions: &[]access.Permission{access.ViewUser}})
	if err != nil {
		t.Fatal(err)
	}
	a := f.create(t, named("ann"), true)
	change := auth.AccountChange{LastName: ptr("Ä"), IsActive: ptr(false), Groups: &[]int64{g.ID}, Permissions: &[]access.Permission{access.AddUser}}
	if _, err := f.accounts.Update(t.Context(), system, a.ID, change); err != nil {
		t.Fatal(err)
	}
	if err := f.accounts.SetPassword(t.Context(), system, a.ID, auth.NewPassword{Text: secret.New("another-Horse-77")}, 0); err != nil {
		t.Fatal(err)
	}
	if err := f.accounts.Delete(t.Context(), system, a.ID); err != nil {
		t.Fatal(err)
	}
	f.wantDeeds(t, a.Object(), audit.Create, audit.Update, audit.Update, audit.Delete)
	rows := f.trail(t)
	want := []audit.Change{
		{Field: "last_name", Old: "", New: "Ä"}, {Field: "is_active", Old: true, New: false},
		{Field: "groups", Old: "", New: "editors"}, {Field: "permissions", Old: "", New: "users.add_tuser"},
	}
	if diff := cmp.Diff(want, rows[2].Changes); diff != "" {
		t.Errorf("the update (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]audit.Change{audit.Secret("password")}, rows[3].Changes); diff != "" {
		t.Errorf("the password (-want +got):\n%s", diff)
	}
	for _, row := range rows {
		if strings.Contains(row.ChangesText, "argon2") {
			t.Errorf("a hash is in the trail: %s", row.ChangesText)
		}
	}
}

func TestAccounts_SetPassword(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a, b := f.create(t, named("ann"), true), f.create(t, named("bob"), true)
	here, there, other := f.logIn(t, a), f.logIn(t, a), f.logIn(t, b)
	err := f.accounts.SetPassword(t.Context(), f.as(t, a), a.ID, auth.NewPassword{Text: secret.New("ann-ann-ann")}, 0)
	if fields := fieldsOf(err); len(fields) != 1 || len(fields[0].Messages) != 1 {
		t.Errorf("a weak one: got %v", err)
	}
	wantKind(t, "of another", f.accounts.SetPassword(t.Context(), f.as(t, a), b.ID, auth.NewPassword{Text: secret.New("x")}, 0), fault.Denied)
	err = f.accounts.SetPassword(t.Context(), f.as(t, a), a.ID, auth.NewPassword{Text: secret.New("another-Horse-77")}, f.in(t, here).Session.ID)
	if err != nil {
		t.Fatal(err)
	}
	f.in(t, here)
	f.in(t, other)
	f.wantOut(t, "the other session", there)
	if _, err := f.tryLogIn(t, "ann", passwordOf("ann"), "192.0.2.9"); err == nil {
		t.Error("the old password is still right")
	}
	if _, err := f.tryLogIn(t, "ann", secret.New("another-Horse-77"), "192.0.2.9"); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

func TestAccounts_NeedPermissions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, named("ann"), false)
	for _, actor := range []access.Actor{{}, f.as(t, ann)} {
		want := fault.Unauthenticated
		if actor.Authenticated() {
			want = fault.Denied
		}
		ctx := t.Context()
		_, _, findErr := f.accounts.Find(ctx, actor, ann.ID)
		_, namedErr := f.accounts.FindNamed(ctx, actor, "ann")
		_, _, listErr := f.accounts.List(ctx, actor, auth.AccountQuery{}, 0, 10)
		_, whyErr := f.accounts.Explain(ctx, actor, ann.ID, access.ViewUser)
		_, createErr := f.accounts.Create(ctx, actor, named("x"), auth.NewPassword{})
		_, updateErr := f.accounts.Update(ctx, actor, ann.ID, named("x"))
		_, groupsErr := f.groups.List(ctx, actor)
		_, permissionsErr := f.groups.ListPermissions(ctx, actor)
		_, groupErr := f.groups.Find(ctx, actor, 1)
		_, groupCreateErr := f.groups.Create(ctx, actor, auth.GroupChange{})
		_, groupUpdateErr := f.groups.Update(ctx, actor, 1, auth.GroupChange{})
		_, resetErr := f.factors.Reset(ctx, actor, ann.ID)
		for name, err := range map[string]error{
			"find": findErr, "find by name": namedErr, "list": listErr, "explain": whyErr, "create": createErr, "update": updateErr,
			"delete": f.accounts.Delete(ctx, actor, ann.ID), "groups": groupsErr, "permissions": permissionsErr, "group": groupErr,
			"new group": groupCreateErr, "change of a group": groupUpdateErr, "delete of a group": f.groups.Delete(ctx, actor, 1),
			"reset of the factor": resetErr,
		} {
			wantKind(t, actor.Name()+": "+name, err, want)
		}
	}
}

// fieldsOf returns the faults of fields that an error has.
func fieldsOf(err error) fault.Fields {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Fields
	}
	return nil
}

// TestNormalizeUsername_Long: anybody can send a name to the login, and the form
// NFKC can be eleven times as long.
func TestNormalizeUsername_Long(t *testing.T) {
	t.Parallel()
	for _, n := range []int{150, 151} {
		name := strings.Repeat("\uFDFA", n)
		got := len([]rune(auth.NormalizeUsername(" " + name + " ")))
		if want := map[int]int{150: 18 * 150, 151: 151}[n]; got != want {
			t.Errorf("%d code points: got %d, want %d", n, got, want)
		}
	}
}
