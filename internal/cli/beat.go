package cli

import (
	"context"

	"roster/internal/server"
)

type beatCommand struct {
	privateListener
}

// Run starts tasks by the schedules until SIGINT or SIGTERM. Any number of
// these may run at once.
func (c *beatCommand) Run(ctx context.Context, env *environment) error {
	return c.run(ctx, env, server.Options{Schedules: true})
}
