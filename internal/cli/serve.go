package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"roster/internal/access"
	"roster/internal/config"
	"roster/internal/httpkit"
	"roster/internal/lifecycle"
)

// gcPercent lets the heap grow to four times what lives before it is
// collected. What lives is a few MiB, so this costs some MiB and saves a
// quarter of a small request's processor time. GOGC in the environment wins.
const gcPercent = 300

type serveCommand struct {
	Bind     string `default:"127.0.0.1:8000" help:"Address to listen on (${default})." placeholder:"HOST:PORT"`
	NoWorker bool   `help:"Run no background tasks in this process."`
	NoBeat   bool   `help:"Start no scheduled tasks from this process."`

	privateListener
}

// Run serves until SIGINT or SIGTERM, then finishes what is under way, as
// untilSignal says. A socket that systemd passes takes the place of --bind.
func (c *serveCommand) Run(ctx context.Context, env *environment) (err error) {
	c.apply(env)
	conf, err := env.settings()
	if err != nil {
		return err
	}
	ctx, release := untilSignal(ctx, shutdownDelay(conf)+drainLimit+closeLimit, env.Err)
	defer release()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	listener, err := lifecycle.Listener()
	if err != nil {
		return err
	}
	bind := c.Bind
	if listener != nil {
		bind = listener.Addr().String()
	}
	a, err := newApp(env, conf, bind)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	a.passed = listener != nil
	a.work.tasks, a.work.schedules = !c.NoWorker, !c.NoBeat
	if listener == nil {
		if listener, err = listen(ctx, bind, "--bind"); err != nil {
			return err
		}
	}
	return a.serve(ctx, listener)
}

// listen listens on an address; its errors name what chooses it.
func listen(ctx context.Context, bind, chosenBy string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", bind)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use; stop the other server or choose another address with %s", bind, chosenBy)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with %s", bind, networkCause(err), chosenBy)
	}
	return listener, nil
}

// serve runs the server until ctx is done or it fails. It answers the probes
// from the start, and everything once the database is open.
func (a *app) serve(ctx context.Context, listener net.Listener) error {
	if err := a.monitor.listen(ctx, a.health); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := httpkit.NewServer(a.handler, a.logs.For("http"))
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	err := a.open(ctx)
	switch {
	case ctx.Err() != nil: // told to stop while it waited for the database
	case err != nil:
		return errors.Join(err, server.Stop(ctx), <-failed)
	default:
		a.announce(listener.Addr())
		stopping, end, err := lifecycle.Ready()
		if err != nil {
			return errors.Join(err, server.Stop(ctx), <-failed)
		}
		defer end()
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
		}
		stopping()
	}
	return a.stop(context.WithoutCancel(ctx), server, failed)
}

// announce says where the server is to be found, and who may use it.
func (a *app) announce(address net.Addr) {
	a.log.Info("serving", "url", "http://"+address.String()+"/", "version", buildVersion(),
		"engine", a.config.DBEngine, "database", a.config.DBName)
	if a.config.Permission(a.bind) == string(access.AllowAny) {
		a.log.Warn("anybody who reaches this address may read and change users; API_PERMISSION says otherwise")
	}
}

// shutdownDelay is how long the server goes on after a signal.
func shutdownDelay(conf config.Config) time.Duration {
	return time.Duration(conf.ShutdownDelay) * time.Second
}

// stop serves on for as long as SHUTDOWN_DELAY says, while balancers see that
// the server is not ready, and then finishes the requests and the tasks under way.
func (a *app) stop(ctx context.Context, server *httpkit.Server, failed <-chan error) error {
	a.health.SetDraining()
	server.Drain()
	delay := shutdownDelay(a.config)
	a.log.Info("stopping: finishing the requests and tasks under way", "delay", delay)
	deadline, cancel := context.WithTimeout(ctx, delay+drainLimit)
	defer cancel()
	worked := make(chan error, 1)
	go func() { worked <- a.work.stop(deadline) }()
	time.Sleep(delay) // a second signal ends the process
	err := errors.Join(server.Stop(deadline), <-worked)
	if err != nil {
		return fmt.Errorf("some requests were cut off after %s: %w", drainLimit, err)
	}
	if err := <-failed; err != nil {
		return err
	}
	a.log.Info("stopped")
	return nil
}
