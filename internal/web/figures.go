package web

import (
	"context"
	"fmt"
	"time"

	"roster/internal/access"
	"roster/internal/httpkit/chart"
	"roster/internal/httpkit/pagination"
	"roster/internal/user"
)

// chartDays is the number of days in the chart, including today.
const chartDays = 30

// figuresView has the statistics of the welcome page.
type figuresView struct {
	Available     bool // false if the database did not answer
	Total, Active string
	Today         string
	Summary       string // the chart in words
	Chart         chart.Drawing
}

// figures loads the statistics. On failure the page says so and is shown without
// them.
func (p *Pages) figures(ctx context.Context, actor access.Actor) figuresView {
	found, err := p.Users.Statistics(ctx, actor, chartDays, p.Zone)
	if err != nil || len(found.Days) == 0 {
		p.Log.WarnContext(ctx, "statistics unavailable", "cause", err)
		return figuresView{}
	}
	return newFiguresView(found)
}

func newFiguresView(found user.Statistics) figuresView {
	days := found.Days
	last := len(days) - 1
	top := user.Day{Created: 0}
	bars := chart.Chart{First: shortDay(days[0].Date), Last: "today"}
	for _, d := range days {
		bars.Points = append(bars.Points, chart.Point{Label: longDay(d.Date), N: d.Created})
		if d.Created > top.Created {
			top = d
		}
	}
	v := figuresView{
		Available: true,
		Total:     pagination.Grouped(found.Total), Active: pagination.Grouped(found.Active), Today: pagination.Grouped(days[last].Created),
		Summary: fmt.Sprintf("No new users in the last %d days.", len(days)),
		Chart:   bars.Draw(),
	}
	if top.Created > 0 {
		v.Summary = fmt.Sprintf("%s new in %d days; the busiest was %s with %s.", v.Chart.Total, len(days), longDay(top.Date), v.Chart.Highest)
	}
	return v
}

func shortDay(t time.Time) string { return t.Format("2 Jan") }
func longDay(t time.Time) string  { return t.Format("2 January") }
