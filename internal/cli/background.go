package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"roster/internal/config"
	"roster/internal/logging"
	"roster/internal/store"
	"roster/internal/task"
)

// background is the work that a process does beside what it is asked for. The
// zero value does none.
type background struct {
	tasks       bool     // run tasks
	concurrency int      // of tasks; 0 for the standard
	queues      []string // of tasks; nil for all
	schedules   bool     // start tasks by their schedules

	kinds     *task.Registry // nil until load
	worker    *task.Worker
	beat      *task.Beat
	closeMail func() error
}

// load makes the kinds of tasks, whose mail to the console goes to console.
func (b *background) load(db *store.Store, conf config.Config, logs *logging.Logs, console io.Writer) (err error) {
	b.kinds, b.closeMail, err = newKinds(db, conf, logs.For("users"), console)
	return err
}

// start begins the work, after load.
func (b *background) start(db *store.Store, conf config.Config, logs *logging.Logs) {
	if b.tasks {
		b.worker = task.StartWorker(db.Tasks(), b.kinds, task.Options{
			Name: processName(), Concurrency: b.concurrency, Queues: b.queues, Keep: conf.TaskKeep(), Log: logs.For("worker"),
		})
	}
	if b.schedules {
		b.beat = task.StartBeat(db.Tasks(), b.kinds, logs.For("beat"))
	}
}

// check returns an error when tasks cannot be looked for.
func (b *background) check(ctx context.Context) error {
	if b.worker == nil {
		return nil
	}
	return b.worker.Check(ctx)
}

// stop ends the work; tasks under way may take as long as ctx lets them. It may
// be called again.
func (b *background) stop(ctx context.Context) error {
	if b.beat != nil {
		b.beat.Stop()
	}
	if b.worker != nil {
		b.worker.Stop(ctx)
	}
	if b.closeMail != nil {
		return b.closeMail()
	}
	return nil
}

// canceled returns a context for those who wait for nothing.
func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// processName tells this process from others, for people.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s:%d", host, os.Getpid())
}
