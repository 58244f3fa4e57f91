package resources

import (
	"context"
	"slices"
	"strings"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/auth"
)

// presetField is the field that sets all permissions at once.
const presetField = "preset"

// permissionPresets are sets of permissions for common roles. Django's rows are all that
// is stored: an account or group with just these permissions shows the preset.
var permissionPresets = []struct {
	value, label string
	has          func(access.Permission) bool
}{
	{"view", "View only", oneOf(viewing)},
	{"support", "Support: view, change users, run tasks", oneOf(viewing, []access.Permission{
		access.ChangeUser, access.Schedules.Add(), access.Schedules.Change(),
	})},
	{"manager", "Manager: all of users and tasks, view the rest", oneOf(viewing, []access.Permission{
		access.AddUser, access.ChangeUser, access.DeleteUser, access.MailUser,
		access.Schedules.Add(), access.Schedules.Change(), access.Schedules.Delete(),
	})},
	{"everything", "Everything", func(access.Permission) bool { return true }},
}

// viewing are the permissions to view what Roster shows.
var viewing = []access.Permission{access.ViewUser, access.Schedules.View(), access.Accounts.View(), access.Groups.View(), access.ViewAudit}

func oneOf(lists ...[]access.Permission) func(access.Permission) bool {
	all := slices.Concat(lists...)
	return func(p access.Permission) bool { return slices.Contains(all, p) }
}

// presetChoice is the field of the presets, for the field permissions below it.
func presetChoice(groups *auth.Groups) site.Field {
	return site.Field{
		Name: presetField, Label: "Preset", Widget: site.Select, Picks: "permissions", Help: "Sets all permissions below. You can only grant permissions that you have.",
		Choices: func(ctx context.Context, actor access.Actor) ([]site.Choice, error) {
			rows, err := groups.ListPermissions(ctx, actor)
			choices := []site.Choice{{Label: "Custom, as selected below"}}
			for _, p := range permissionPresets {
				choice := site.Choice{Value: p.value, Label: p.label}
				for _, permission := range presetPermissions(p.value, rows) {
					choice.Locked = choice.Locked || !actor.Can(permission)
					choice.Picks += " " + string(permission)
				}
				choice.Picks = strings.TrimSpace(choice.Picks)
				choices = append(choices, choice)
			}
			return choices, err
		},
	}
}

// presetPermissions returns the permissions of a preset, sorted; nil for no preset.
func presetPermissions(value string, rows []auth.PermissionRow) (permissions []access.Permission) {
	for _, p := range permissionPresets {
		if p.value != value {
			continue
		}
		for _, row := range rows {
			if p.has(row.Permission) {
				permissions = append(permissions, row.Permission)
			}
		}
	}
	slices.Sort(permissions)
	return permissions
}

// presetOf returns the preset with just these permissions, "" for none.
func presetOf(permissions []access.Permission, rows []auth.PermissionRow) string {
	has := slices.Sorted(slices.Values(permissions))
	for _, p := range permissionPresets {
		if len(has) > 0 && slices.Equal(has, presetPermissions(p.value, rows)) {
			return p.value
		}
	}
	return ""
}

// applyPreset replaces the permissions of a form by those of its preset, if one was
// chosen.
func applyPreset(ctx context.Context, actor access.Actor, groups *auth.Groups, values map[string]string) error {
	if values[presetField] == "" {
		return nil
	}
	rows, err := groups.ListPermissions(ctx, actor)
	if err == nil {
		values["permissions"] = linesOf(presetPermissions(values[presetField], rows))
	}
	return err
}

// plainNames are the names of models in the admin site. Roster uses them; the others
// are Django's and of other programs.
var plainNames = map[access.Model]string{
	access.Users: "Users", access.Schedules: "Tasks and schedules", access.Accounts: "Staff accounts", access.Groups: "Groups",
	{App: "admin", Name: "logentry"}: "Audit trail",
}

// placeOf orders models: those of Roster first.
func placeOf(m access.Model) int {
	order := []access.Model{access.Users, access.Schedules, access.Accounts, access.Groups, {App: "admin", Name: "logentry"}}
	if at := slices.Index(order, m); at >= 0 {
		return at
	}
	return len(order)
}

// plainName returns the name of a permission, such as “Users: change”.
func plainName(row auth.PermissionRow, rows []auth.PermissionRow) string {
	return permissionChoice(row, rows).Label
}
