// Package metrics keeps the figures of a process and shows them to Prometheus.
//
// What happens often is counted where it happens, by one of the types here
// (HTTP, Database, …), whose methods may be called on nil and then do nothing.
// What others know already is read when a scrape asks: see Source. Values of
// labels come from the program, never from a request, so that their number is
// bounded. Names begin with "roster_" and end in the unit.
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
	// scrapeLimit is how long the sources may take together.
	scrapeLimit = 5 * time.Second
	// scrapesAtOnce is how many scrapes are answered at once; the next gets 503.
	scrapesAtOnce = 3
)

// Metrics holds the figures of a process. It is safe for concurrent use.
type Metrics struct {
	// What is counted where it happens.
	HTTP     *HTTP
	Database *Database
	Tasks    *Tasks
	Mail     *Mail
	Logins   *Logins

	registry *prometheus.Registry
	sources  sources
	log      *slog.Logger
}

// New returns the figures of a program of that version, with those of the Go
// runtime and the process. What cannot be read goes to log.
func New(version string, log *slog.Logger) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), log: log}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "roster_build_info", Help: "Always 1; the labels say what runs.",
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

// Handler answers scrapes, in Prometheus' text format or in OpenMetrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(m.log.Handler(), slog.LevelError),
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: scrapesAtOnce,
		Timeout:             2 * scrapeLimit,
		EnableOpenMetrics:   true,
	})
}

// Add lets scrapes ask a source. Two sources must not show the same family.
func (m *Metrics) Add(s Source) { m.sources.add(s) }

// scrapeContext bounds what a scrape waits for.
func scrapeContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), scrapeLimit)
}
