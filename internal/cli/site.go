package cli

import (
	"net/http"
	"time"

	"roster/internal/admin/resources"
	"roster/internal/admin/site"
	"roster/internal/httpkit"
	"roster/internal/user"
)

// registerSite adds the lists and forms of the admin site to the router.
// refuse answers those who are not staff.
func (a *app) registerSite(router *httpkit.Router, guard httpkit.Guard, refuse http.HandlerFunc) {
	fallbacks := make([]string, len(a.config.SecretKeyFallbacks))
	for i, key := range a.config.SecretKeyFallbacks {
		fallbacks[i] = key.Reveal()
	}
	trail := newTrail(a.store, a.config, a.logs.For("audit"))
	users := user.NewUsers(a.store, time.Now, a.logs.For("users"))
	site.New(site.Options{
		Guard:     guard,
		Resources: []site.Resource{resources.Users(users), resources.AuditEntries(trail)},
		Trail:     trail,
		Zone:      a.config.Location(),
		Now:       time.Now,
		Signer:    site.NewSigner(a.config.SecretKey.Reveal(), fallbacks...),
		Refuse:    refuse,
	}).Register(router)
}
