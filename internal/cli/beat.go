package cli

import (
	"context"

	"roster/internal/server"
)

type beatCommand struct {
	privateListener
}

// Run starts periodic tasks until SIGINT or SIGTERM. Any number may run
// concurrently.
func (c *beatCommand) Run(ctx context.Context, env *environment) error {
	return c.run(ctx, env, server.Options{Schedules: true})
}
