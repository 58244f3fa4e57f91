package resources_test

import (
	"testing"

	"roster/internal/access"
	"roster/internal/admin/resources"
	"roster/internal/admin/site"
)

// TestResources shows that what the descriptions name is there.
func TestResources(t *testing.T) {
	t.Parallel()
	for _, res := range []site.Resource{resources.Users(nil), resources.AuditEntries(nil)} {
		columns := map[string]bool{}
		for _, c := range res.Columns {
			if c.Name == "" || c.Label == "" || columns[c.Name] {
				t.Errorf("%s: column %+v has no name, no label or the name of another", res.Many, c)
			}
			columns[c.Name] = true
		}
		for _, f := range res.Filters {
			if !columns[f.Name] {
				t.Errorf("%s: filter %s is no column", res.Many, f.Name)
			}
		}
		if res.Dates != "" && !columns[res.Dates] {
			t.Errorf("%s: dates %s are no column", res.Many, res.Dates)
		}
		fields := map[string]bool{}
		for _, set := range res.Fieldsets {
			for _, f := range set.Fields {
				if f.Name == "" || f.Label == "" || fields[f.Name] {
					t.Errorf("%s: field %+v has no name, no label or the name of another", res.Many, f)
				}
				fields[f.Name] = true
			}
		}
	}
}

// TestPermissions shows that the models are those that the permissions name.
func TestPermissions(t *testing.T) {
	t.Parallel()
	users, entries := resources.Users(nil).Model, resources.AuditEntries(nil).Model
	for got, want := range map[access.Permission]access.Permission{
		users.View(): access.ViewUser, users.Add(): access.AddUser, users.Change(): access.ChangeUser, users.Delete(): access.DeleteUser,
		entries.View(): access.ViewAudit,
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
