package metrics

import (
	"context"
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Family is a metric reported by a source, with a value for each combination of
// its labels. Create it with NewGauge or NewCounter.
type Family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

// NewGauge returns a family of values that rise and fall.
func NewGauge(name, help string, labels ...string) Family {
	return Family{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue}
}

// NewCounter returns a family of values that only rise while the process runs;
// its name ends in "_total".
func NewCounter(name, help string, labels ...string) Family {
	return Family{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue}
}

// Show reports a value, with the label values in the family's order. A wrong
// number of labels is a programming error, and fails the scrape.
type Show func(f Family, value float64, labels ...string)

// Source provides existing state as metrics, for example of a pool or a table.
type Source struct {
	Name string // label value of roster_source_up
	// Read reports the values. Calls are sequential, and must return soon after
	// ctx is done. Values reported before an error are used.
	Read func(ctx context.Context, show Show) error
}

// up reports whether each source could be read, so that missing metrics are
// noticed.
var up = NewGauge("roster_source_up", "Whether this scrape could read the source.", "source")

// sources is a prometheus.Collector of all sources. It is unchecked, so
// Describe sends nothing, because sources are added while it is in use.
type sources struct {
	mu     sync.Mutex
	list   []Source
	failed map[string]string // last error, by source name
	log    *slog.Logger
}

func (s *sources) add(one Source) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, one)
}

// Describe implements prometheus.Collector.
func (*sources) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (s *sources) Collect(out chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := scrapeContext()
	defer cancel()
	show := func(f Family, value float64, labels ...string) {
		m, err := prometheus.NewConstMetric(f.desc, f.kind, value, labels...)
		if err != nil {
			m = prometheus.NewInvalidMetric(f.desc, err)
		}
		out <- m
	}
	for _, one := range s.list {
		well := 1.0
		if err := one.Read(ctx, show); err != nil {
			well = 0
			s.report(one.Name, err.Error())
		} else {
			s.report(one.Name, "")
		}
		show(up, well, one.Name)
	}
}

// report logs why a source cannot be read, once per distinct error.
func (s *sources) report(name, cause string) {
	if s.failed == nil {
		s.failed = make(map[string]string)
	}
	if cause != "" && cause != s.failed[name] {
		s.log.Warn("metrics cannot be read", "source", name, "cause", cause)
	}
	s.failed[name] = cause
}
