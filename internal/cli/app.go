package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
	_ "time/tzdata" // TIME_ZONE works on machines without zone files

	"roster/internal/access"
	"roster/internal/admin"
	"roster/internal/admin/site"
	"roster/internal/api"
	"roster/internal/audit"
	"roster/internal/config"
	"roster/internal/fault"
	"roster/internal/health"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
	"roster/internal/logging"
	"roster/internal/query"
	"roster/internal/store"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/web"
)

// maxBody is the most that a request may bring. See docs/adr/0007.
const maxBody = 8 << 20

// app is the composition root of the server: every service, made from the settings.
type app struct {
	bind    string
	passed  bool // by a supervisor that holds the socket: requests wait there for the start
	out     io.Writer
	config  config.Config
	logs    *logging.Logs
	log     *slog.Logger
	pages   *httpkit.Pages
	assets  *httpkit.Assets
	health  *health.Checker
	handler http.Handler
	store   *store.Store  // nil until open
	sealer  *audit.Sealer // nil until open
	work    background    // does nothing until open
	monitor *monitor
	unindex func()                       // ends the keeping of the search index; nil until open
	router  atomic.Pointer[http.Handler] // all routes; nil until the database is open
	opened  chan struct{}                // closed when there are all routes
}

// errStarting is why a server that has not opened its database is not ready.
var errStarting = errors.New("the database is not open yet")

// newApp makes everything but the listener and what needs the database. What
// it made is released by close; when it fails it has released everything itself.
func newApp(env *environment, conf config.Config, bind string) (*app, error) {
	a := &app{bind: bind, config: conf, out: env.Out, opened: make(chan struct{})}
	if err := a.make(env); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

func (a *app) make(env *environment) (err error) {
	if err = a.config.Validate(a.bind); err != nil {
		return err
	}
	if _, err = newMailTemplates(a.config); err != nil {
		return err
	}
	if a.logs, err = newLogs(env, a.config); err != nil {
		return err
	}
	a.log = a.logs.For("cli")
	if a.monitor, err = newMonitor(a.config, a.logs); err != nil {
		return err
	}
	a.work.monitor = a.monitor
	warnOfTypos(a.config, a.log)
	a.health = health.NewChecker(a.logs.For("health"))
	a.health.Add("database", a.databaseAnswers)
	a.health.Add("tasks", a.tasksRun)
	a.health.AddOptional("broker", a.brokerWorks)
	if a.assets, err = newAssets(); err != nil {
		return err
	}
	if a.pages, err = httpkit.NewPages(a.assets, web.Templates(), api.Templates(), admin.Templates(), site.Templates()); err != nil {
		return err
	}
	a.handler, err = a.newHandler()
	return err
}

// open opens the database and then all routes.
func (a *app) open(ctx context.Context) (err error) {
	if a.store, err = openDatabase(ctx, a.config, a.logs.For("store"), a.config.Wait(), a.monitor.observers()); err != nil {
		return err
	}
	if err = bringUpToDate(ctx, a.store, a.config); err != nil {
		return err
	}
	if err = a.config.EnsureSecretKey(); err != nil {
		return err
	}
	staff, err := newStaff(a.config, a.store, a.logs.For("auth"), a.monitor.triedLogin)
	if err != nil {
		return err
	}
	keeper := session.NewKeeper(staff.sessions, a.logs.For("auth"))
	if err := a.work.load(a.store, a.config, a.logs, a.out); err != nil {
		return err
	}
	router, err := a.newRouter(staff, keeper)
	if err != nil {
		return err
	}
	a.sealer = audit.StartSealer(newTrail(a.store, a.config, a.logs.For("audit")), a.config.AuditKeep())
	protected := a.protect(router, keeper)
	a.work.start(a.store, a.config, a.logs)
	a.monitor.addDatabase(a.store)
	a.unindex = a.store.StartIndex(a.logs.For("store"))
	a.router.Store(&protected)
	close(a.opened)
	return nil
}

// databaseAnswers is the readiness check of the database: the primary can be
// read. Replicas may be away.
func (a *app) databaseAnswers(ctx context.Context) error {
	if a.router.Load() == nil {
		return errStarting
	}
	_, err := a.store.FindUser(query.Fresh(ctx), 0)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	return a.store.InPlace()
}

// tasksRun is the readiness check of the worker, where there is one.
func (a *app) tasksRun(ctx context.Context) error {
	if a.router.Load() == nil {
		return errStarting
	}
	return a.work.check(ctx)
}

// brokerWorks is the check of the broker. Users are served without it, and tasks
// are run.
func (a *app) brokerWorks(ctx context.Context) error {
	if a.router.Load() == nil {
		return errStarting
	}
	return a.work.checkBroker(ctx)
}

// close releases what newApp made, the last first.
func (a *app) close() error {
	var failures []error
	failures = append(failures, a.work.stop(canceled()))
	if a.unindex != nil {
		a.unindex()
	}
	if a.sealer != nil {
		a.sealer.Stop()
	}
	if a.store != nil {
		failures = append(failures, a.store.Close())
	}
	failures = append(failures, a.monitor.close())
	if a.logs != nil {
		failures = append(failures, a.logs.Close())
	}
	return errors.Join(failures...)
}

// startPatience is how long a request that waited in a passed socket waits on
// for the database: a restart is to be noticed by nobody.
const startPatience = 15 * time.Second

// awaitOpen reports whether the database is open, which requests on a passed
// socket wait for.
func (a *app) awaitOpen(ctx context.Context) bool {
	if !a.passed {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	select {
	case <-a.opened:
		return true
	case <-ctx.Done():
		return false
	}
}

// newHandler joins the doors behind the stack. Until the database is open
// only the probes are answered.
func (a *app) newHandler() (http.Handler, error) {
	starting := httpkit.NewRouter(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.awaitOpen(r.Context()) {
			(*a.router.Load()).ServeHTTP(w, r)
			return
		}
		w.Header().Set("Retry-After", "1")
		a.pages.ErrorPage(w, r, http.StatusServiceUnavailable)
	}))
	a.routeProbes(starting)
	return httpkit.Stack{
		Log:     a.logs.For("http"),
		Proxies: a.config.TrustedProxies,
		Hosts:   a.hosts(),
		Local:   a.local(),
		CORS:    httpkit.CORS{AllowAll: a.config.CORSAllowAll, Origins: a.config.CORSAllowedOrigins},
		MaxBody: maxBody,
		Metrics: a.monitor.figures.HTTP,
		Traces:  a.monitor.traces,
		Failed:  a.pages.RefuseSender,
		Exempt:  []string{"/healthz", "/readyz", "/metrics"},
	}.Wrap(a.spreadReads(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if router := a.router.Load(); router != nil {
			(*router).ServeHTTP(w, r)
			return
		}
		starting.ServeHTTP(w, r)
	})))
}

