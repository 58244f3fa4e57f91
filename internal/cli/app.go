package cli

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
	_ "time/tzdata" // TIME_ZONE works on machines without zone files

	"roster/internal/access"
	"roster/internal/api"
	"roster/internal/config"
	"roster/internal/fault"
	"roster/internal/health"
	"roster/internal/httpkit"
	"roster/internal/logging"
	"roster/internal/store"
	"roster/internal/user"
	"roster/internal/web"
)

// maxBody is the most that a request may bring. See docs/adr/0007.
const maxBody = 8 << 20

// app is the composition root of the server: every service, made from the settings.
type app struct {
	config  config.Config
	logs    *logging.Logs
	log     *slog.Logger
	store   *store.Store
	health  *health.Checker
	handler http.Handler
}

// newApp makes everything but the listener. What it made is released by close;
// when it fails it has released everything itself.
func newApp(ctx context.Context, env *environment, bind string) (*app, error) {
	a := &app{}
	if err := a.open(ctx, env, bind); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

func (a *app) open(ctx context.Context, env *environment, bind string) (err error) {
	if a.config, err = env.settings(); err != nil {
		return err
	}
	if err = a.config.Validate(bind); err != nil {
		return err
	}
	if a.logs, err = newLogs(env, a.config); err != nil {
		return err
	}
	a.log = a.logs.For("cli")
	if a.store, err = openStore(ctx, a.config, a.logs); err != nil {
		return err
	}
	if err = a.config.EnsureSecretKey(); err != nil {
		return err
	}
	a.health = health.NewChecker(a.logs.For("health"))
	a.health.Add("database", a.databaseAnswers)
	a.handler, err = a.newHandler(bind)
	return err
}

// databaseAnswers is the readiness check of the database: it can be read.
func (a *app) databaseAnswers(ctx context.Context) error {
	_, err := a.store.FindUser(ctx, 0)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	return a.store.InPlace()
}

// close releases what newApp made, the last first.
func (a *app) close() error {
	var failures []error
	if a.store != nil {
		failures = append(failures, a.store.Close())
	}
	if a.logs != nil {
		failures = append(failures, a.logs.Close())
	}
	return errors.Join(failures...)
}

// newHandler joins the doors behind the stack.
func (a *app) newHandler(bind string) (http.Handler, error) {
	assets, err := httpkit.NewAssets(api.Static())
	if err != nil {
		return nil, err
	}
	pages, err := httpkit.NewPages(assets, web.Templates(), api.Templates())
	if err != nil {
		return nil, err
	}
	router, err := a.newRouter(bind, pages, assets)
	if err != nil {
		return nil, err
	}
	return httpkit.Stack{
		Log:     a.logs.For("http"),
		Proxies: a.config.TrustedProxies,
		Hosts:   a.hosts(bind),
		Local:   len(a.config.AllowedHosts) == 0 && config.IsLoopback(bind),
		CORS:    httpkit.CORS{AllowAll: a.config.CORSAllowAll, Origins: a.config.CORSAllowedOrigins},
		MaxBody: maxBody,
		Failed:  pages.ErrorPage,
		Exempt:  []string{"/healthz", "/readyz"},
	}.Wrap(router)
}

func (a *app) newRouter(bind string, pages *httpkit.Pages, assets *httpkit.Assets) (*httpkit.Router, error) {
	policy, err := access.ParsePolicy(a.config.Permission(bind))
	if err != nil {
		return nil, err
	}
	router := httpkit.NewRouter(pages.NotFound())
	router.Handle("/static/{name...}", assets)
	router.Handle("/healthz", http.HandlerFunc(a.health.Live))
	router.Handle("/readyz", http.HandlerFunc(a.health.Ready))
	anonymous := policy.Anonymous()
	guard := httpkit.Guard{Pages: pages, Log: a.logs.For("web"), Actor: func(*http.Request) access.Actor { return anonymous }}
	web.New(pages, buildVersion()).Register(router, guard)
	return router, api.New(api.Options{
		Users:    user.NewUsers(a.store, time.Now, a.logs.For("users")),
		Policy:   policy,
		PageSize: a.config.PageSize,
		Pages:    pages,
		Assets:   assets,
		Version:  buildVersion(),
		Log:      a.logs.For("api"),
	}).Register(router)
}

// hosts is ALLOWED_HOSTS; without it, any host where only this machine can connect.
func (a *app) hosts(bind string) httpkit.Hosts {
	if len(a.config.AllowedHosts) == 0 && config.IsLoopback(bind) {
		return httpkit.Hosts{"*"}
	}
	return a.config.AllowedHosts
}
