package cli

import (
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"

	"roster/internal/admin"
	"roster/internal/api"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/config"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
	"roster/internal/store"
)

// staffServices are what concerns staff accounts.
type staffServices struct {
	accounts *auth.Accounts
	groups   *auth.Groups
	sessions *auth.Sessions
	factors  *auth.Factors
}

// newStaff makes the services on the database. tried hears of logins; it may be nil.
func newStaff(conf config.Config, db *store.Store, log *slog.Logger, tried func(step string, err error)) (staffServices, error) {
	algorithm, err := password.ParseAlgorithm(conf.PasswordHasher)
	if err != nil {
		return staffServices{}, err
	}
	kept := db.Staff()
	limiter := password.NewLimiter(password.NewHasher(algorithm), runtime.GOMAXPROCS(0))
	return staffServices{
		accounts: auth.NewAccounts(kept, limiter, auth.NewValidators(conf.PasswordMinLength), time.Now, log),
		groups:   auth.NewGroups(kept, time.Now, log),
		factors:  auth.NewFactors(kept, time.Now, log),
		sessions: auth.NewSessions(kept, auth.SessionOptions{
			Limiter:     limiter,
			Throttle:    auth.NewLoginThrottle(kept, newLoginRates(conf), time.Now),
			Failures:    kept,
			RequireTOTP: conf.RequireTOTP,
			Now:         time.Now,
			Log:         log,
			Tried:       tried,
		}),
	}, nil
}

// newLoginRates returns the rates of failed logins.
func newLoginRates(conf config.Config) auth.LoginRates {
	rates := auth.DefaultLoginRates()
	rates.Account = auth.Rate(conf.ThrottleLogin)
	return rates
}

// registerAdmin adds the pages of staff to the router.
func (a *app) registerAdmin(router *httpkit.Router, staff staffServices, keeper *session.Keeper) {
	pages := a.pages.Door(keeper.Actor, a.logs.For("admin"))
	door := admin.New(admin.Options{
		Pages:    a.pages,
		Keeper:   keeper,
		Sessions: staff.sessions,
		Accounts: staff.accounts,
		Factors:  staff.factors,
		Now:      time.Now,
		Zone:     a.config.Location(),
	})
	pages.Register(router, door.Routes())
	a.registerSite(router, pages, staff, door)
}

// protect lets next know who has signed in, and refuses forms of other sites.
func (a *app) protect(next http.Handler, keeper *session.Keeper) http.Handler {
	csrf := a.csrf()
	csrf.Required = func(r *http.Request) bool { return session.Has(r) || strings.HasPrefix(r.URL.Path, "/admin/") }
	return csrf.Protect(keeper.Wrap(next), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			api.RefuseForm(w, r)
			return
		}
		a.pages.RefuseForm(w, r)
	}))
}
