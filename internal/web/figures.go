package web

import (
	"context"

	"roster/internal/access"
	"roster/internal/httpkit/chart"
	"roster/internal/lang"
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
	return newFiguresView(lang.From(ctx), found)
}

func newFiguresView(l *lang.Language, found user.Statistics) figuresView {
	days := found.Days
	last := len(days) - 1
	top := user.Day{Created: 0}
	bars := chart.Chart{First: l.ShortDay(days[0].Date), Last: l.T("today")}
	for _, d := range days {
		bars.Points = append(bars.Points, chart.Point{Label: l.LongDay(d.Date), N: d.Created})
		if d.Created > top.Created {
			top = d
		}
	}
	v := figuresView{
		Available: true,
		Total:     l.Number(found.Total), Active: l.Number(found.Active), Today: l.Number(days[last].Created),
		Summary: l.N(int64(len(days)), "No new users in the last %s day.", "No new users in the last %s days."),
		Chart:   bars.Draw(l),
	}
	if top.Created > 0 {
		v.Summary = l.T("%s new in %s days; the busiest was %s with %s.", v.Chart.Total, len(days), l.LongDay(top.Date), v.Chart.Highest)
	}
	return v
}
