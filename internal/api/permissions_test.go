package api_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/store/storetest"
)

// formMethods finds the buttons of a page that change something.
var formMethods = regexp.MustCompile(`data-(?:method|send)="(POST|PUT|PATCH|DELETE)"`)

// A page has the forms and buttons of what the actor may do, and OPTIONS describes
// the fields of that alone.
func TestPages_FollowPermissions(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	newFixture(t, db, setup{}).create(t, "somebody")
	for _, c := range []struct {
		may            access.Permission
		list, instance string // buttons, by page
		options        [2]string
	}{
		{access.ViewUser, "", "", [2]string{}},
		{access.AddUser, "POST", "", [2]string{"POST", ""}},
		{access.ChangeUser, "", "PATCH PUT", [2]string{"", "PUT"}},
		{access.DeleteUser, "", "DELETE", [2]string{}},
	} {
		actor := access.NewActor(access.Account{ID: 1, Username: "ann", IsStaff: true, Permissions: []access.Permission{access.ViewUser, c.may}})
		f := newFixture(t, db, setup{policy: access.DjangoModelPermissions, actor: actor})
		for i, path := range []string{"/api/users/", "/api/users/1/"} {
			page := f.do(t, "GET", path, "", "Accept", "text/html")
			var buttons []string
			for _, found := range formMethods.FindAllStringSubmatch(page.Body.String(), -1) {
				buttons = append(buttons, found[1])
			}
			slices.Sort(buttons)
			buttons = slices.Compact(buttons)
			want := strings.Fields([]string{c.list, c.instance}[i])
			if page.Code != 200 || !slices.Equal(buttons, want) {
				t.Errorf("%s: %s: got %d with the buttons %v, want %v", c.may, path, page.Code, buttons, want)
			}
			options := f.do(t, "OPTIONS", path, "")
			described := ""
			for _, method := range []string{"POST", "PUT"} {
				if strings.Contains(options.Body.String(), `"actions":{"`+method) {
					described = method
				}
			}
			if options.Code != 200 || described != c.options[i] {
				t.Errorf("%s: OPTIONS %s: got %d with the actions %q, want %q", c.may, path, options.Code, described, c.options[i])
			}
		}
	}
}
