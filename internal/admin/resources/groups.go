package resources

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/auth"
	"roster/internal/form"
	"roster/internal/user"
)

// Groups returns the resource of groups of staff accounts.
func Groups(accounts *auth.Accounts, groups *auth.Groups) site.Resource {
	return site.Resource{
		Model: access.Groups, App: "Authentication and authorization", One: "group", Many: "groups", Object: "group", Icon: "groups",
		Source: groupsSource{groups}, Search: "Search by name", Sensitive: true,
		Columns: []site.Column{{Name: "name", Label: "Name"}, {Name: "count", Label: "Permissions"}},
		Fieldsets: []site.Fieldset{{Fields: []site.Field{
			{Name: "name", Label: "Name", Widget: site.Line, Required: true},
			presetChoice(groups),
			{Name: "permissions", Label: "Permissions", Widget: site.Boxes, Choices: permissionsOf(groups)},
		}}},
		Origin:  site.Origin{Text: "A group grants its permissions to its members."},
		Extras:  []site.Extra{groupReasons(accounts, groups)},
		Remains: "Its members lose the permissions that it grants.",
	}
}

// verbs has Django's permissions of every model, from weak to strong.
var verbs = []string{"view", "add", "change", "delete"}

// permissionsOf returns the choices of all permissions, by application and model.
func permissionsOf(groups *auth.Groups) func(context.Context, access.Actor) ([]site.Choice, error) {
	return func(ctx context.Context, actor access.Actor) (choices []site.Choice, err error) {
		rows, err := groups.ListPermissions(ctx, actor)
		sortRows(rows)
		for _, row := range rows {
			choice := permissionChoice(row, rows)
			choice.Locked = !actor.Can(row.Permission)
			choices = append(choices, choice)
		}
		return choices, err
	}
}

// sortRows orders permissions by their models, those of Roster first.
func sortRows(rows []auth.PermissionRow) {
	slices.SortStableFunc(rows, func(a, b auth.PermissionRow) int {
		return cmp.Or(cmp.Compare(placeOf(a.Model), placeOf(b.Model)), cmp.Compare(a.Model.App, b.Model.App), cmp.Compare(a.Model.Name, b.Model.Name), cmp.Compare(rank(a), rank(b)))
	})
}

// rank returns the position of a permission among those of its model.
func rank(row auth.PermissionRow) int {
	if at := slices.Index(verbs, verbOf(row)); at >= 0 {
		return at
	}
	return len(verbs)
}

// verbOf returns the verb of a default permission of Django, "" for others.
func verbOf(row auth.PermissionRow) string {
	for _, verb := range verbs {
		if string(row.Permission) == row.Model.App+"."+verb+"_"+row.Model.Name {
			return verb
		}
	}
	return ""
}

// permissionChoice returns a permission as a choice such as “Users: change”. Models
// without a plain name have Django's, which is in “Can view group”.
func permissionChoice(row auth.PermissionRow, rows []auth.PermissionRow) site.Choice {
	c := site.Choice{Value: string(row.Permission), Section: "Roster", Set: plainNames[row.Model], Short: strings.TrimPrefix(row.Name, "Can ")}
	if c.Set == "" {
		c.Section, c.Set = "Django and other programs", row.Model.Name
		for _, of := range rows {
			if name, ok := strings.CutPrefix(of.Name, "Can "+verbOf(of)+" "); ok && of.Model == row.Model && verbOf(of) != "" {
				c.Set = strings.ToUpper(name[:1]) + name[1:]
			}
		}
	}
	c.Short = cmp.Or(verbOf(row), c.Short)
	c.Short = strings.ToUpper(c.Short[:1]) + c.Short[1:]
	c.Label = c.Set + ": " + strings.ToLower(c.Short[:1]) + c.Short[1:]
	return c
}

// groupsSource is the site.Editor of groups. There are few, so it filters in memory.
type groupsSource struct{ groups *auth.Groups }

// List returns groups by their names.
func (s groupsSource) List(ctx context.Context, actor access.Actor, asked site.Query) (page site.Page, err error) {
	all, err := s.groups.List(ctx, actor)
	words := user.Query{Search: form.Lower(asked.Search)}.Words()
	all = slices.DeleteFunc(all, func(g auth.Group) bool {
		return slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(form.Lower(g.Name), word) })
	})
	page.Total = site.Count{N: int64(len(all))}
	all = all[min(asked.Offset, int64(len(all))):]
	for _, g := range all[:min(asked.Limit, len(all))] {
		page.Records = append(page.Records, groupRecord(g))
	}
	return page, err
}

// Some implements site.Searcher.
func (s groupsSource) Some(ctx context.Context, actor access.Actor, text string, limit int) ([]site.Record, error) {
	page, err := s.List(ctx, actor, site.Query{Search: text, Limit: limit})
	return page.Records, err
}

// Find returns one group.
func (s groupsSource) Find(ctx context.Context, actor access.Actor, id int64) (site.Record, error) {
	g, err := s.groups.Find(ctx, actor, id)
	if err != nil {
		return site.Record{}, err
	}
	rows, err := s.groups.ListPermissions(ctx, actor)
	record := groupRecord(g)
	record.Values[presetField] = presetOf(g.Permissions, rows)
	record.Locked = lockedBy(auth.CheckReach(actor, auth.Account{}, auth.Holdings{Groups: []auth.Group{g}}))
	return record, err
}

// Create adds a group.
func (s groupsSource) Create(ctx context.Context, actor access.Actor, values map[string]string) (site.Record, error) {
	if err := applyPreset(ctx, actor, s.groups, values); err != nil {
		return site.Record{}, err
	}
	g, err := s.groups.Create(ctx, actor, groupChange(values))
	return groupRecord(g), err
}

// Update changes a group of that version.
func (s groupsSource) Update(ctx context.Context, actor access.Actor, id int64, version string, values map[string]string) (site.Record, error) {
	if err := applyPreset(ctx, actor, s.groups, values); err != nil {
		return site.Record{}, err
	}
	g, err := s.groups.Expecting(version).Update(ctx, actor, id, groupChange(values))
	return groupRecord(g), err
}

// Delete deletes a group of that version.
func (s groupsSource) Delete(ctx context.Context, actor access.Actor, id int64, version string) error {
	return s.groups.Expecting(version).Delete(ctx, actor, id)
}

func groupChange(values map[string]string) (c auth.GroupChange) {
	if name, given := values["name"]; given {
		c.Name = &name
	}
	if text, given := values["permissions"]; given {
		permissions := permissionsIn(text)
		c.Permissions = &permissions
	}
	return c
}

// permissionsIn parses permissions, one per line.
func permissionsIn(text string) []access.Permission {
	permissions := []access.Permission{}
	for line := range strings.FieldsSeq(text) {
		permissions = append(permissions, access.Permission(line))
	}
	return permissions
}

func groupRecord(g auth.Group) site.Record {
	return site.Record{ID: g.ID, Name: g.Name, Version: g.Version(), Values: map[string]any{
		"name": g.Name, "permissions": linesOf(g.Permissions), "count": int64(len(g.Permissions)),
	}}
}

// linesOf formats permissions, one per line, sorted as in forms.
func linesOf(permissions []access.Permission) string {
	lines := make([]string, len(permissions))
	for i, p := range permissions {
		lines[i] = string(p)
	}
	return sortedLines(lines)
}

func sortedLines(lines []string) string {
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
