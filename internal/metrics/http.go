package metrics

import (
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// HTTP counts requests.
type HTTP struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	inFlight  prometheus.Gauge

	known cache[answered, series]
}

// answered identifies the series of a request.
type answered struct {
	method, route string
	status        int
}

type series struct {
	requests prometheus.Counter
	duration prometheus.Observer
}

func newHTTP(r prometheus.Registerer) *HTTP {
	h := &HTTP{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_http_requests_total", Help: "Requests, by route pattern.",
		}, []string{"route", "method", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "roster_http_request_duration_seconds", Help: "Duration of requests, by route pattern.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route", "method"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "roster_http_requests_in_flight", Help: "Requests in flight.",
		}),
	}
	r.MustRegister(h.requests, h.durations, h.inFlight)
	return h
}

// Begin counts a request as in flight until Done.
func (h *HTTP) Begin() {
	if h != nil {
		h.inFlight.Inc()
	}
}

// Done counts a finished request. route is the pattern that matched its path,
// "" if none did.
func (h *HTTP) Done(method, route string, status int, took time.Duration) {
	if h == nil {
		return
	}
	h.inFlight.Dec()
	key := answered{method, route, status}
	s, ok := h.known.get(key)
	if !ok {
		s = h.learn(key)
	}
	s.requests.Inc()
	s.duration.Observe(took.Seconds())
}

// learn creates the series of a request. Unknown methods share one series and
// are not cached, because there is no limit to them.
func (h *HTTP) learn(key answered) series {
	method, kept := methodOf(key.method)
	key = answered{method, strings.Clone(key.route), key.status}
	route := key.route
	if route == "" {
		route = "none"
	}
	s := series{
		requests: h.requests.WithLabelValues(route, method, strconv.Itoa(key.status)),
		duration: h.durations.WithLabelValues(route, method),
	}
	if kept {
		h.known.keep(key, s)
	}
	return s
}

// methodOf returns the label for a method, and whether the method is known.
func methodOf(method string) (shown string, known bool) {
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		if m == method {
			return m, true
		}
	}
	return "other", false
}
