// Package health answers the probes of those who run the process: whether it
// lives, and whether it is ready to be sent requests.
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

// Timeout is how long a readiness check may take before it counts as failed.
const Timeout = 2 * time.Second

// What a probe says of the process or of one check.
const (
	statusOK       = "ok"
	statusFailed   = "failed"
	statusDraining = "draining"
	statusDegraded = "degraded" // of a check: it fails, and readiness does not depend on it
)

// Checker holds the readiness checks and serves the probes. Its methods may be
// called concurrently.
type Checker struct {
	log      *slog.Logger
	draining atomic.Bool
	mu       sync.Mutex
	checks   []*check
}

// NewChecker returns a Checker without checks, which is ready. The causes of
// failures go to log, once when a check begins to fail.
func NewChecker(log *slog.Logger) *Checker { return &Checker{log: log} }

// Add makes readiness depend on run, which returns nil when all is well. It is
// called when a probe asks, never twice at once, with a context that ends
// after Timeout; its result is not kept. The name is shown to whoever asks,
// and must differ from those of the other checks.
func (c *Checker) Add(name string, run func(ctx context.Context) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checks = append(c.checks, &check{name: name, run: run, log: c.log})
}

// AddOptional adds a check that is told of, and that readiness does not depend
// on: what fails is called degraded. See Add.
func (c *Checker) AddOptional(name string, run func(ctx context.Context) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checks = append(c.checks, &check{name: name, run: run, log: c.log, optional: true})
}

// SetDraining ends readiness for good: the process is about to stop.
func (c *Checker) SetDraining() { c.draining.Store(true) }

// answer is the body of a probe's answer.
type answer struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"`
}

// Live answers GET and HEAD with 200: the process serves.
func (c *Checker) Live(w http.ResponseWriter, r *http.Request) {
	respond(w, r, http.StatusOK, answer{Status: statusOK})
}

// Ready answers GET and HEAD with 200 when every check is well that is not
// optional, and with 503 otherwise or when draining. It says which checks failed,
// and not why.
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

// runAll runs the checks side by side and returns their status by name.
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
		panic(err) // texts alone: a defect of this package
	}
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the prober has gone away
	}
}
