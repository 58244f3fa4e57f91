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

// answered is what the series of a request depend on.
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
			Name: "roster_http_requests_total", Help: "Requests answered, by the pattern of their route.",
		}, []string{"route", "method", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "roster_http_request_duration_seconds", Help: "How long requests took, by the pattern of their route.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route", "method"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "roster_http_requests_in_flight", Help: "Requests that are being answered.",
		}),
	}
	r.MustRegister(h.requests, h.durations, h.inFlight)
	return h
}

// Begin counts a request that is being answered, until Done.
func (h *HTTP) Begin() {
	if h != nil {
		h.inFlight.Inc()
	}
}

// Done counts a request that was answered. route is the pattern that matched its
// path, "" when none did.
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

// learn makes the series of a request. A method that is no one's stands for all
// such; it is not kept, as there is no end to them.
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

// methodOf returns a method as it is shown, and whether it is one that is known.
func methodOf(method string) (shown string, known bool) {
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		if m == method {
			return m, true
		}
	}
	return "other", false
}
