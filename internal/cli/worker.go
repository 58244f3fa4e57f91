package cli

import (
	"context"
	"errors"

	"roster/internal/server"
)

type workerCommand struct {
	Concurrency int      `default:"4" help:"Tasks at once (${default})." placeholder:"N"`
	Queues      []string `help:"Queues to serve, separated by commas; all without this flag." placeholder:"NAMES"`

	privateListener
}

// Validate refuses what no worker can do.
func (c *workerCommand) Validate() error {
	if c.Concurrency < 1 || c.Concurrency > 1000 {
		return errors.New("--concurrency: a number from 1 to 1000 is needed")
	}
	return nil
}

// Run runs tasks until SIGINT or SIGTERM, then finishes those under way, as
// untilSignal says.
func (c *workerCommand) Run(ctx context.Context, env *environment) error {
	return c.run(ctx, env, server.Options{Tasks: true, Concurrency: c.Concurrency, Queues: c.Queues})
}
