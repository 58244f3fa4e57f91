package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"roster/internal/fault"
	"roster/internal/server"
	"roster/internal/task"
)

type taskStatusCommand struct{}

// Run prints a line for each state and each worker.
func (*taskStatusCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		counts, err := s.Tasks.Count(ctx, cliActor())
		if err != nil {
			return err
		}
		workers, err := s.Tasks.Workers(ctx, cliActor())
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Out, 0, 0, 2, ' ', 0)
		for _, state := range task.States() {
			fmt.Fprintf(table, "%s\t%d\n", state, counts[state])
		}
		for _, w := range workers {
			fmt.Fprintf(table, "worker %s\t%d of %d busy\tqueues %s\tseen %s UTC\n",
				w.Name, w.Running, w.Concurrency, orAll(w.Queues), w.Seen.Format(shownTime))
		}
		return table.Flush()
	})
}

func orAll(queues string) string {
	if queues == "" {
		return "all"
	}
	return queues
}

type taskCancelCommand struct {
	ID int64 `arg:"" help:"Id of the task."`
}

// Run cancels a task, or asks its worker to stop.
func (c *taskCancelCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		if err := s.Tasks.Cancel(ctx, cliActor(), c.ID); err != nil {
			return namedTask(c.ID, err)
		}
		return showState(ctx, env, s, c.ID)
	})
}

type taskRetryCommand struct {
	ID int64 `arg:"" help:"Id of the task."`
}

// Run makes a task pending again.
func (c *taskRetryCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		if err := s.Tasks.Retry(ctx, cliActor(), c.ID); err != nil {
			return namedTask(c.ID, err)
		}
		return showState(ctx, env, s, c.ID)
	})
}

type taskPauseCommand struct {
	ID int64 `arg:"" help:"Id of the task."`
}

// Run pauses a mailing, or asks its worker to.
func (c *taskPauseCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		if err := s.Tasks.Pause(ctx, cliActor(), c.ID); err != nil {
			return namedTask(c.ID, err)
		}
		return showState(ctx, env, s, c.ID)
	})
}

type taskResumeCommand struct {
	ID int64 `arg:"" help:"Id of the task."`
}

// Run continues a paused mailing.
func (c *taskResumeCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		if err := s.Tasks.Resume(ctx, cliActor(), c.ID); err != nil {
			return namedTask(c.ID, err)
		}
		return showState(ctx, env, s, c.ID)
	})
}

type taskResendCommand struct {
	ID int64 `arg:"" help:"Id of the task."`
}

// Run makes a finished mailing pending again, for those it did not reach.
func (c *taskResendCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		if err := s.Tasks.Resend(ctx, cliActor(), c.ID); err != nil {
			return namedTask(c.ID, err)
		}
		return showState(ctx, env, s, c.ID)
	})
}

// namedTask returns an error that names the missing task.
func namedTask(id int64, err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return fmt.Errorf("there is no task %d; roster task list shows the newest", id)
	}
	return err
}

func showState(ctx context.Context, env *environment, s *server.Services, id int64) error {
	found, err := s.Tasks.Find(ctx, cliActor(), id)
	if err != nil {
		return err
	}
	suffix := ""
	if found.State == task.Running && found.CancelAsked {
		suffix = ", and was asked to stop"
	}
	if found.State == task.Running && found.PauseAsked {
		suffix = ", and was asked to pause"
	}
	_, err = fmt.Fprintf(env.Out, "task %d is %s%s\n", id, found.State, suffix)
	return err
}
