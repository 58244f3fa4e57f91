package config

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// The values of PPROF.
const (
	PprofOff      = "off"
	PprofLocal    = "local"    // only if METRICS_BIND is a loopback address
	PprofAnywhere = "anywhere" // on any METRICS_BIND
)

// minMetricsToken is the minimum length of METRICS_TOKEN, in bytes.
const minMetricsToken = 16

// SlowQuery returns the duration from which database operations are logged as
// slow.
func (c Config) SlowQuery() time.Duration {
	return time.Duration(c.SlowQueryMillis) * time.Millisecond
}

// TraceHeaders returns the HTTP headers for the trace collector, by name, with
// percent-encoding decoded. Malformed items are omitted; Validate reports them.
func (c Config) TraceHeaders() map[string]string {
	headers := map[string]string{}
	for _, item := range splitList(c.OTLPHeaders.Reveal()) {
		name, value, ok := strings.Cut(item, "=")
		if value, err := url.PathUnescape(strings.TrimSpace(value)); ok && err == nil {
			headers[strings.TrimSpace(name)] = value
		}
	}
	return headers
}

// monitoringFaults returns an error message, or "", for each monitoring
// setting.
func (c Config) monitoringFaults(bind string) map[string]string {
	return map[string]string{
		"METRICS_TOKEN":               c.metricsTokenFault(),
		"METRICS_BIND":                c.metricsBindFault(bind),
		"PPROF":                       c.pprofFault(),
		"OTEL_EXPORTER_OTLP_ENDPOINT": endpointFault(c.OTLPEndpoint),
		"OTEL_EXPORTER_OTLP_HEADERS":  c.traceHeadersFault(),
	}
}

func (c Config) metricsTokenFault() string {
	token := c.MetricsToken.Reveal()
	switch {
	case token == "":
		return ""
	case len(token) < minMetricsToken:
		return fmt.Sprintf("%d characters are too few; set %d random characters or more", len(token), minMetricsToken)
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "contains characters not allowed in a header; use ASCII letters, digits and punctuation"
	}
	return ""
}

func (c Config) metricsBindFault(bind string) string {
	if sameAddress(c.MetricsBind, bind) {
		return quote(c.MetricsBind) + " and --bind " + quote(bind) + " are the same address; change the port of one of them"
	}
	return bindFault(c.MetricsBind, "127.0.0.1:9464")
}

func (c Config) pprofFault() string {
	if message := oneOf(c.Pprof, PprofOff, PprofLocal, PprofAnywhere); message != "" {
		return message
	}
	switch {
	case c.Pprof != PprofOff && c.MetricsBind == "":
		return quote(c.Pprof) + " needs METRICS_BIND, the only address that serves profiles"
	case c.Pprof == PprofLocal && isPublic(c.MetricsBind):
		return fmt.Sprintf("%s is not allowed while %s is %s, which is not a loopback address; bind to 127.0.0.1, or set %s",
			quote(c.Pprof), c.Named("METRICS_BIND"), quote(c.MetricsBind), PprofAnywhere)
	}
	return ""
}

func endpointFault(endpoint string) string {
	if endpoint == "" {
		return ""
	}
	u, err := url.Parse(endpoint)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil && u.RawQuery == "" {
		return ""
	}
	return quote(endpoint) + " is not the URL of a collector; write http://host:port or https://host:port, such as http://127.0.0.1:4318"
}

func (c Config) traceHeadersFault() string {
	for _, item := range splitList(c.OTLPHeaders.Reveal()) {
		name, value, ok := strings.Cut(item, "=")
		if _, err := url.PathUnescape(value); !ok || err != nil || strings.TrimSpace(name) == "" {
			return "an item is not of the form name=value; write them comma-separated, such as authorization=Bearer%20TOKEN"
		}
	}
	return ""
}
