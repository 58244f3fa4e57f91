package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"roster/docs"
	"roster/internal/access"
	"roster/internal/admin"
	"roster/internal/admin/resources"
	"roster/internal/admin/site"
	"roster/internal/api"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
	"roster/internal/metrics"
	"roster/internal/web"
	"roster/internal/web/manual"
)

// newRouter returns all routes.
func (f *front) newRouter(s *Services, trail *audit.Trail, keeper *session.Keeper) (*httpkit.Router, error) {
	policy, err := access.ParsePolicy(f.Config.Permission(f.bind))
	if err != nil {
		return nil, err
	}
	book, err := manual.New(docs.Files, f.assets.URL)
	if err != nil {
		return nil, err
	}
	if f.settings, err = settingGroups(f.Config, docs.Files); err != nil {
		return nil, err
	}
	router := httpkit.NewRouter(f.pages.NotFound())
	router.Handle("/static/{name...}", f.assets)
	f.routeProbes(router)
	f.routeAdmin(router, s, trail, keeper, book)
	f.pages.Door(f.actor(policy.Visitor, keeper.Actor), f.logger("web")).Register(router, web.New(web.Options{
		Pages:         f.pages,
		Users:         s.Users,
		Subscriptions: s.Subscriptions,
		SetUp:         f.setUpPath(s.First),
		Manual:        book,
		Version:       f.Version,
		PageSize:      f.Config.PageSize,
		Zone:          f.Config.Location(),
		Log:           f.logger("web"),
	}).Routes())
	return router, api.New(api.Options{
		Users:     s.Users,
		Trash:     s.Trash,
		Tasks:     s.Tasks,
		Schedules: s.Schedules,
		Tokens:    s.Tokens,
		JWTs:      s.JWTs,
		Actor:     f.actor(policy.Actor, keeper.APIActor),
		Throttle:  f.throttle(),
		PageSize:  f.Config.PageSize,
		Pages:     f.pages,
		Assets:    f.assets,
		Version:   f.Version,
		Log:       f.logger("api"),
	}).Register(router)
}

// actor returns the function that identifies the sender of a request to the API
// or the pages of users, and grants what API_PERMISSION does. With auto, a
// forwarded request is never open to everyone, because a proxy acts for others.
func (f *front) actor(grant func(access.Actor) access.Actor, identify func(*http.Request) access.Actor) func(*http.Request) access.Actor {
	automatic := f.Config.APIPermission == "auto"
	return func(r *http.Request) access.Actor {
		if automatic && metrics.Forwarded(r) {
			return access.DjangoModelPermissions.Actor(identify(r))
		}
		return grant(identify(r))
	}
}

// throttle returns the limits of API requests, nil if there are none.
func (f *front) throttle() *httpkit.Throttle {
	t := &httpkit.Throttle{
		Anonymous: httpkit.Quota(f.Config.ThrottleAnon), Account: httpkit.Quota(f.Config.ThrottleUser),
		Scopes: map[access.Permission]httpkit.ScopeQuota{}, Now: time.Now,
	}
	for name, rate := range f.Config.ThrottleScopes {
		for _, p := range auth.Scope(name).Permissions() {
			t.Scopes[p] = httpkit.ScopeQuota{Name: name, Quota: httpkit.Quota(rate)}
		}
	}
	if t.Anonymous.Limit == 0 && t.Account.Limit == 0 && len(t.Scopes) == 0 {
		return nil
	}
	if f.quotas != nil {
		t.Shared = f.quotas
	}
	return t
}

func (f *front) routeProbes(router *httpkit.Router) {
	router.Handle("/healthz", http.HandlerFunc(f.health.Live))
	router.Handle("/readyz", http.HandlerFunc(f.health.Ready))
	router.Handle("/metrics", f.monitor.handler())
}

