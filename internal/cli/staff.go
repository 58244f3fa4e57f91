package cli

import (
	"fmt"
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

// newStaff makes the services on the database.
func newStaff(conf config.Config, db *store.Store, log *slog.Logger) (staffServices, error) {
	rates, err := newLoginRates(conf)
	if err != nil {
		return staffServices{}, err
	}
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
			Throttle:    auth.NewLoginThrottle(kept, rates, time.Now),
			Failures:    kept,
			RequireTOTP: conf.RequireTOTP,
			Now:         time.Now,
			Log:         log,
		}),
	}, nil
}

// newLoginRates returns the rates of failed logins; the error names the setting.
func newLoginRates(conf config.Config) (auth.LoginRates, error) {
	rates := auth.DefaultLoginRates()
	rate, err := auth.ParseRate(conf.ThrottleLogin)
	if err != nil {
		return rates, fmt.Errorf("THROTTLE_LOGIN: %w", err)
	}
	rates.Account = rate
	return rates, nil
}

// registerAdmin adds the pages of staff to the router.
func (a *app) registerAdmin(router *httpkit.Router, staff staffServices, keeper *session.Keeper) {
	log := a.logs.For("admin")
	guard := httpkit.Guard{Pages: a.pages, Log: log, Actor: keeper.Actor}
	door := admin.New(admin.Options{
		Guard:    guard,
		Keeper:   keeper,
		Sessions: staff.sessions,
		Accounts: staff.accounts,
		Factors:  staff.factors,
		Now:      time.Now,
		Zone:     a.config.Location(),
		Log:      log,
	})
	door.Register(router)
	a.registerSite(router, guard, staff, door)
}

// protect lets next know who has signed in, and refuses forms of other sites.
func (a *app) protect(next http.Handler, keeper *session.Keeper) http.Handler {
	csrf := a.csrf()
	csrf.Demanded = func(r *http.Request) bool { return session.Has(r) || strings.HasPrefix(r.URL.Path, "/admin/") }
	return csrf.Protect(keeper.Wrap(next), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			api.RefuseForm(w, r)
			return
		}
		a.pages.RefuseForm(w, r)
	}))
}
