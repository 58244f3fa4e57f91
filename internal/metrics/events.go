package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Database counts storage operations.
type Database struct {
	durations   *prometheus.HistogramVec
	batches     prometheus.Histogram
	checkpoints prometheus.Counter
	logPages    prometheus.Gauge
	unreadable  prometheus.Counter

	known cache[operation, prometheus.Observer]
}

// operation identifies the series of an operation.
type operation struct {
	name   string
	failed bool
}

func newDatabase(r prometheus.Registerer) *Database {
	d := &Database{
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "roster_database_operation_duration_seconds", Help: "Duration of database operations, by name.",
			Buckets: []float64{.0001, .0005, .0025, .01, .05, .25, 1, 5},
		}, []string{"operation", "outcome"}),
		batches: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "roster_sqlite_batch_size", Help: "Number of writes that shared a commit.", Buckets: prometheus.ExponentialBuckets(1, 2, 8),
		}),
		checkpoints: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "roster_sqlite_checkpoints_total", Help: "Checkpoints of the write-ahead log by this process.",
		}),
		logPages: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "roster_sqlite_checkpoint_pages", Help: "Pages of the write-ahead log at this process's last checkpoint.",
		}),
		unreadable: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "roster_database_unreadable_rows_total", Help: "Rows that this process could not read completely, each counted once.",
		}),
	}
	r.MustRegister(d.durations, d.batches, d.checkpoints, d.logPages, d.unreadable)
	return d
}

// Unreadable counts a row that cannot be read completely.
func (d *Database) Unreadable() {
	if d != nil {
		d.unreadable.Inc()
	}
}

// Batch counts a commit shared by that many writes.
func (d *Database) Batch(writes int) {
	if d != nil {
		d.batches.Observe(float64(writes))
	}
}

// Checkpoint counts a checkpoint that found that many pages in the write-ahead
// log.
func (d *Database) Checkpoint(pages int64) {
	if d != nil {
		d.checkpoints.Inc()
		d.logPages.Set(float64(pages))
	}
}

// Done counts an operation. The name must come from the program.
func (d *Database) Done(name string, took time.Duration, failed bool) {
	if d == nil {
		return
	}
	key := operation{name, failed}
	series, ok := d.known.get(key)
	if !ok {
		outcome := "ok"
		if failed {
			outcome = "failed"
		}
		series = d.durations.WithLabelValues(name, outcome)
		d.known.keep(key, series)
	}
	series.Observe(took.Seconds())
}

// Tasks counts runs of background tasks in this process.
type Tasks struct {
	durations *prometheus.HistogramVec
	crashes   *prometheus.CounterVec
	running   *prometheus.GaugeVec
}

func newTasks(r prometheus.Registerer) *Tasks {
	t := &Tasks{
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "roster_task_run_duration_seconds", Help: "Duration of task runs, by resulting state.",
			Buckets: []float64{.005, .025, .1, .5, 1, 5, 15, 60, 300, 1800},
		}, []string{"kind", "state"}),
		crashes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_task_crashes_total", Help: "Runs that panicked in this process, or whose lost worker this process detected.",
		}, []string{"kind"}),
		running: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "roster_task_runs_in_progress", Help: "Task runs in progress in this process.",
		}, []string{"kind"}),
	}
	r.MustRegister(t.durations, t.crashes, t.running)
	return t
}

// Begin counts a run as in progress until Done.
func (t *Tasks) Begin(kind string) {
	if t != nil {
		t.running.WithLabelValues(kind).Inc()
	}
}

// Done counts a finished run by resulting state.
func (t *Tasks) Done(kind, state string, took time.Duration) {
	if t != nil {
		t.running.WithLabelValues(kind).Dec()
		t.durations.WithLabelValues(kind, state).Observe(took.Seconds())
	}
}

// Crash counts a run that crashed.
func (t *Tasks) Crash(kind string) {
	if t != nil {
		t.crashes.WithLabelValues(kind).Inc()
	}
}

// Mail counts messages.
type Mail struct{ messages *prometheus.CounterVec }

func newMail(r prometheus.Registerer) *Mail {
	m := &Mail{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "roster_mail_messages_total", Help: "Messages handed to the transport, by outcome.",
	}, []string{"outcome"})}
	r.MustRegister(m.messages)
	for _, outcome := range []string{"sent", "deferred", "refused", "unusable", "unknown"} {
		m.messages.WithLabelValues(outcome)
	}
	return m
}

// Done counts a message by outcome.
func (m *Mail) Done(outcome string) {
	if m != nil {
		m.messages.WithLabelValues(outcome).Inc()
	}
}

// Logins counts staff logins.
type Logins struct{ attempts *prometheus.CounterVec }

func newLogins(r prometheus.Registerer) *Logins {
	l := &Logins{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "roster_login_attempts_total", Help: "Staff login attempts, by step and outcome.",
	}, []string{"step", "outcome"})}
	r.MustRegister(l.attempts)
	for _, step := range []string{"password", "code", "basic", "provider"} {
		for _, outcome := range []string{"ok", "refused", "throttled", "failed"} {
			l.attempts.WithLabelValues(step, outcome)
		}
	}
	return l
}

// Done counts an attempt at a step ("password", "code", "basic" or "provider").
func (l *Logins) Done(step, outcome string) {
	if l != nil {
		l.attempts.WithLabelValues(step, outcome).Inc()
	}
}