// routeAdmin adds the admin pages.
func (f *front) routeAdmin(router *httpkit.Router, s *Services, trail *audit.Trail, keeper *session.Keeper, book *manual.Manual) {
	pages := f.pages.Door(keeper.Actor, f.logger("admin"))
	door := admin.New(admin.Options{
		Pages:      f.pages,
		Keeper:     keeper,
		Sessions:   s.Sessions,
		Accounts:   s.Accounts,
		Factors:    s.Factors,
		Passkeys:   auth.NewPasskeys(s.Sessions),
		Tokens:     s.Tokens,
		First:      s.First,
		Local:      f.fromHere,
		Logins:     f.providerLogins(s),
		Links:      s.Links,
		LinkHosts:  f.linkHosts(),
		LinkBase:   f.linkBase(),
		SendUnlock: s.sendUnlock,
		SendLink:   s.sendLink,
		Settings:   f.settings,
		Composer:   composer{s},
		LogLevels:  logLevels{f.logs, s.Store, f.logger("server")},
		Now:        time.Now,
		Zone:       f.Config.Location(),
		Log:        f.logger("admin"),
	})
	pages.Register(router, door.Routes())
	now := func() time.Time { return time.Now().In(f.Config.Location()) }
	pagesOfStaff := site.New(site.Options{
		Door:      pages,
		Pages:     f.pages,
		Resources: siteResources(s, trail, f.invite(s), now),
		Home:      home(s, trail, now),
		Views:     []site.View{resources.Overview(s.Tasks, s.Schedules, now)},
		Links:     []site.Link{{App: "Server", Name: "Settings", Icon: "settings", URL: admin.SettingsPath, Needs: access.Superuser}},
		Entries:   furtherPages(),
		Shelves:   []site.Shelf{settingsShelf(f.settings), documentation(book)},
		Trail:     trail,
		Zone:      f.Config.Location(),
		Now:       time.Now,
		Signer:    site.NewSigner(f.Config.SecretKey.Reveal(), f.Config.OlderKeys()...),
		Refuse:    door.Refuse,
		Confirmed: door.Confirmed,
	})
	pagesOfStaff.Register(router)
	keeper.Navigate(pagesOfStaff.Navigation)
}

// invite returns the function that sends invitations, nil without a known address
// of this site.
func (f *front) invite(s *Services) resources.Invite {
	base := f.linkBase()
	if base == "" {
		return nil
	}
	return func(ctx context.Context, actor access.Actor, account int64) error {
		m, err := s.Links.Invite(ctx, actor, account)
		if err == nil {
			s.sendLink(m, base+admin.PasswordPath(m.Link))
		}
		return err
	}
}

// siteResources lists the resources of the admin site in the order of the navigation.
func siteResources(s *Services, trail *audit.Trail, invite resources.Invite, now func() time.Time) []site.Resource {
	mail := resources.MailSources{Tasks: s.Tasks, Mailings: s.Mailings, Now: now}
	return []site.Resource{
		resources.Users(resources.UserServices{
			Users: s.Users, Subscriptions: s.Subscriptions, Trash: s.Trash, KeepDays: s.process.Config.TrashKeepDays, Tasks: s.Tasks, Records: s.Records(trail),
		}),
		resources.Trash(s.Trash, s.process.Config.TrashKeepDays),
		resources.Mailings(mail),
		resources.Deliveries(mail),
		resources.Tasks(mail),
		resources.Reports(s.Reports),
		resources.Schedules(s.Schedules, now),
		resources.AuditEntries(trail),
		resources.Accounts(s.Accounts, s.Groups, s.Sessions, s.Factors, invite),
		resources.Groups(s.Accounts, s.Groups),
	}
}

// protect identifies the signed-in account for next, and rejects forms of other
// sites.
func (f *front) protect(next http.Handler, keeper *session.Keeper) http.Handler {
	csrf := httpkit.NewCSRF(f.Config.SecretKey.Reveal(), f.Config.OlderKeys()...)
	csrf.Required = func(r *http.Request) bool { return session.Has(r) || strings.HasPrefix(r.URL.Path, "/admin/") }
	return csrf.Protect(keeper.Wrap(next), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch err := httpkit.BodyError(r); { // why there is no token
		case err != nil:
			f.refuse(w, r, err)
		case api.AsksJSON(r):
			api.RefuseForm(w, r)
		default:
			f.pages.RefuseForm(w, r)
		}
	}))
}
