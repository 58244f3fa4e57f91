package resources

import (
	"context"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/fault"
	"roster/internal/phrase"
	"roster/internal/query"
	"roster/internal/user"
)

// userActions returns the bulk actions on users.
func userActions(users *user.Users, trash *user.Trash, keepDays int) []site.Action {
	setActive := func(active bool) func(context.Context, access.Actor, user.Batch) (user.Step, error) {
		return func(ctx context.Context, actor access.Actor, b user.Batch) (user.Step, error) {
			return users.SetActive(ctx, actor, b, active)
		}
	}
	// affected counts the selected users with the other state.
	affected := func(active bool) func(context.Context, access.Actor, site.Batch) (int64, error) {
		return func(ctx context.Context, actor access.Actor, b site.Batch) (int64, error) {
			return countOther(ctx, users, actor, b, active)
		}
	}
	remove := site.Action{
		Name: "delete_selected", Label: "Delete selected users", Question: "Delete these users?", Done: "deleted",
		Warning: "will be deleted permanently. The audit trail keeps the deleted values.",
		Danger:  true, Needs: access.DeleteUser, Run: inBatches(users.DeleteBatch),
	}
	if keepDays > 0 {
		remove.Undo, remove.Warning = "restore_deleted", "will be deleted. The trash keeps them for "+phrase.Count(int64(keepDays), "day")+"."
	}
	return []site.Action{
		{
			Name: "activate_selected", Label: "Activate selected users", Question: "Activate these users?", Done: "activated",
			Needs: access.ChangeUser, Run: inBatches(setActive(true)), Affected: affected(true), Undo: "deactivate_selected",
		},
		{
			Name: "deactivate_selected", Label: "Deactivate selected users", Question: "Deactivate these users?", Done: "deactivated",
			Needs: access.ChangeUser, Run: inBatches(setActive(false)), Affected: affected(false), Undo: "activate_selected",
		},
		remove, undelete(trash),
	}
}

// countOther returns how many of the selected users have not that state.
func countOther(ctx context.Context, users *user.Users, actor access.Actor, b site.Batch, active bool) (n int64, err error) {
	for _, id := range b.IDs {
		u, err := users.Find(ctx, actor, id)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return 0, err
		}
		if err == nil && u.IsActive != active {
			n++
		}
	}
	if len(b.IDs) > 0 {
		return n, nil
	}
	q, err := queryOf(b.Query)
	other := map[bool]query.Choice{true: query.OnlyFalse, false: query.OnlyTrue}[active]
	if err != nil || q.IsActive != query.Either && q.IsActive != other {
		return 0, err
	}
	q.IsActive = other
	n, _, err = users.Extent(ctx, actor, q)
	return n, err
}

// inBatches adapts a bulk action of the service.
func inBatches(do func(context.Context, access.Actor, user.Batch) (user.Step, error)) func(context.Context, access.Actor, site.Batch) (site.Step, error) {
	return func(ctx context.Context, actor access.Actor, b site.Batch) (site.Step, error) {
		q, err := queryOf(b.Query)
		if err != nil {
			return site.Step{}, err
		}
		step, err := do(ctx, actor, user.Batch{IDs: b.IDs, Query: q, After: b.After, Through: b.Through})
		return site.Step{Changed: step.Changed, Skipped: step.Skipped, IDs: step.IDs, Last: step.Last}, err
	}
}
