package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"roster/internal/config"
	"roster/internal/health"
	"roster/internal/logging"
	"roster/internal/redis"
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
	monitor     *monitor // is told of them; nil: nobody is

	broker    *redis.Broker  // nil: the broker is the table of tasks
	kinds     *task.Registry // nil until load
	worker    *task.Worker
	beat      *task.Beat
	closeMail func() error
}

// load makes the kinds of tasks, whose mail to the console goes to console, and
// has other processes told of the tasks that this one stores.
func (b *background) load(db *store.Store, conf config.Config, logs *logging.Logs, console io.Writer) (err error) {
	b.announce(db, conf, logs)
	b.kinds, b.closeMail, err = newKinds(db, conf, logs.For("users"), b.monitor.mail(newMailer(conf, console)))
	return err
}

// start begins the work, after load.
func (b *background) start(db *store.Store, conf config.Config, logs *logging.Logs) {
	if b.tasks || b.schedules {
		b.monitor.addTasks(db, b.kinds)
	}
	if b.tasks {
		o := task.Options{
			Name: processName(), Concurrency: b.concurrency, Queues: b.queues, Keep: conf.TaskKeep(),
			Log: logs.For("worker"), Observer: b.monitor,
		}
		if b.broker != nil {
			o.Broker = b.broker
		}
		b.worker = task.StartWorker(db.Tasks(), b.kinds, o)
	}
	if b.schedules {
		b.beat = task.StartBeat(db.Tasks(), b.kinds, logs.For("beat"))
	}
}

// announce has other machines told of the tasks that this process stores, where
// there is a Redis.
func (b *background) announce(db *store.Store, conf config.Config, logs *logging.Logs) {
	o, ok := redisOptions(conf)
	if !ok {
		return
	}
	b.broker = redis.Start(o, logs.For("broker"))
	db.Tasks().OnEnqueue(b.broker.Announce)
}

// checkBroker returns an error when other machines are not told of tasks.
func (b *background) checkBroker(ctx context.Context) error {
	if b.broker == nil {
		return nil
	}
	return b.broker.Check(ctx)
}

// readiness returns the checks of a process that does nothing else.
func (b *background) readiness(db *store.Store, logs *logging.Logs) *health.Checker {
	checker := health.NewChecker(logs.For("health"))
	checker.Add("database", func(ctx context.Context) error {
		_, err := db.Tasks().LastEdit(ctx)
		return err
	})
	checker.Add("tasks", b.check)
	return checker
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
	if b.broker != nil {
		b.broker.Close()
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
