package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"roster/internal/phrase"
	"roster/internal/server"
	"roster/internal/task"
)

type taskCommand struct {
	List taskListCommand `cmd:"" help:"List the newest tasks, or the kinds of tasks."`
	Run  taskRunCommand  `cmd:"" help:"Run a task now, and wait for it to finish."`

	Status taskStatusCommand `cmd:"" help:"Show the number of tasks in each state, and the workers."`
	Cancel taskCancelCommand `cmd:"" help:"Cancel a pending or running task."`
	Retry  taskRetryCommand  `cmd:"" help:"Retry a dead, canceled or parked task."`
	Pause  taskPauseCommand  `cmd:"" help:"Pause a pending or running mailing."`
	Resume taskResumeCommand `cmd:"" help:"Continue a paused mailing."`
	Resend taskResendCommand `cmd:"" help:"Send a finished mailing to those not reached."`
}

// shownTime is the display format of times.
const shownTime = "2006-01-02 15:04:05"

type taskListCommand struct {
	State string `help:"Only tasks in this state: pending, running, paused, done, dead, canceled or parked." placeholder:"STATE"`
	Kind  string `help:"Only tasks of this kind." placeholder:"NAME"`
	Queue string `help:"Only tasks in this queue." placeholder:"NAME"`
	Limit int    `default:"20" help:"Maximum number of tasks (${default})." placeholder:"N"`
	Kinds bool   `help:"List the kinds of tasks instead."`
}

// Validate rejects unknown states and an invalid limit.
func (c *taskListCommand) Validate() error {
	if c.State != "" && !slices.Contains(task.States(), task.State(c.State)) {
		return fmt.Errorf("--state: %q is not a state; use pending, running, paused, done, dead, canceled or parked", c.State)
	}
	if c.Limit < 1 {
		return fmt.Errorf("--limit: %d is not positive", c.Limit)
	}
	return nil
}

// Run prints a line for each task.
func (c *taskListCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		if c.Kinds {
			_, err := fmt.Fprintln(env.Out, strings.Join(s.Kinds.Names(), "\n"))
			return err
		}
		tasks, err := s.Tasks.List(ctx, cliActor(), task.Filter{State: task.State(c.State), Kind: c.Kind, Queue: c.Queue}, 0, c.Limit)
		if err != nil {
			return err
		}
		if len(tasks) == 0 {
			if err := c.noneFound(env.Err, s.Kinds); err != nil {
				return err
			}
		}
		table := tabwriter.NewWriter(env.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tKIND\tSTATE\tCREATED (UTC)\tRUNS\tPROGRESS\tWAITS\tERROR")
		for _, one := range tasks {
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", one.ID, one.Kind, one.State, one.At.Format(shownTime), one.Runs, progress(s.Kinds, one), one.Waits, firstLine(one.Error))
		}
		return table.Flush()
	})
}

// noneFound explains an empty list after its header. It fails if no tasks of
// the requested kind can exist; kinds of older versions are listed.
func (c *taskListCommand) noneFound(out io.Writer, kinds *task.Registry) error {
	sentence := "there are no tasks"
	if c.State != "" || c.Kind != "" || c.Queue != "" {
		sentence = "there are no such tasks"
	}
	if c.Kind != "" {
		if _, err := kinds.Find(c.Kind); err != nil {
			return errors.New("--kind: " + err.Error())
		}
	}
	_, err := fmt.Fprintln(out, "roster: "+sentence)
	return err
}

// progress formats the progress of a task, "" if unknown.
func progress(kinds *task.Registry, of task.Task) string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	if kind, err := kinds.Find(of.Kind); err == nil && kind.InBytes {
		number = phrase.Size
	}
	switch {
	case of.Total > 0:
		return number(of.Done) + "/" + number(of.Total)
	case of.Done > 0:
		return number(of.Done)
	}
	return ""
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

type taskRunCommand struct {
	Name   string `arg:"" help:"Kind of task; see task list --kinds."`
	Args   string `arg:"" optional:"" name:"JSON" help:"Arguments, a JSON object."`
	NoWait bool   `help:"Leave the task to running workers, and do not wait."`
}

// Run stores the task and runs it in this process, unless another worker claims
// it first. When stopped, it releases the task.
func (c *taskRunCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		queue := ""
		if !c.NoWait {
			queue = "cli:" + server.ProcessName() // a queue for this task only
		}
		id, err := s.Tasks.Start(ctx, cliActor(), c.Name, json.RawMessage(c.Args), queue)
		if err != nil {
			return err
		}
		if c.NoWait {
			_, err := fmt.Fprintf(env.Out, "task %d waits for a worker\n", id)
			return err
		}
		worker := task.StartWorker(s.Store, s.Kinds, task.Options{Name: server.ProcessName(), Concurrency: 1, Queues: []string{queue}})
		defer func() {
			patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), server.DrainLimit)
			defer cancel()
			worker.Stop(patience)
		}()
		return awaitTask(ctx, env.Out, s, id)
	})
}

// awaitTask reports the progress of a task, and fails if it fails.
func awaitTask(ctx context.Context, out io.Writer, s *server.Services, id int64) error {
	ticks := time.NewTicker(100 * time.Millisecond)
	defer ticks.Stop()
	last := ""
	for {
		found, err := s.Tasks.Find(ctx, cliActor(), id)
		if err != nil {
			return err
		}
		if now := progress(s.Kinds, found); now != last {
			last = now
			fmt.Fprintf(out, "task %d: %s\n", id, now)
		}
		switch {
		case found.State == task.Done:
			_, err := fmt.Fprintln(out, strings.TrimSpace(fmt.Sprintf("task %d done %s", id, found.Result)))
			return err
		case found.State.IsFinal() || found.State == task.Parked || found.State == task.Paused:
			return fmt.Errorf("task %d is %s: %s", id, found.State, found.Error)
		case found.Attempts > 0 && found.State == task.Pending:
			return fmt.Errorf("task %d failed and will be retried at %s UTC: %s", id, found.RunAt.Format(shownTime), found.Error)
		case found.Runs > 0 && found.State == task.Pending && found.Error != "":
			return fmt.Errorf("task %d continues at %s UTC: %s", id, found.RunAt.Format(shownTime), found.Error)
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return errors.New("stopped; the task was released")
		}
	}
}
