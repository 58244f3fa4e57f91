package cli

import (
	"time"

	"roster/internal/admin"
	"roster/internal/admin/resources"
	"roster/internal/admin/site"
	"roster/internal/httpkit"
)

// registerSite adds the lists and forms of the admin site to the router. door
// answers those who are not staff, or have to give their password again.
func (a *app) registerSite(router *httpkit.Router, guard httpkit.Guard, staff staffServices, door *admin.Admin) {
	fallbacks := make([]string, len(a.config.SecretKeyFallbacks))
	for i, key := range a.config.SecretKeyFallbacks {
		fallbacks[i] = key.Reveal()
	}
	trail := newTrail(a.store, a.config, a.logs.For("audit"))
	users := newUsers(a.store, a.config, a.logs.For("users"))
	site.New(site.Options{
		Guard: guard,
		Resources: []site.Resource{
			resources.Users(users), resources.Accounts(staff.accounts, staff.groups), resources.Groups(staff.accounts, staff.groups), resources.AuditEntries(trail),
		},
		Trail:   trail,
		Zone:    a.config.Location(),
		Now:     time.Now,
		Signer:  site.NewSigner(a.config.SecretKey.Reveal(), fallbacks...),
		Refuse:  door.Refuse,
		Confirm: door.Confirm,
	}).Register(router)
}
