package cli

import (
	"context"

	"roster/internal/config"
	"roster/internal/server"
)

type serveCommand struct {
	Bind     string `default:"127.0.0.1:8000" help:"Address to listen on, or unix: and the path of a socket (${default})." placeholder:"ADDRESS"`
	NoWorker bool   `help:"Do not run background tasks."`
	NoBeat   bool   `help:"Do not run schedules."`

	privateListener
}

// Run serves until SIGINT or SIGTERM, then finishes requests in flight, see
// untilSignal. A socket passed by systemd overrides --bind.
func (c *serveCommand) Run(ctx context.Context, env *environment) error {
	return c.run(ctx, env, server.Options{Bind: c.Bind, Tasks: !c.NoWorker, Schedules: !c.NoBeat})
}

// privateListener is the flag for the private listener.
type privateListener struct {
	MetricsBind string `help:"Additional address for /metrics, /healthz and /readyz, such as 127.0.0.1:9464; overrides METRICS_BIND." placeholder:"HOST:PORT"`
}

// run runs a process with the private listener until SIGINT or SIGTERM.
func (p privateListener) run(ctx context.Context, env *environment, o server.Options) error {
	if p.MetricsBind != "" {
		env.flags = append(env.flags, config.Flag{Name: "--metrics-bind", Setting: "METRICS_BIND", Value: p.MetricsBind})
	}
	conf, err := env.settings()
	if err != nil {
		return err
	}
	o.Process, o.Log, o.Reload = env.process(conf), env.Err, env.settings
	ctx, release := untilSignal(ctx, o.StopLimit()+closeLimit, env.Err)
	defer release()
	return server.Run(ctx, o)
}
