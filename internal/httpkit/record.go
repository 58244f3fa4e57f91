package httpkit

import (
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// recorder records status and size of a response.
type recorder struct {
	http.ResponseWriter
	status int
	size   int64
	prefix string // see mount
}

var recorders = sync.Pool{New: func() any { return new(recorder) }}

func (c *recorder) WriteHeader(status int) {
	if c.status == 0 && status >= http.StatusOK { // 1xx is not the final response
		c.status = status
		if c.prefix != "" {
			mount(c.Header(), c.prefix)
		}
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *recorder) Write(p []byte) (int, error) {
	if c.status == 0 {
		c.WriteHeader(http.StatusOK)
	}
	n, err := c.ResponseWriter.Write(p)
	c.size += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *recorder) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// record is the outermost layer: it describes the request, recovers from panics,
// and logs one line per request.
func (s Stack) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		s.Metrics.Begin()
		rec, _ := recorders.Get().(*recorder)
		*rec = recorder{ResponseWriter: w}
		traced, span := s.Traces.Request(r)
		r, ctx := s.describe(traced, w, r, start)
		rec.prefix = ctx.request.Prefix
		defer func() {
			abort := s.answerPanic(recover(), rec, r)
			status := s.done(rec, r, time.Since(start))
			span.Answered(r.Method, routeOf(r), status)
			rec.ResponseWriter = nil
			recorders.Put(rec)
			ctx.body.release()
			if abort {
				panic(http.ErrAbortHandler)
			}
			ctx.body.linger(r)
		}()
		next.ServeHTTP(rec, r)
	})
}

// answerPanic logs a panic and answers 500 if nothing was written yet. Otherwise
// the connection must be aborted, so that a partial response is not taken for a
// complete one.
func (s Stack) answerPanic(cause any, rec *recorder, r *http.Request) (abort bool) {
	if cause == nil {
		return false
	}
	if cause == http.ErrAbortHandler { //nolint:errorlint // as net/http compares it
		return true
	}
	s.Log.ErrorContext(r.Context(), "panic", "cause", cause, "method", r.Method, "path", LoggedPath(r), "stack", string(debug.Stack()))
	if rec.status != 0 {
		return true
	}
	s.Failed(rec, r, http.StatusInternalServerError)
	return false
}

// maxLoggedPath is the number of bytes after which logged paths are cut.
const maxLoggedPath = 512

// secretPath matches the paths of links in mails, up to their token.
var secretPath = regexp.MustCompile(`^(/admin/reset/[^/]*/|/unsubscribe/)[^/]+`)

// LoggedPath returns the path for the log: without the token of a link, and cut if
// it is long.
func LoggedPath(r *http.Request) string {
	path := r.URL.Path
	if strings.HasPrefix(path, "/admin/reset/") || strings.HasPrefix(path, "/unsubscribe/") {
		path = secretPath.ReplaceAllString(path, "$1…")
	}
	if len(path) <= maxLoggedPath {
		return path
	}
	return path[:maxLoggedPath] + "…"
}

// done counts and logs a request and returns its status. The query is not logged,
// because it may contain personal data. Status 499 means that the client closed
// the connection before the response, as in nginx.
func (s Stack) done(rec *recorder, r *http.Request, took time.Duration) (status int) {
	status = rec.status
	if status == 0 {
		status = http.StatusOK
		if r.Context().Err() != nil {
			status = 499
		}
	}
	s.Metrics.Done(r.Method, routeOf(r), status, took)
	level := slog.LevelInfo
	if status < http.StatusBadRequest && slices.Contains(s.Exempt, r.URL.Path) {
		level = slog.LevelDebug
	}
	attrs := append(make([]slog.Attr, 0, 7),
		slog.String("method", r.Method), slog.String("path", LoggedPath(r)), slog.Int("status", status),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.Int64("size", rec.size))
	if ctx, ok := contextOf(r.Context()); ok && s.Clients {
		attrs = append(attrs, slog.String("client", ctx.request.Client), slog.String("account", ctx.account))
	}
	s.Log.LogAttrs(r.Context(), level, "request", attrs...)
	return status
}
