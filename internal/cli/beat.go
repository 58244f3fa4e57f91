package cli

import "context"

type beatCommand struct {
	privateListener
}

// Run starts tasks by the schedules until SIGINT or SIGTERM. Any number of
// these may run at once.
func (c *beatCommand) Run(ctx context.Context, env *environment) error {
	c.apply(env)
	return runBackground(ctx, env, &background{schedules: true})
}
