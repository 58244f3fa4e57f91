package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/config"
	"roster/internal/fault"
	"roster/internal/health"
	"roster/internal/lifecycle"
	"roster/internal/query"
	"roster/internal/store"
)

// DrainLimit is the timeout for running requests and tasks when a process
// stops.
const DrainLimit = 30 * time.Second

// Options configure a process.
type Options struct {
	Process

	Log         io.Writer // receives the log, in addition to the files in LOG_DIR
	Bind        string    // address of the pages and the API; "": not served
	Tasks       bool      // run tasks
	Concurrency int       // concurrent tasks; 0: default of task.Options
	Queues      []string  // of tasks; nil: all
	Schedules   bool      // start scheduled tasks
	// Reload reads the settings again, after SIGHUP; nil: the signal is left alone.
	Reload func() (config.Config, error)
}

// StopLimit returns the timeout of Run for finishing requests and tasks.
func (o *Options) StopLimit() time.Duration { return o.delay() + DrainLimit }

// delay is how long a stopping process keeps serving until load balancers
// notice that it is not ready.
func (o *Options) delay() time.Duration {
	if o.Bind == "" {
		return 0
	}
	return time.Duration(o.Config.ShutdownDelay) * time.Second
}

// runner is a running process.
type runner struct {
	Options
	background

	health   *health.Checker
	front    *front        // nil without Bind
	services *Services     // nil until open
	opened   chan struct{} // closed once the process is operational
	closers  []func() error
}

// Run runs a process until ctx is done, and then finishes requests and tasks
// within StopLimit. A socket passed by the supervisor overrides Bind. Probes
// are answered from the start, everything else once the database is open.
func Run(ctx context.Context, o Options) (err error) {
	var socket net.Listener
	if o.Bind != "" {
		collectSooner(false)
		if socket, err = lifecycle.Listener(); err != nil {
			return err
		}
	}
	if socket != nil {
		o.Bind = socket.Addr().String()
	}
	r, err := newRunner(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	return r.run(ctx, socket)
}

// newRunner creates everything that needs neither a listener nor the database.
// On error it releases everything.
func newRunner(o Options) (*runner, error) {
	r := &runner{Options: o, opened: make(chan struct{})}
	if err := r.prepare(); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *runner) prepare() (err error) {
	if err = r.Config.Validate(r.Bind); err != nil {
		return err
	}
	if _, err = MailTemplates(r.Config); err != nil {
		return err
	}
	if r.languages, err = Languages(r.Config); err != nil {
		return err
	}
	if r.logs, err = newLogs(r.Config, r.Log); err != nil {
		return err
	}
	r.onClose(r.logs.Close)
	if r.monitor, err = newMonitor(r.Config, r.Version, r.logs); err != nil {
		return err
	}
	r.onClose(r.monitor.close)
	for _, warning := range r.Config.Warnings() {
		r.logger("server").Warn("a setting may be mistyped", "where", warning)
	}
	r.health = health.NewChecker(r.logger("health"))
	r.health.Add("database", r.onceOpen(r.checkDatabase))
	r.health.Add("tasks", r.onceOpen(r.checkWorker))
	r.health.AddOptional("broker", r.onceOpen(r.checkBroker))
	if r.Bind != "" {
		r.front, err = newFront(r)
	}
	return err
}

// onClose makes close call fn before earlier functions.
func (r *runner) onClose(fn func() error) { r.closers = append(r.closers, fn) }

// close releases everything.
func (r *runner) close() (err error) {
	for _, fn := range slices.Backward(r.closers) {
		err = errors.Join(err, fn())
	}
	return err
}

// run listens, opens, and works until ctx is done or the server fails.
func (r *runner) run(ctx context.Context, socket net.Listener) error {
	stopReloads := r.followHangups()
	r.onClose(func() error { stopReloads(); return nil })
	var failed <-chan error // nil blocks forever, without a server
	if r.front != nil {
		if err := r.front.listen(ctx, socket); err != nil {
			return err
		}
		r.onClose(r.front.close)
		failed = r.front.failed
	}
	if err := r.monitor.listen(ctx, r.health); err != nil {
		return err
	}
	err := r.open(ctx)
	switch {
	case ctx.Err() != nil: // stopped while waiting for the database
		return r.stop(context.WithoutCancel(ctx))
	case err != nil:
		return err
	}
	r.announce(ctx)
	stopping, end, err := lifecycle.Ready()
	if err != nil {
		return err
	}
	defer end()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		stopping()
		return r.stop(context.WithoutCancel(ctx))
	}
}

