package resources_test

import (
	"testing"

	"roster/internal/access"
	"roster/internal/admin/resources"
	"roster/internal/admin/site"
	"roster/internal/auth"
)

// TestResources checks that the names in descriptions exist.
func TestResources(t *testing.T) {
	t.Parallel()
	accounts := auth.NewAccounts(nil, nil, auth.NewValidators(12), nil, nil)
	for _, res := range []site.Resource{resources.Users(resources.UserServices{}), resources.Accounts(accounts, nil, nil, nil, nil), resources.Groups(nil, nil), resources.AuditEntries(nil)} {
		columns, fields := map[string]bool{}, map[string]bool{}
		for _, c := range res.Columns {
			checkNames(t, columns, c.Name, c.Label)
		}
		for _, f := range res.Filters {
			if !columns[f.Name] {
				t.Errorf("%s: filter %s is no column", res.Many, f.Name)
			}
		}
		if res.Dates != "" && !columns[res.Dates] {
			t.Errorf("%s: dates %s are no column", res.Many, res.Dates)
		}
		for _, set := range res.Fieldsets {
			for _, f := range set.Fields {
				checkNames(t, fields, f.Name, f.Label)
			}
		}
	}
}

// checkNames notes a name, which must be there, with a label, and no other's.
func checkNames(t *testing.T, known map[string]bool, name, label string) {
	t.Helper()
	if name == "" || label == "" || known[name] {
		t.Errorf("%q, %q has no name, no label or the name of another", name, label)
	}
	known[name] = true
}

// TestPermissions shows that the models are those that the permissions name.
func TestPermissions(t *testing.T) {
	t.Parallel()
	users, entries := resources.Users(resources.UserServices{}).Model, resources.AuditEntries(nil).Model
	for got, want := range map[access.Permission]access.Permission{
		users.View(): access.ViewUser, users.Add(): access.AddUser, users.Change(): access.ChangeUser, users.Delete(): access.DeleteUser,
		entries.View(): access.ViewAudit,
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
