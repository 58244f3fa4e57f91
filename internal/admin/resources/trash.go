package resources

import (
	"context"
	"fmt"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/phrase"
	"roster/internal/query"
	"roster/internal/user"
)

// Trash returns the resource of deleted users, which are kept for that many days; 0 if
// users are deleted at once.
func Trash(trash *user.Trash, days int) site.Resource {
	res := site.Resource{
		Model: access.Model{App: access.Users.App, Name: "trash"}, Guarded: access.Users, App: "Users",
		One: "deleted user", Many: "deleted users", Short: "Trash", Icon: "trash",
		Source: trashSource{trash}, Ordering: "-deleted_at", Search: "Search by username, name or e-mail",
		Columns: []site.Column{
			{Name: "username", Label: "Username"}, {Name: "email", Label: "Email"}, {Name: "first_name", Label: "First name"}, {Name: "last_name", Label: "Last name"},
			{Name: "deleted_at", Label: "Deleted"}, {Name: "actor", Label: "By"}, {Name: "door", Label: "Door"},
			{Name: "reason", Label: "Reason", Optional: true}, {Name: "id", Label: "Id", Optional: true},
		},
		Origin: site.Origin{Text: "Deleted users are kept here for " + phrase.Count(int64(days), "day") + ", and can be restored with all their fields."},
		Fieldsets: []site.Fieldset{
			{Title: "User", Fields: readables([][2]string{{"username", "Username"}, {"email", "Email"}, {"first_name", "First name"}, {"last_name", "Last name"}, {"id", "Id"}})},
			{Title: "Deletion", Fields: readables([][2]string{{"deleted_at", "Deleted"}, {"actor", "By"}, {"door", "Door"}, {"reason", "Reason"}})},
		},
		Extras: []site.Extra{restorePage(trash), emptyPage(trash)},
		Actions: []site.Action{
			{
				Name: "restore_selected", Label: "Restore selected deleted users", Question: "Restore these users?", Done: "restored",
				Warning: "will be restored with all their fields. Those whose username or e-mail address another user has are not changed.",
				Needs:   access.AddUser, Run: ofTrash(trash.RestoreBatch),
			},
			{
				Name: "purge_selected", Label: "Delete selected deleted users", Question: "Delete these users for good?", Done: "deleted for good",
				Warning: "will be deleted for good and cannot be restored. The audit trail keeps the deleted values.",
				Danger:  true, Needs: access.DeleteUser, Run: ofTrash(trash.PurgeBatch),
			},
		},
	}
	if days == 0 {
		res.Origin.Text = "TRASH_KEEP_DAYS is 0, so users are deleted at once."
	}
	return res
}

// ofTrash adapts a bulk action of the service.
func ofTrash(do func(context.Context, access.Actor, []int64) (user.Step, error)) func(context.Context, access.Actor, site.Batch) (site.Step, error) {
	return func(ctx context.Context, actor access.Actor, b site.Batch) (site.Step, error) {
		step, err := do(ctx, actor, b.IDs)
		return site.Step{Changed: step.Changed, Skipped: step.Skipped, IDs: step.IDs}, err
	}
}

// undelete is the action that undoes the deletion of users.
func undelete(trash *user.Trash) site.Action {
	restore := ofTrash(trash.RestoreBatch)
	return site.Action{
		Name: "restore_deleted", Label: "Restore deleted users", Question: "Restore these users?", Done: "restored", Hidden: true,
		Needs: access.AddUser,
		Run: func(ctx context.Context, actor access.Actor, b site.Batch) (site.Step, error) {
			step, err := restore(ctx, actor, b)
			if err == nil && step.Changed == 0 {
				err = fault.New(fault.Conflict, "Nothing was restored: another user has the username or the e-mail address, or the user is no longer in the trash."+
					" In the trash, you can restore a user under another name.")
			}
			return step, err
		},
	}
}

// restorePage returns the page that restores one user, perhaps under another name.
func restorePage(trash *user.Trash) site.Extra {
	return site.Extra{
		Name: "restore", Label: "Restore", Needs: access.AddUser, Button: "Restore", Done: "The user was restored.",
		Fields: []site.Field{
			{Name: "username", Label: "Username", Widget: site.Line, Required: true},
			{Name: "email", Label: "Email", Widget: site.Line, Required: true, InputMode: "email"},
		},
		Then: func(id int64) string { return fmt.Sprintf("/admin/users/tuser/%d/change/", id) },
		Show: func(ctx context.Context, actor access.Actor, ask site.Ask) (site.Sheet, error) {
			u, err := trash.Find(ctx, actor, ask.ID)
			return site.Sheet{
				Title: "Restore " + u.Username + "?", Text: "The user gets its id and all its fields back. Change the username or the e-mail address if another user has it now.",
				Values: map[string]string{"username": u.Username, "email": u.Email},
			}, err
		},
		Do: func(ctx context.Context, actor access.Actor, id int64, values map[string]string) error {
			u, err := trash.Find(ctx, actor, id)
			if err != nil {
				return err
			}
			in := form.Input{}
			for name, was := range map[string]string{"username": u.Username, "email": u.Email} {
				if values[name] != was { // what was stored may break a rule of today
					in[name] = form.Value{Kind: form.String, Text: values[name]}
				}
			}
			_, err = trash.Restore(ctx, actor, id, in)
			return err
		},
	}
}

// emptyPage returns the page that empties the trash.
func emptyPage(trash *user.Trash) site.Extra {
	return site.Extra{
		Name: "empty", Label: "Empty trash", Needs: access.DeleteUser, Whole: true, Button: "Empty trash", Danger: true, Done: "The trash was emptied.",
		Then: func(int64) string { return "/admin/users/trash/" },
		Show: func(ctx context.Context, actor access.Actor, _ site.Ask) (site.Sheet, error) {
			n, err := trash.Count(ctx, actor, "")
			return site.Sheet{Title: "Empty the trash?", Text: phrase.Count(n, "user") + " will be deleted for good and cannot be restored. The audit trail keeps the deleted values."}, err
		},
		Do: func(ctx context.Context, actor access.Actor, _ int64, _ map[string]string) error {
			_, err := trash.Empty(ctx, actor, trash.Now())
			return err
		},
	}
}

// trashSource is the site.Source of deleted users.
type trashSource struct{ trash *user.Trash }

// List returns deleted users, the last deleted first.
func (s trashSource) List(ctx context.Context, actor access.Actor, asked site.Query) (page site.Page, err error) {
	var faults fault.Fields
	search, messages := query.ParseSearch(asked.Search)
	if faults.Add("search", messages...); len(faults) > 0 {
		return page, faults.Err()
	}
	if page.Total.N, err = s.trash.Count(ctx, actor, search); err != nil {
		return page, err
	}
	found, err := s.trash.List(ctx, actor, search, asked.Offset, asked.Limit)
	for _, u := range found {
		page.Records = append(page.Records, trashRecord(u))
	}
	return page, err
}

// Find returns a deleted user.
func (s trashSource) Find(ctx context.Context, actor access.Actor, id int64) (site.Record, error) {
	u, err := s.trash.Find(ctx, actor, id)
	return trashRecord(u), err
}

func trashRecord(u user.Trashed) site.Record {
	return site.Record{ID: u.ID, Name: u.Username, Values: map[string]any{
		"id": u.ID, "username": u.Username, "email": u.Email, "first_name": u.FirstName, "last_name": u.LastName,
		"deleted_at": u.At, "actor": u.Actor, "door": doors[u.Door], "reason": u.Reason,
	}}
}