// open opens the database and starts everything that needs it.
func (r *runner) open(ctx context.Context) error {
	db, err := r.openDatabase(ctx)
	if err != nil {
		return err
	}
	if r.front != nil { // signs what browsers keep
		if err := r.Config.EnsureSecretKey(); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	if r.services, err = newServices(db, &r.Process); err != nil {
		return err
	}
	r.onClose(r.services.Close)
	r.background = startBackground(r.services, &r.Options)
	r.onClose(func() error { r.background.stop(canceled()); return nil })
	r.monitor.addDatabase(db)
	r.monitor.addUpkeep(db)
	if r.Tasks || r.Schedules {
		r.monitor.addTasks(db, r.services.Kinds)
	}
	var trail *audit.Trail
	if r.front != nil {
		if trail, err = r.openFront(); err != nil {
			return err
		}
	}
	if r.front != nil || r.Tasks {
		r.onClose(r.startRetention(trail))
	}
	close(r.opened)
	return nil
}

// openDatabase opens the database. A serving process migrates it with
// AUTO_MIGRATE; others refuse a database that lacks migrations.
func (r *runner) openDatabase(ctx context.Context) (*store.Store, error) {
	if r.front == nil {
		return openUpToDate(ctx, &r.Process)
	}
	return openMigrated(ctx, &r.Process)
}

// openFront makes all routes available, and starts the background work of
// serving processes: sealing the audit trail, ending sessions, and maintaining
// the search index.
func (r *runner) openFront() (*audit.Trail, error) {
	trail, err := r.services.Trail()
	if err != nil {
		return nil, err
	}
	if err := r.front.open(r.services, trail); err != nil {
		return nil, err
	}
	sealer := audit.StartSealer(trail)
	r.onClose(func() error { sealer.Stop(); return nil })
	stopUpkeep := auth.StartUpkeep(r.services.Sessions, r.services.Factors, r.services.JWTs)
	r.onClose(func() error { stopUpkeep(); return nil })
	stopIndex := r.services.Store.StartIndex(r.logger("store"))
	r.onClose(func() error { stopIndex(); return nil })
	return trail, nil
}

// errStarting is why a starting process is not ready.
var errStarting = errors.New("the database is not open yet")

// onceOpen returns a check that fails until the process is open.
func (r *runner) onceOpen(check func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-r.opened:
			return check(ctx)
		default:
			return errStarting
		}
	}
}

// checkDatabase returns an error if the primary cannot be read. Replicas may be
// unavailable.
func (r *runner) checkDatabase(ctx context.Context) error {
	_, err := r.services.Store.FindUser(query.Fresh(ctx), 0)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	return r.services.Store.InPlace()
}

// announce logs the process's configuration.
func (r *runner) announce(ctx context.Context) {
	log := r.logger("server")
	if r.front == nil {
		attrs := []slog.Attr{slog.String("version", r.Version)}
		if r.Tasks {
			attrs = append(attrs, slog.Int("concurrency", r.Concurrency), slog.Any("queues", r.Queues))
		}
		log.LogAttrs(ctx, slog.LevelInfo, "working", attrs...)
		return
	}
	attrs := []any{"address", r.front.address, "version", r.Version, "engine", r.Config.DBEngine, "database", r.Config.DBName}
	if r.front.url != "" {
		attrs = slices.Insert(attrs, 2, any("url"), any(r.front.url))
	}
	log.Info("serving", attrs...)
	if r.Config.Permission(r.Bind) == string(access.AllowAny) {
		log.Warn("the API is open to everyone who can reach this address; set API_PERMISSION to restrict it")
	}
	r.front.announceSetup(ctx, r.services.First)
}

// stop finishes requests and tasks, and returns an error if some were aborted.
func (r *runner) stop(ctx context.Context) error {
	log := r.logger("server")
	r.health.SetDraining()
	log.Info("stopping: finishing requests and tasks", "delay", r.delay())
	ctx, cancel := context.WithTimeout(ctx, r.StopLimit())
	defer cancel()
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		r.background.stop(ctx)
	}()
	err := r.front.stop(ctx, r.delay())
	<-worked
	if err == nil {
		log.Info("stopped")
	}
	return err
}

// canceled returns a canceled context.
func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
