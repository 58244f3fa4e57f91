package resources

import (
	"context"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/user"
)

// userActions returns the bulk actions on users.
func userActions(users *user.Users) []site.Action {
	setActive := func(active bool) func(context.Context, access.Actor, user.Batch) (user.Step, error) {
		return func(ctx context.Context, actor access.Actor, b user.Batch) (user.Step, error) {
			return users.SetActive(ctx, actor, b, active)
		}
	}
	return []site.Action{
		{
			Name: "activate_selected", Label: "Activate selected users", Question: "Activate these users?", Done: "activated",
			Needs: access.ChangeUser, Run: inBatches(setActive(true)),
		},
		{
			Name: "deactivate_selected", Label: "Deactivate selected users", Question: "Deactivate these users?", Done: "deactivated",
			Needs: access.ChangeUser, Run: inBatches(setActive(false)),
		},
		{
			Name: "delete_selected", Label: "Delete selected users", Question: "Delete these users?", Done: "deleted",
			Warning: "will be deleted permanently. The audit trail keeps the deleted values.",
			Danger:  true, Needs: access.DeleteUser, Run: inBatches(users.DeleteBatch),
		},
	}
}

// inBatches adapts a bulk action of the service.
func inBatches(do func(context.Context, access.Actor, user.Batch) (user.Step, error)) func(context.Context, access.Actor, site.Batch) (site.Step, error) {
	return func(ctx context.Context, actor access.Actor, b site.Batch) (site.Step, error) {
		q, err := queryOf(b.Query)
		if err != nil {
			return site.Step{}, err
		}
		step, err := do(ctx, actor, user.Batch{IDs: b.IDs, Query: q, After: b.After, Through: b.Through})
		return site.Step{Changed: step.Changed, Skipped: step.Skipped, Last: step.Last}, err
	}
}
