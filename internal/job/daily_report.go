package job

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/task"
	"roster/internal/user"
)

const (
	dailyReport = "generate_daily_report"
	trendDays   = 30
)

// Report is a daily report.
type Report struct {
	Day      string     `json:"day"` // 2006-01-02 in the configured zone
	Total    int64      `json:"total"`
	Active   int64      `json:"active"`
	Inactive int64      `json:"inactive"`
	New      int64      `json:"new"` // created on that day
	Trend    []DayCount `json:"trend"`
}

// DayCount is the number of existing users created on a day.
type DayCount struct {
	Day string `json:"day"`
	New int64  `json:"new"`
}

// Counter counts users; *user.Users does.
type Counter interface {
	// Statistics returns user counts by day; see user.Users.
	Statistics(ctx context.Context, actor access.Actor, days int, zone *time.Location) (user.Statistics, error)
}

// Reports stores reports.
type Reports interface {
	Deliveries
	// SaveReport stores a report, replacing one of the same day.
	SaveReport(ctx context.Context, r Report, at time.Time) error
}

// ReportArgs are the arguments of generate_daily_report.
type ReportArgs struct {
	Recipients []string `json:"recipients"` // mail recipients; the report is stored in any case
}

// Needs implements task.Guarded.
func (a ReportArgs) Needs() []access.Permission {
	if len(a.Recipients) > 0 {
		return []access.Permission{access.ViewUser, access.MailUser}
	}
	return []access.Permission{access.ViewUser}
}

// Check implements task.Checker.
func (a ReportArgs) Check() error { return checkRecipients(a.Recipients) }

// DailyReport returns the kind generate_daily_report, which counts the users,
// stores the report, and mails it.
func DailyReport(users Counter, reports Reports, mailer Mailer, zone *time.Location, now func() time.Time) task.Kind {
	k := task.Kind{
		Name: dailyReport, Version: 1, MaxAttempts: 8, Backoff: 30 * time.Second, Mailing: true,
		Summary: "Counts the users, stores the report, and mails it.", Example: `{"recipients": []}`,
	}
	return task.Define(k,
		func(ctx context.Context, job *task.Job, args ReportArgs) (any, error) {
			statistics, err := users.Statistics(ctx, system(dailyReport), trendDays, zone)
			if err != nil {
				return nil, err
			}
			r := newReport(statistics)
			if err := reports.SaveReport(ctx, r, now().UTC().Truncate(time.Microsecond)); err != nil {
				return nil, err
			}
			return r, mailing{deliveries: reports, now: now, job: job}.sendEach(ctx, args.Recipients, func(id, to string) error { return mailer.SendReport(ctx, id, to, r) })
		})
}

func newReport(f user.Statistics) Report {
	r := Report{Total: f.Total, Active: f.Active, Inactive: f.Total - f.Active}
	for _, day := range f.Days {
		r.Day, r.New = day.Date.Format(time.DateOnly), day.Created
		r.Trend = append(r.Trend, DayCount{Day: r.Day, New: r.New})
	}
	return r
}
