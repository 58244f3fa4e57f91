package auth_test

import (
	"testing"

	"roster/internal/access"
	"roster/internal/auth"
)

// TestIdentities_Groups shows that the claim gives and takes the groups that it
// names, and no others.
func TestIdentities_Groups(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.group(t, "Editors", access.ChangeUser)
	f.group(t, "Viewers", access.ViewUser)
	byHand := f.group(t, "By hand")
	change := named("ann")
	change.Groups = &[]int64{byHand.ID}
	ann := f.linked(t, change)
	rules := auth.ProviderRules{Name: "corp", MapGroups: true}
	step := func(claimed []string, want ...string) {
		t.Helper()
		c := person()
		c.Groups = claimed
		f.mustLogInBy(t, c, rules)
		f.wantGroups(t, ann.ID, want...)
	}
	step(nil, "By hand")
	step([]string{"Editors", "Viewers", "editors", "Unknown"}, "By hand", "Editors", "Viewers")
	step([]string{"Viewers"}, "By hand", "Viewers")
	entries := len(f.trail(t))
	step([]string{"Viewers"}, "By hand", "Viewers")
	if got := len(f.trail(t)); got != entries+1 {
		t.Errorf("a login that changes nothing made %d entries, want that of the login", got-entries)
	}
	step([]string{"By hand"}, "By hand")
	step(nil)
	rules.MapGroups = false
	step([]string{"Editors"})
	row := f.trail(t)[entries-2]
	if len(row.Changes) != 1 || row.Changes[0].Field != "groups" || row.Changes[0].New != "By hand, Viewers" || row.Actor != "system:oidc:corp" || row.Origin.Address != home.Address {
		t.Errorf("the change was recorded as %+v", row)
	}
}

func TestIdentities_Flags(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	boss := named("boss")
	boss.IsSuperuser = ptr(true)
	f.create(t, boss, true)
	ann := f.linked(t, named("ann"))
	step := func(rules auth.ProviderRules, groups []string, wantErr error, staff, superuser bool) {
		t.Helper()
		c := person()
		c.Groups = groups
		_, err := f.logInBy(t, c, rules)
		wantError(t, "login", err, wantErr)
		a, _, err := f.accounts.Find(t.Context(), system, ann.ID)
		if err != nil || a.IsStaff != staff || a.IsSuperuser != superuser {
			t.Errorf("with %v: got %+v, %v", groups, a, err)
		}
	}
	step(corp(), []string{"admins"}, nil, true, true)
	step(corp(), []string{"staff"}, nil, true, false)
	token := f.logIn(t, ann)
	step(corp(), nil, auth.ErrBarred, false, false)
	f.wantOut(t, "the session of one who is no longer staff", token)
	step(auth.ProviderRules{Name: "corp"}, []string{"staff"}, auth.ErrBarred, false, false)
	step(auth.ProviderRules{Name: "corp", SuperuserGroups: []string{"admins"}}, []string{"admins"}, nil, true, true)
	step(auth.ProviderRules{Name: "corp", SuperuserGroups: []string{"admins"}}, nil, nil, true, false)
}

func TestIdentities_KeepTheLastSuperuser(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	change := named("ann")
	change.IsSuperuser = ptr(true)
	editors := f.group(t, "Editors")
	ann := f.linked(t, change)
	c := person()
	c.Groups = []string{"Editors"}
	if a := f.in(t, f.mustLogInBy(t, c, corp())).Account; !a.IsSuperuser || !a.IsStaff {
		t.Errorf("got %+v", a)
	}
	f.wantGroups(t, ann.ID, editors.Name)
}
