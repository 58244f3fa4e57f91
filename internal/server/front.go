package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"roster/docs"
	"roster/internal/admin"
	"roster/internal/admin/site"
	"roster/internal/api"
	"roster/internal/audit"
	"roster/internal/config"
	"roster/internal/fault"
	"roster/internal/health"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
	"roster/internal/query"
	"roster/internal/redis"
	"roster/internal/store"
	"roster/internal/web"
)

const (
	// maxBody is the maximum size of a request body. See docs/adr/0007.
	maxBody = 8 << 20
	// bodyMemory is the maximum size of all request bodies together.
	bodyMemory = 24 << 20
	// A request waits for the database, so that clients do not notice a restart:
	// startPatience from the start of the process, and on a passed socket, where
	// requests queue during the restart, passedPatience from its own start.
	startPatience  = 2 * time.Second
	passedPatience = 15 * time.Second
)

// front handles requests: the probes from the start, and all routes once the
// database is open.
type front struct {
	*Process

	bind     string
	started  time.Time
	address  string // of the listener
	url      string // base URL of the pages, "" if none is known that ALLOWED_HOSTS accepts
	passed   bool   // the supervisor owns the socket, where requests queue during a start
	health   *health.Checker
	opened   <-chan struct{} // closed once all routes are available
	pages    *httpkit.Pages
	assets   *httpkit.Assets
	settings []admin.SettingGroup // for display
	handler  http.Handler
	server   *httpkit.Server
	quotas   *redis.Quotas                // of CACHE_URL; nil without
	failed   chan error                   // receives the result of the server
	router   atomic.Pointer[http.Handler] // all routes; nil until open
}

func newFront(r *runner) (f *front, err error) {
	f = &front{Process: &r.Process, bind: r.Bind, started: time.Now(), health: r.health, opened: r.opened, failed: make(chan error, 1)}
	if f.assets, err = NewAssets(); err != nil {
		return nil, err
	}
	if f.pages, err = httpkit.NewPages(f.assets, web.Templates(), api.Templates(), admin.Templates(), site.Templates()); err != nil {
		return nil, err
	}
	f.pages.Environment = f.Config.EnvironmentName
	if options, ok := RedisOptions(f.Config.Cache()); ok {
		f.quotas = redis.NewQuotas(options, f.logger("cache"))
	}
	f.handler, err = f.newHandler()
	f.server = httpkit.NewServer(f.handler, f.logger("http"), f.Config.TrustedProxies)
	return f, err
}

// NewAssets returns the static files of the pages, the API and the admin site, and
// the images of the documentation.
func NewAssets() (*httpkit.Assets, error) {
	return httpkit.NewAssets(web.Static(), api.Static(), admin.Static(), site.Static(), docs.Images)
}

// listen serves on the socket, or opens one at bind.
func (f *front) listen(ctx context.Context, socket net.Listener) (err error) {
	f.passed = socket != nil
	if socket == nil {
		if socket, err = listen(ctx, f.bind, "--bind"); err != nil {
			return err
		}
	}
	f.address, f.url = socket.Addr().String(), f.pagesURL(socket.Addr())
	go func() { f.failed <- f.server.Serve(socket) }()
	return nil
}

// listen listens on an address. Errors name the setting or flag of the address.
func listen(ctx context.Context, bind, setting string) (net.Listener, error) {
	if path, ok := config.SocketPath(bind); ok {
		return listenSocket(ctx, path, setting)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", bind)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use; stop the other server or choose another address with %s", bind, setting)
	}
	if err != nil {
		if op, ok := errors.AsType[*net.OpError](err); ok {
			err = op.Err // without the address, which the message already contains
		}
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with %s", bind, err, setting)
	}
	return listener, nil
}

// open makes all routes available.
func (f *front) open(s *Services, trail *audit.Trail) error {
	keeper := f.keeper(s)
	router, err := f.newRouter(s, trail, keeper)
	if err != nil {
		return err
	}
	protected := f.protect(router, keeper)
	f.router.Store(&protected)
	return nil
}

// keeper returns what identifies the senders of requests.
func (f *front) keeper(s *Services) *session.Keeper {
	keeper := session.NewKeeper(s.Sessions, s.Tokens, f.logger("auth"))
	if s.Basic != nil {
		keeper.AcceptBasic(s.Basic)
	}
	keeper.AcceptJWT(s.JWTs)
	return keeper
}

// stop keeps serving for the delay, asking clients to close their connections,
// and then finishes requests in flight. It does nothing on nil.
func (f *front) stop(ctx context.Context, delay time.Duration) error {
	if f == nil {
		return nil
	}
	f.server.Drain()
	time.Sleep(delay) // a second signal ends the process
	if err := f.server.Stop(ctx); err != nil {
		return fmt.Errorf("some requests were cut off after %s: %w", DrainLimit, err)
	}
	return nil
}

