// Package health answers liveness and readiness probes.
package health

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Timeout is how long a readiness check may take before it fails.
const Timeout = 2 * time.Second

// The statuses of the process and of checks.
const (
	statusOK       = "ok"
	statusFailed   = "failed"
	statusDraining = "draining"
	statusDegraded = "degraded" // an optional check fails
)

// Checker holds the readiness checks and serves the probes. Its methods may be
// called concurrently.
type Checker struct {
	log      *slog.Logger
	draining atomic.Bool
	mu       sync.Mutex
	checks   []*check
}

// NewChecker returns a Checker without checks, which is ready. Failures are
// logged once, when a check starts to fail.
func NewChecker(log *slog.Logger) *Checker { return &Checker{log: log} }

// Add adds a check that readiness depends on. run returns nil if the check
// passes. It is called on each probe, never concurrently, with a context that
// ends after Timeout; results are not cached. The name is visible to everyone,
// and must be unique.
func (c *Checker) Add(name string, run func(ctx context.Context) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checks = append(c.checks, &check{name: name, run: run, log: c.log})
}

// AddOptional adds a check that is reported but does not affect readiness: a
// failure has the status degraded. See Add.
func (c *Checker) AddOptional(name string, run func(ctx context.Context) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checks = append(c.checks, &check{name: name, run: run, log: c.log, optional: true})
}

// SetDraining makes the process permanently unready: it is about to stop.
func (c *Checker) SetDraining() { c.draining.Store(true) }

// answer is the body of a response.
type answer struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"`
}

// Live answers GET and HEAD with 200.
func (c *Checker) Live(w http.ResponseWriter, r *http.Request) {
	respond(w, r, http.StatusOK, answer{Status: statusOK})
}

// Ready answers GET and HEAD with 200 if every required check passes, and with
// 503 otherwise or while draining. The response lists the failed checks without
// their causes.
func (c *Checker) Ready(w http.ResponseWriter, r *http.Request) {
	if c.draining.Load() {
		respond(w, r, http.StatusServiceUnavailable, answer{Status: statusDraining})
		return
	}
	if !isProbe(r) {
		refuse(w)
		return
	}
	found := answer{Status: statusOK, Checks: c.runAll(r.Context())}
	code := http.StatusOK
	for _, status := range found.Checks {
		if status == statusFailed {
			found.Status, code = statusFailed, http.StatusServiceUnavailable
		}
	}
	respond(w, r, code, found)
}

// runAll runs the checks concurrently and returns their status by name.
func (c *Checker) runAll(ctx context.Context) map[string]string {
	c.mu.Lock()
	checks := c.checks
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	results := make([]error, len(checks))
	var group sync.WaitGroup
	for i, one := range checks {
		group.Go(func() { results[i] = one.result(ctx) })
	}
	group.Wait()
	found := make(map[string]string, len(checks))
	for i, one := range checks {
		found[one.name] = statusOK
		switch {
		case results[i] == nil:
		case one.optional:
			found[one.name] = statusDegraded
		default:
			found[one.name] = statusFailed
		}
	}
	return found
}

func isProbe(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

func refuse(w http.ResponseWriter) {
	w.Header().Set("Allow", "GET, HEAD")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusMethodNotAllowed)
}

func respond(w http.ResponseWriter, r *http.Request, code int, a answer) {
	if !isProbe(r) {
		refuse(w)
		return
	}
	body, err := json.Marshal(a)
	if err != nil {
		panic(err) // only strings: a defect of this package
	}
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client disconnected
	}
}
