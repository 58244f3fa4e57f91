package site_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"roster/internal/access"
)

// Presets of permissions are stored as Django's rows, on every engine, and read back as
// the preset while the permissions are just those. Only permissions that the actor holds
// can be granted by one.
func TestPresets(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		const add, record = "/admin/auth/group/add/", "/admin/auth/group/1/change/"
		wantSent(t, f.post(add, url.Values{"name": {"readers"}, "preset": {"view"}}), "/admin/auth/group/")
		stored := func() []string {
			t.Helper()
			return formOf(t, f.page(record))["permissions"]
		}
		want := []string{"admin.view_logentry", "auth.view_group", "auth.view_user", "django_celery_beat.view_periodictask", "users.view_tuser"}
		if got := slices.Sorted(slices.Values(stored())); !slices.Equal(got, want) {
			t.Errorf("view only: got %v, want %v", got, want)
		}
		wantAll(t, f.page(record), `<option value="view" selected`, ">Users<", "Django and other programs")
		form := formOf(t, f.page(record))
		form["permissions"] = append(form["permissions"], "users.change_tuser") // without scripts the preset stays as it was
		wantSent(t, f.post(record, form), "/admin/auth/group/")
		if got := stored(); len(got) != len(want)+1 {
			t.Errorf("one more: got %v", got)
		}
		wantAll(t, f.page(record), `<option value="" selected`)
		wantSent(t, f.post(record, with(formOf(t, f.page(record)), "preset", "everything")), "/admin/auth/group/")
		page := f.page(record)
		if boxes := strings.Count(page, `name="permissions"`); len(stored()) != boxes || boxes < 30 {
			t.Errorf("everything: got %d of %d", len(stored()), boxes)
		}
		wantSent(t, f.post("/admin/auth/user/add/", url.Values{"username": {"colleague"}, "is_active": {"1"}, "no_password": {"1"}, "preset": {"support"}}), "/admin/auth/user/")
		wantAll(t, f.page("/admin/auth/user/1/change/"), `<option value="support" selected`)
		wantAll(t, f.page("/admin/auth/user/1/permissions/"), "Users: change", "Cannot do", "Users: delete")

		f.handler = f.handlerFor(staff(append(permissionsOf(want), access.Groups.Add())...))
		wantAll(t, f.page(add), `<option value="view" data-values`, `<option value="support" disabled`)
		if w := f.post(add, url.Values{"name": {"more"}, "preset": {"manager"}}); w.Code == http.StatusSeeOther {
			t.Error("a preset granted what the actor does not hold")
		}
	})
}

func permissionsOf(names []string) (permissions []access.Permission) {
	for _, name := range names {
		permissions = append(permissions, access.Permission(name))
	}
	return permissions
}