// spreadReads lets requests that only read be answered by replicas, where there
// are any, but not those of a client that may still miss its own write there.
func (a *app) spreadReads(next http.Handler) http.Handler {
	if len(a.config.Replicas()) == 0 {
		return next
	}
	return httpkit.NewOwnWrites(2*store.MaxLag, query.Relaxed).Wrap(next)
}

func (a *app) routeProbes(router *httpkit.Router) {
	router.Handle("/healthz", http.HandlerFunc(a.health.Live))
	router.Handle("/readyz", http.HandlerFunc(a.health.Ready))
	router.Handle("/metrics", a.monitor.handler())
}

func (a *app) newRouter(staff staffServices, keeper *session.Keeper) (*httpkit.Router, error) {
	policy, err := access.ParsePolicy(a.config.Permission(a.bind))
	if err != nil {
		return nil, err
	}
	router := httpkit.NewRouter(a.pages.NotFound())
	router.Handle("/static/{name...}", a.assets)
	a.routeProbes(router)
	a.registerAdmin(router, staff, keeper)
	actor := func(r *http.Request) access.Actor { return policy.Actor(keeper.Actor(r)) }
	users := newUsers(a.store, a.config, a.logs.For("users"))
	a.pages.Door(actor, a.logs.For("web")).Register(router, web.New(web.Options{
		Pages:    a.pages,
		Users:    users,
		Version:  buildVersion(),
		PageSize: a.config.PageSize,
		Zone:     a.config.Location(),
		Log:      a.logs.For("web"),
	}).Routes())
	return router, api.New(api.Options{
		Users:     users,
		Tasks:     task.NewTasks(a.store.Tasks(), a.work.kinds, time.Now, a.logs.For("tasks")),
		Schedules: periodic.NewSchedules(a.store.Tasks(), a.work.kinds, time.Now, a.logs.For("tasks")),
		Actor:     actor,
		PageSize:  a.config.PageSize,
		Pages:     a.pages,
		Assets:    a.assets,
		Version:   buildVersion(),
		Log:       a.logs.For("api"),
	}).Register(router)
}

// csrf protects forms with the secret key.
func (a *app) csrf() *httpkit.CSRF {
	return httpkit.NewCSRF(a.config.SecretKey.Reveal(), a.config.OlderKeys()...)
}

// hosts is ALLOWED_HOSTS; without it, any host where only this machine can connect.
func (a *app) hosts() httpkit.Hosts {
	if a.local() {
		return httpkit.Hosts{"*"}
	}
	return a.config.AllowedHosts
}

// local reports whether ALLOWED_HOSTS is not set because only this machine can connect.
func (a *app) local() bool { return len(a.config.AllowedHosts) == 0 && config.IsLoopback(a.bind) }
