package cli

import (
	"context"
	"errors"

	"roster/internal/server"
)

type workerCommand struct {
	Concurrency int      `default:"4" help:"Number of concurrent tasks (${default})." placeholder:"N"`
	Queues      []string `help:"Comma-separated queues to serve; default all." placeholder:"NAMES"`

	privateListener
}

// Validate rejects invalid flags.
func (c *workerCommand) Validate() error {
	if c.Concurrency < 1 || c.Concurrency > 1000 {
		return errors.New("--concurrency: must be a number from 1 to 1000")
	}
	return nil
}

// Run runs tasks until SIGINT or SIGTERM, then finishes running ones, see
// untilSignal.
func (c *workerCommand) Run(ctx context.Context, env *environment) error {
	return c.run(ctx, env, server.Options{Tasks: true, Concurrency: c.Concurrency, Queues: c.Queues})
}
