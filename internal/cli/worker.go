package cli

import (
	"context"
	"errors"
	"log/slog"

	"roster/internal/health"
	"roster/internal/lifecycle"
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
	c.apply(env)
	return runBackground(ctx, env, &background{tasks: true, concurrency: c.Concurrency, queues: c.Queues},
		slog.Int("concurrency", c.Concurrency), slog.Any("queues", c.Queues))
}

// runBackground does the work, and nothing else, until the process is told to
// stop. attrs say to the log what it is.
func runBackground(ctx context.Context, env *environment, b *background, attrs ...slog.Attr) (err error) {
	ctx, release := untilSignal(ctx, drainLimit+closeLimit, env.Err)
	defer release()
	conf, err := env.settings()
	if err != nil {
		return err
	}
	if err := conf.Validate(""); err != nil {
		return err
	}
	logs, err := newLogs(env, conf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, logs.Close()) }()
	if b.monitor, err = newMonitor(conf, logs); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.monitor.close()) }()
	db, err := openUpToDate(ctx, conf, logs.For("store"), b.monitor.observers())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := b.load(db, conf, logs, env.Out); err != nil {
		return err
	}
	b.start(db, conf, logs)
	b.monitor.addDatabase(db)
	ready := b.readiness(db, logs)
	if err := b.monitor.listen(ctx, ready); err != nil {
		return errors.Join(err, b.stop(canceled()))
	}
	log := logs.For("cli")
	warnOfTypos(conf, log)
	return b.untilTold(ctx, log, ready, attrs)
}

// untilTold works until ctx is done, and then finishes what is under way. ready
// is told when that begins.
func (b *background) untilTold(ctx context.Context, log *slog.Logger, ready *health.Checker, attrs []slog.Attr) error {
	stopping, end, err := lifecycle.Ready()
	if err != nil {
		return errors.Join(err, b.stop(canceled()))
	}
	defer end()
	log.LogAttrs(ctx, slog.LevelInfo, "working", append(attrs, slog.String("version", buildVersion()))...)
	<-ctx.Done()
	stopping()
	ready.SetDraining()
	log.Info("stopping: finishing the tasks under way")
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	err = b.stop(patience)
	log.Info("stopped")
	return err
}
