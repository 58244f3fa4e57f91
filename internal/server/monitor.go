package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/pprof"
	"time"

	"roster/internal/config"
	"roster/internal/health"
	"roster/internal/httpkit"
	"roster/internal/logging"
	"roster/internal/metrics"
	"roster/internal/store"
	"roster/internal/tracing"
)

// flushLimit is how long sending the last traces may take when a process ends.
const flushLimit = 3 * time.Second

// monitor has the metrics and traces of a process, and the private listener that
// serves metrics.
type monitor struct {
	config  config.Config
	logs    *logging.Logs
	metrics *metrics.Metrics
	traces  *tracing.Tracer // nil: off

	server *httpkit.Server // nil: no private listener
	served chan error
}

// newMonitor returns the monitor of the settings. Close it.
func newMonitor(conf config.Config, version string, logs *logging.Logs) (*monitor, error) {
	m := &monitor{config: conf, logs: logs, metrics: metrics.New(version, logs.For("metrics"))}
	m.addLog()
	if conf.OTLPEndpoint == "" {
		return m, nil
	}
	var err error
	m.traces, err = tracing.New(context.Background(), tracing.Options{
		Endpoint: conf.OTLPEndpoint, Headers: conf.TraceHeaders(), Percent: conf.TraceSample,
		Version: version, Log: logs.For("tracing"),
	})
	if err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	return m, nil
}

// observers returns the observers of the database.
func (m *monitor) observers() store.Observers {
	if m == nil {
		return store.Observers{}
	}
	return store.Observers{Slow: m.config.SlowQuery(), Metrics: m.metrics.Database, Traces: m.traces}
}

// handler serves metrics to clients that METRICS_ALLOW and METRICS_TOKEN admit.
func (m *monitor) handler() http.Handler { return m.guard().Protect(m.metrics.Handler()) }

func (m *monitor) guard() metrics.Guard {
	return metrics.Guard{
		Allow:  m.config.MetricsAllow,
		Token:  m.config.MetricsToken.Reveal(),
		Client: func(r *http.Request) string { return httpkit.RequestOf(r).Client },
	}
}

// listen serves METRICS_BIND until close, if that is set.
func (m *monitor) listen(ctx context.Context, ready *health.Checker) error {
	if m.config.MetricsBind == "" {
		return nil
	}
	listener, err := listen(ctx, m.config.MetricsBind, m.config.Named("METRICS_BIND"))
	if err != nil {
		return err
	}
	m.server = httpkit.NewServer(m.private(ready), m.logs.For("metrics"), nil)
	m.served = make(chan error, 1)
	go func() { m.served <- m.server.Serve(listener) }()
	m.logs.For("metrics").InfoContext(ctx, "serving metrics", "url", urlOf(listener.Addr())+"metrics", "pprof", m.config.Pprof)
	return nil
}

// private returns the handler of the private listener.
func (m *monitor) private(ready *health.Checker) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", ready.Live)
	mux.HandleFunc("/readyz", ready.Ready)
	mux.Handle("/metrics", m.handler())
	if m.config.Pprof == config.PprofOff {
		return mux
	}
	for path, profile := range map[string]http.HandlerFunc{
		"/debug/pprof/": pprof.Index, "/debug/pprof/profile": pprof.Profile, "/debug/pprof/trace": pprof.Trace, "/debug/pprof/symbol": pprof.Symbol,
	} {
		mux.Handle(path, m.guard().Protect(profile))
	}
	return mux
}

// close ends the private listener and sends the last traces.
func (m *monitor) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), flushLimit)
	defer cancel()
	var failures []error
	if m.server != nil {
		if err := m.server.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) { // a scrape that is cut off is repeated
			failures = append(failures, err)
		}
		failures = append(failures, <-m.served)
		m.server = nil
	}
	if err := m.traces.Close(ctx); err != nil {
		m.logs.For("tracing").WarnContext(ctx, "the last traces were not sent", "cause", err)
	}
	return errors.Join(failures...)
}
