// Package metrics collects the metrics of a process and exposes them to
// Prometheus.
//
// Frequent events are counted as they happen, with one of the types here (HTTP,
// Database, …), whose methods do nothing on nil. State that is available
// elsewhere is read on each scrape: see Source. Label values come from the
// program, never from a request, so their number is bounded. Names begin with
// "roster_" and end in the unit.
package metrics

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	// scrapeLimit bounds the total time of all sources.
	scrapeLimit = 5 * time.Second
	// scrapesAtOnce is the maximum number of concurrent scrapes; more get 503.
	scrapesAtOnce = 3
)

// Metrics holds the metrics of a process. It is safe for concurrent use.
type Metrics struct {
	// Metrics of events.
	HTTP     *HTTP
	Database *Database
	Tasks    *Tasks
	Mail     *Mail
	Logins   *Logins

	registry *prometheus.Registry
	sources  sources
	log      *slog.Logger
}

// New returns the metrics of a program of that version, including those of the
// Go runtime and the process. Read errors go to log.
func New(version string, log *slog.Logger) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), log: log}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "roster_build_info", Help: "Always 1; the labels identify the build.",
	}, []string{"version", "goversion"})
	build.WithLabelValues(version, runtime.Version()).Set(1)
	m.registry.MustRegister(build)
	m.HTTP = newHTTP(m.registry)
	m.Database = newDatabase(m.registry)
	m.Tasks = newTasks(m.registry)
	m.Mail = newMail(m.registry)
	m.Logins = newLogins(m.registry)
	m.sources.log = log
	m.registry.MustRegister(&m.sources)
	return m
}

// Handler serves scrapes, in Prometheus text format or OpenMetrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(m.log.Handler(), slog.LevelError),
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: scrapesAtOnce,
		Timeout:             2 * scrapeLimit,
		EnableOpenMetrics:   true,
	})
}

// Add registers a source. Two sources must not report the same family.
func (m *Metrics) Add(s Source) { m.sources.add(s) }

// scrapeContext limits the duration of a scrape.
func scrapeContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), scrapeLimit)
}
