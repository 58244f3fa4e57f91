package cli

import "context"

type beatCommand struct{}

// Run starts tasks by the schedules until SIGINT or SIGTERM. Any number of
// these may run at once.
func (*beatCommand) Run(ctx context.Context, env *environment) error {
	return runBackground(ctx, env, &background{schedules: true})
}
