package resources

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/admin/site/shown"
	"roster/internal/audit"
	"roster/internal/httpkit/chart"
	"roster/internal/httpkit/pagination"
	"roster/internal/job"
	"roster/internal/lang"
	"roster/internal/phrase"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

// HomeSources are what the home page shows.
type HomeSources struct {
	Users     *user.Users
	Tasks     *task.Tasks
	Schedules *periodic.Schedules
	Trail     *audit.Trail
	Mailings  *job.Mailings
	// LastBackup returns the time of the last good backup, zero for none.
	LastBackup func(context.Context) (time.Time, error)
	// Late returns the number of schedules whose run is overdue by that long.
	Late func(ctx context.Context, by time.Duration) (int, error)
	// Blocked returns the number of accounts and addresses that may not log in now
	// after too many attempts.
	Blocked func(context.Context) (int64, error)
	Now     func() time.Time // in the zone of the pages
}

// Home returns the function that loads the home page: each part for those who may
// view the records behind it.
func Home(o HomeSources) func(context.Context, access.Actor) (site.Home, error) { return home{o}.load }

type home struct{ HomeSources }

const (
	usersPath = "/admin/users/tuser/"
	auditPath = "/admin/admin/logentry/"

	// backupAge is the age after which a backup is not recent, as in the check
	// backup.old.
	backupAge = 48 * time.Hour
	// lateBy is the delay after which a schedule counts as missed. Beats start runs
	// within seconds.
	lateBy = 5 * time.Minute
	// maxExamined is the number of pending tasks and of audit entries that are
	// examined.
	maxExamined   = 100
	shownChanges  = 8
	shownMailings = 5
	// comparedDays is twice the longest period.
	comparedDays = 60
)

func (h home) load(ctx context.Context, actor access.Actor) (page site.Home, err error) {
	for _, notice := range []func(context.Context, access.Actor) (site.Notice, error){h.failed, h.paused, h.late, h.backup, h.blocked} {
		n, err := notice(ctx, actor)
		if err != nil {
			return page, err
		}
		if n != (site.Notice{}) {
			page.Notices = append(page.Notices, n)
		}
	}
	for _, panel := range []struct {
		needs access.Permission
		load  func(context.Context, access.Actor) (site.Panel, error)
	}{{access.ViewUser, h.people}, {access.Schedules.View(), h.mailings}, {access.Schedules.View(), h.upcoming}, {access.ViewAudit, h.changes}} {
		if !actor.Can(panel.needs) {
			continue
		}
		p, err := panel.load(ctx, actor)
		if err != nil {
			return page, err
		}
		page.Panels = append(page.Panels, p)
	}
	return page, nil
}

// failed reports dead tasks.
func (h home) failed(ctx context.Context, actor access.Actor) (n site.Notice, err error) {
	if !actor.Can(access.Schedules.View()) {
		return n, nil
	}
	counts, err := h.Tasks.Count(ctx, actor)
	if dead := counts[task.Dead]; dead > 0 {
		n = site.Notice{Tone: shown.Bad, What: shown.Link{Text: several(dead, "failed task"), URL: tasksOf("state", string(task.Dead))}, Help: "Retry or cancel them."}
	}
	return n, err
}

// paused reports mailings that wait for a fault to be repaired, among the newest
// pending tasks.
func (h home) paused(ctx context.Context, actor access.Actor) (n site.Notice, err error) {
	if !actor.Can(access.Schedules.View()) {
		return n, nil
	}
	pending, err := h.Tasks.List(ctx, actor, task.Filter{State: task.Pending}, 0, maxExamined)
	count, reason := int64(0), ""
	for i := range pending {
		if text, _, _ := strings.Cut(pending[i].Error, "\n"); strings.Contains(text, job.MailingPaused) {
			count, reason = count+1, text
		}
	}
	if count > 0 {
		n = site.Notice{Tone: shown.Bad, What: shown.Link{Text: several(count, "paused mailing"), URL: tasksOf("state", string(task.Pending)) + "&q=" + url.QueryEscape("mailing paused")}, Help: reason}
	}
	return n, err
}

// late reports schedules that have missed a run.
func (h home) late(ctx context.Context, actor access.Actor) (n site.Notice, err error) {
	if !actor.Can(access.Schedules.View()) {
		return n, nil
	}
	late, err := h.Late(ctx, lateBy)
	if late > 0 {
		n = site.Notice{Tone: shown.Bad, What: shown.Link{Text: several(int64(late), "missed schedule"), URL: schedulesPath + "?enabled__exact=1"}, Help: "No beat has started their runs. Check that roster serve or roster beat is running."}
	}
	return n, err
}

// backup reports that there is no recent backup.
func (h home) backup(ctx context.Context, actor access.Actor) (n site.Notice, err error) {
	if !actor.Can(access.Schedules.View()) {
		return n, nil
	}
	last, err := h.LastBackup(ctx)
	if err != nil || h.Now().Sub(last) <= backupAge {
		return n, err
	}
	text := "No backup yet"
	if !last.IsZero() {
		text = "Last backup on " + last.In(h.Now().Location()).Format("2 January 2006")
	}
	return site.Notice{Tone: shown.Warn, What: shown.Link{Text: text, URL: tasksOf("kind", "backup")}, Help: "Schedule the task backup. Backups by other programs are not detected."}, nil
}

// blocked reports throttled logins.
func (h home) blocked(ctx context.Context, actor access.Actor) (n site.Notice, err error) {
	if !actor.Can(access.ViewAudit) {
		return n, nil
	}
	count, err := h.Blocked(ctx)
	if count > 0 {
		n = site.Notice{Tone: shown.Warn, What: shown.Link{Text: several(count, "throttled login"), URL: auditPath + "?action__exact=" + string(audit.LoginFailed)}, Help: "Accounts or addresses with too many failed attempts in the last minutes."}
	}
	return n, err
}

