package metrics

import (
	"context"
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Family is one metric that a source shows, with a value for each combination of
// its labels. Make it with NewGauge or NewCounter.
type Family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

// NewGauge returns the family of a value that rises and falls.
func NewGauge(name, help string, labels ...string) Family {
	return Family{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue}
}

// NewCounter returns the family of a value that only rises while the process
// runs; its name ends in "_total".
func NewCounter(name, help string, labels ...string) Family {
	return Family{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue}
}

// Show gives a scrape one value, with the values of the family's labels in their
// order. A number of them that does not fit is a defect of the program, which
// the scrape answers with an error.
type Show func(f Family, value float64, labels ...string)

// Source is what knows figures already, such as a pool or a table.
type Source struct {
	Name string // of the label of roster_source_up
	// Read shows the figures. It is called by one scrape at a time and ends soon
	// after ctx is done. What it has shown before an error is used.
	Read func(ctx context.Context, show Show) error
}

// up says of each source whether it could be read, lest a figure that is not
// there goes unnoticed.
var up = NewGauge("roster_source_up", "Whether a source of figures could be read by this scrape.", "source")

// sources is a prometheus.Collector that asks all sources. It is unchecked: it
// describes nothing, as sources are added while it is in use.
type sources struct {
	mu     sync.Mutex
	list   []Source
	failed map[string]string // what a source said last, by its name
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
			s.tell(one.Name, err.Error())
		} else {
			s.tell(one.Name, "")
		}
		show(up, well, one.Name)
	}
}

// tell logs why a source cannot be read, once as long as it is the same.
func (s *sources) tell(name, cause string) {
	if s.failed == nil {
		s.failed = make(map[string]string)
	}
	if cause != "" && cause != s.failed[name] {
		s.log.Warn("figures cannot be read", "source", name, "cause", cause)
	}
	s.failed[name] = cause
}
