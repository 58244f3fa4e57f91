package cli

import (
	"slices"
	"time"

	"roster/internal/admin"
	"roster/internal/admin/resources"
	"roster/internal/admin/site"
	"roster/internal/httpkit"
	"roster/internal/job"
	"roster/internal/task"
	"roster/internal/task/periodic"
)

// registerSite adds the lists and forms of the admin site to the router. door
// answers those who are not staff, or have to give their password again.
func (a *app) registerSite(router *httpkit.Router, pages httpkit.Door, staff staffServices, door *admin.Admin) {
	work := a.newWorkPages()
	fallbacks := make([]string, len(a.config.SecretKeyFallbacks))
	for i, key := range a.config.SecretKeyFallbacks {
		fallbacks[i] = key.Reveal()
	}
	trail := newTrail(a.store, a.config, a.logs.For("audit"))
	users := newUsers(a.store, a.config, a.logs.For("users"))
	site.New(site.Options{
		Door:  pages,
		Pages: a.pages,
		Resources: slices.Concat([]site.Resource{
			resources.Users(users), resources.Accounts(staff.accounts, staff.groups), resources.Groups(staff.accounts, staff.groups),
		}, work.resources, []site.Resource{resources.AuditEntries(trail)}),
		Views:     []site.View{work.overview},
		Trail:     trail,
		Zone:      a.config.Location(),
		Now:       time.Now,
		Signer:    site.NewSigner(a.config.SecretKey.Reveal(), fallbacks...),
		Refuse:    door.Refuse,
		Confirmed: door.Confirmed,
	}).Register(router)
}

// workPages are the pages about background work.
type workPages struct {
	resources []site.Resource
	overview  site.View
}

func (a *app) newWorkPages() (p workPages) {
	kept, kinds, log := a.store.Tasks(), a.work.kinds, a.logs.For("tasks")
	now := func() time.Time { return time.Now().In(a.config.Location()) }
	tasks := task.NewTasks(kept, kinds, time.Now, log)
	schedules := periodic.NewSchedules(kept, kinds, time.Now, log)
	p.resources = []site.Resource{
		resources.Tasks(tasks), resources.Reports(job.NewKeptReports(kept)), resources.Schedules(schedules, now),
	}
	p.overview = resources.Overview(tasks, schedules, now)
	return p
}
