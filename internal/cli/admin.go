package cli

import (
	"net/http"
	"time"

	"roster/internal/admin/resources"
	"roster/internal/admin/site"
	"roster/internal/httpkit"
	"roster/internal/user"
)

// registerAdmin adds the admin site to the router.
func (a *app) registerAdmin(router *httpkit.Router, guard httpkit.Guard, users *user.Users) {
	guard.Log = a.logs.For("admin")
	fallbacks := make([]string, len(a.config.SecretKeyFallbacks))
	for i, key := range a.config.SecretKeyFallbacks {
		fallbacks[i] = key.Reveal()
	}
	trail := newTrail(a.store, a.config, a.logs.For("audit"))
	site.New(site.Options{
		Guard:     guard,
		Resources: []site.Resource{resources.Users(users), resources.AuditEntries(trail)},
		Trail:     trail,
		Zone:      a.config.Location(),
		Now:       time.Now,
		Signer:    site.NewSigner(a.config.SecretKey.Reveal(), fallbacks...),
		Refuse:    func(w http.ResponseWriter, r *http.Request) { a.pages.ErrorPage(w, r, http.StatusForbidden) },
	}).Register(router)
}