// people shows how many users there are and how many were created, compared with
// the period before.
func (h home) people(ctx context.Context, actor access.Actor) (p site.Panel, err error) {
	now := h.Now()
	found, err := h.Users.Statistics(ctx, actor, comparedDays, now.Location())
	if err != nil {
		return p, err
	}
	l := lang.From(ctx)
	p = site.Panel{Title: "Users", Wide: true, More: shown.Link{Text: "All users", URL: usersPath}, Facts: []site.Fact{
		{Label: "All", Value: l.Number(found.Total), URL: usersPath},
		{Label: "Active", Value: l.Number(found.Active), URL: usersPath + "?is_active__exact=1"},
	}}
	for _, period := range []struct {
		label, before string
		days          int
	}{{"New today", "yesterday", 1}, {"New in 7 days", "in the 7 days before", 7}, {"New in 30 days", "in the 30 days before", 30}} {
		p.Facts = append(p.Facts, newIn(found.Days, period.days, period.label, period.before))
	}
	c := chart.Chart{Label: l.T("New users per day"), First: l.LongDay(found.Days[comparedDays/2].Date), Last: l.T("today")}
	for _, d := range found.Days[comparedDays/2:] {
		c.Points = append(c.Points, chart.Point{Label: l.LongDay(d.Date), N: d.Created})
	}
	p.Charts = []chart.Chart{c}
	return p, nil
}

// upcoming shows the next runs of schedules, and the last backup.
func (h home) upcoming(ctx context.Context, actor access.Actor) (site.Panel, error) {
	p, err := overview{h.Tasks, h.Schedules, h.Now}.upcoming(ctx, actor)
	if err != nil {
		return p, err
	}
	last, err := h.LastBackup(ctx)
	fact := site.Fact{Label: "Last backup", Value: "none", URL: tasksOf("kind", "backup")}
	if !last.IsZero() {
		fact.Value = last
	}
	p.Facts = append(p.Facts, fact)
	return p, err
}

// newIn returns the number of users of the last days and of as many days before.
func newIn(all []user.Day, days int, label, before string) site.Fact {
	last, earlier := all[len(all)-days:], all[len(all)-2*days:len(all)-days]
	from, middle, end := earlier[0].Date, last[0].Date, all[len(all)-1].Date.AddDate(0, 0, 1)
	return site.Fact{
		Label: label, Value: pagination.Grouped(sumOf(last)), URL: createdBetween(middle, end),
		Before: shown.Link{Text: pagination.Grouped(sumOf(earlier)) + " " + before, URL: createdBetween(from, middle)},
	}
}

func sumOf(days []user.Day) (sum int64) {
	for _, d := range days {
		sum += d.Created
	}
	return sum
}

// createdBetween returns the address of the list of users who were created from one
// day to before another.
func createdBetween(from, before time.Time) string {
	return usersPath + "?" + url.Values{"created_at__gte": {from.Format(time.DateOnly)}, "created_at__lt": {before.Format(time.DateOnly)}}.Encode()
}

// mailings shows the newest mailings, those that have not ended first.
func (h home) mailings(ctx context.Context, actor access.Actor) (p site.Panel, err error) {
	p = site.Panel{Title: "Mailings", More: shown.Link{Text: "All mailings", URL: mailingsPath}}
	p.Table = &site.Table{Columns: []string{"Mailing", "State", "Progress"}, Empty: "No mailings yet."}
	newest, err := h.Tasks.List(ctx, actor, task.Filter{Kind: job.MailingKind}, 0, maxExamined)
	if err != nil {
		return p, err
	}
	slices.SortStableFunc(newest, func(a, b task.Task) int { return order(a.State.IsFinal()) - order(b.State.IsFinal()) })
	for i := range newest[:min(len(newest), shownMailings)] {
		t := &newest[i]
		counts, err := h.Mailings.Counts(ctx, actor, t)
		if err != nil {
			return p, err
		}
		p.Table.Rows = append(p.Table.Rows, []any{mailingLink(t), stateBadge(t), progressText(t, counts, h.Now())})
	}
	return p, nil
}

func order(last bool) int {
	if last {
		return 1
	}
	return 0
}

// changes shows the newest changes by everyone, without logins.
func (h home) changes(ctx context.Context, actor access.Actor) (p site.Panel, err error) {
	rows, err := h.Trail.List(ctx, actor, audit.Filter{}, 0, maxExamined)
	table := &site.Table{Columns: []string{"What", "Change", "Who", "When"}, Empty: "Nothing was changed yet."}
	for i := range rows {
		r := &rows[i]
		if len(table.Rows) == shownChanges {
			break
		}
		if r.Action == audit.Login || r.Action == audit.Logout || r.Action == audit.LoginFailed {
			continue
		}
		entry := shown.Link{Text: string(r.Action), URL: fmt.Sprintf("%s%d/change/", auditPath, r.ID)}
		table.Rows = append(table.Rows, []any{shown.Object{Kind: r.Object.Type, ID: r.Object.ID, Name: r.Object.Name}, entry, r.Actor, r.At})
	}
	return site.Panel{Title: "Recent changes", Table: table, More: shown.Link{Text: "All changes", URL: auditPath}}, err
}

// several returns "1 failed task" or "1,234 failed tasks".
func several(n int64, noun string) string { return pagination.Grouped(n) + " " + phrase.Noun(n, noun) }
