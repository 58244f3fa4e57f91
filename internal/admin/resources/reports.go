package resources

import (
	"context"
	"fmt"
	"time"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/httpkit"
	"roster/internal/httpkit/chart"
	"roster/internal/job"
)

// reportKind is the kind of task that creates reports.
const reportKind = "generate_daily_report"

// nightly fills in the form of a schedule that creates a report each night. A
// report covers the day on which it is created, so it runs at the end of the day.
var nightly = site.Preset{Values: map[string]string{
	"name": "Daily report", "task": reportKind, "type": daily, "on.time": "23:55",
}}

// runReport fills in the form of a task that creates a report.
var runReport = site.Preset{Values: map[string]string{"kind": reportKind, "arguments": "{\n  \"recipients\": []\n}"}}

// Reports returns the resource of daily reports. IDs are days, such as 20261127.
func Reports(kept *job.KeptReports) site.Resource {
	return site.Resource{
		Model: access.Model{App: "tasks", Name: "report"}, Guarded: access.Users, App: backgroundWork,
		One: "daily report", Many: "daily reports", Icon: "reports", Source: reportsSource{kept},
		Columns: []site.Column{
			{Name: "day", Label: "Day"}, {Name: "total", Label: "Users"}, {Name: "active", Label: "Active"},
			{Name: "inactive", Label: "Inactive"}, {Name: "new", Label: "New"}, {Name: "at", Label: "Created"},
		},
		Origin: site.Origin{
			Text: "The task " + reportKind + " counts the users and makes a report. Run it now, or let a schedule run it each night.",
			Ways: []site.Way{
				{Label: "Run it now", URL: tasksPath + "add/" + runReport.URL(), Needs: access.Schedules.Add()},
				{Label: "Add a schedule", URL: schedulesPath + "add/" + nightly.URL(), Needs: access.Schedules.Add()},
			},
		},
		Fieldsets: []site.Fieldset{
			{Title: "Users", Fields: readables([][2]string{{"total", "Total"}, {"active", "Active"}, {"inactive", "Inactive"}, {"new", "New that day"}, {"at", "Created"}})},
			{Title: "The last 30 days", Fields: readables([][2]string{{"trend", "New users"}})},
		},
	}
}

// reportsSource is the site.Source of reports.
type reportsSource struct{ kept *job.KeptReports }

// List returns reports, the newest day first.
func (s reportsSource) List(ctx context.Context, actor access.Actor, asked site.Query) (page site.Page, err error) {
	if page.Total.N, err = s.kept.Count(ctx, actor); err != nil {
		return page, err
	}
	found, err := s.kept.List(ctx, actor, asked.Offset, asked.Limit)
	for _, r := range found {
		page.Records = append(page.Records, reportRecord(r))
	}
	return page, err
}

// Find returns the report of a day.
func (s reportsSource) Find(ctx context.Context, actor access.Actor, id int64) (site.Record, error) {
	r, err := s.kept.Find(ctx, actor, fmt.Sprintf("%04d-%02d-%02d", id/10000, id/100%100, id%100))
	if err != nil {
		return site.Record{}, err
	}
	return reportRecord(r), nil
}

func reportRecord(r job.KeptReport) site.Record {
	day, err := time.Parse(time.DateOnly, r.Day)
	written := r.Day
	if err == nil {
		written = day.Format(httpkit.DayLayout)
	}
	year, month, number := day.Date()
	trend := chart.Chart{Label: "New users per day"}
	for i, p := range r.Trend {
		label := p.Day
		if at, err := time.Parse(time.DateOnly, p.Day); err == nil {
			label = at.Format("2 January")
		}
		if i == 0 {
			trend.First = label
		}
		trend.Last = label
		trend.Points = append(trend.Points, chart.Point{Label: label, N: p.New})
	}
	return site.Record{ID: int64(year*10000 + int(month)*100 + number), Name: "Report of " + written, Values: map[string]any{
		"day": written, "total": r.Total, "active": r.Active, "inactive": r.Inactive, "new": r.New, "at": r.At, "trend": trend,
	}}
}