// close stops the server and aborts requests. It may be called after stop.
func (f *front) close() error {
	if f.quotas != nil {
		f.quotas.Close()
	}
	_ = f.server.Stop(canceled()) // the error is about aborted requests
	return nil
}

// newHandler returns the handler of all requests. Until the database is open,
// it only answers the probes.
func (f *front) newHandler() (http.Handler, error) {
	starting := httpkit.NewRouter(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.awaitOpen(r.Context()) {
			(*f.router.Load()).ServeHTTP(w, r)
			return
		}
		f.refuse(w, r, errClosed)
	}))
	f.routeProbes(starting)
	return httpkit.Stack{
		Log:       f.logger("http"),
		Proxies:   f.Config.TrustedProxies,
		Hosts:     f.hosts(),
		Prefix:    f.Config.ForceScriptName,
		Clients:   f.Config.LogClients,
		Local:     f.local(),
		CORS:      httpkit.CORS{AllowAll: f.Config.CORSAllowAll, Origins: f.Config.CORSAllowedOrigins},
		MaxBody:   maxBody,
		Memory:    bodyMemory,
		Pressed:   collectSooner,
		Metrics:   f.monitor.metrics.HTTP,
		Traces:    f.monitor.traces,
		Languages: f.languages,
		Failed:    f.fail,
		Exempt:    []string{"/healthz", "/readyz", "/metrics"},
	}.Wrap(f.spreadReads(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if router := f.router.Load(); router != nil {
			(*router).ServeHTTP(w, r)
			return
		}
		starting.ServeHTTP(w, r)
	})))
}

// errClosed is the error of requests before the database is open.
var errClosed = &fault.Error{
	Kind: fault.Unavailable, Message: "The service is starting. Try again in a moment.", RetryAfter: time.Second,
}

// refuse answers a request that no route has served.
func (f *front) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if api.AsksJSON(r) {
		api.Refuse(w, httpkit.StatusOf(err), err)
		return
	}
	httpkit.SetRetryAfter(w.Header(), err)
	f.pages.RenderError(w, r, httpkit.StatusOf(err), err)
}

// fail answers a request that the stack refuses, or that failed. A request with a
// bad host and without Accept gets a page, as from Django, which negotiates nothing
// there.
func (f *front) fail(w http.ResponseWriter, r *http.Request, status int) {
	if api.AsksJSON(r) && (status != http.StatusBadRequest || r.Header["Accept"] != nil) {
		api.Refuse(w, status, &httpkit.StatusError{Status: status, Message: httpkit.SenderText(status)})
		return
	}
	f.pages.RefuseSender(w, r, status)
}

// awaitOpen waits for the database and reports whether it is open.
func (f *front) awaitOpen(ctx context.Context) bool {
	patience := time.Until(f.started.Add(startPatience))
	if f.passed {
		patience = passedPatience
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-f.opened:
		return true
	case <-ctx.Done():
		return false
	}
}

// spreadReads lets replicas answer read-only requests, unless the client might
// miss its own write.
func (f *front) spreadReads(next http.Handler) http.Handler {
	if len(f.Config.Replicas()) == 0 {
		return next
	}
	return httpkit.NewOwnWrites(2*store.MaxLag, query.Relaxed).Wrap(next)
}

// hosts returns ALLOWED_HOSTS; if it is unset, any host on a loopback address.
func (f *front) hosts() httpkit.Hosts {
	if f.local() {
		return httpkit.Hosts{"*"}
	}
	return f.Config.AllowedHosts
}

// linkHosts are the hosts to which providers may return visitors: those of
// ALLOWED_HOSTS, or this machine.
func (f *front) linkHosts() httpkit.Hosts {
	if f.local() {
		return httpkit.LocalHosts()
	}
	return f.Config.AllowedHosts
}

// linkBase is the address of this site in mails, without a slash at the end: that of
// the settings, or of the listener while only this machine can connect. It never
// depends on a request, whose headers anyone can choose. It is "" if unknown.
func (f *front) linkBase() string {
	address := f.Config.SiteAddress()
	if address == "" && f.local() && strings.HasPrefix(f.url, "http") {
		address = strings.TrimSuffix(f.url, "/") + f.Config.ForceScriptName
	}
	return address
}

// local reports whether ALLOWED_HOSTS is unset on a loopback address.
func (f *front) local() bool { return len(f.Config.AllowedHosts) == 0 && config.IsLoopback(f.bind) }
