package web

import (
	"context"
	"fmt"
	"time"

	"roster/internal/access"
	"roster/internal/httpkit/pagination"
	"roster/internal/user"
)

// chartDays is the number of days in the chart, including today.
const chartDays = 30

// The dimensions of the chart, in its own units.
const (
	barStep   = 10
	barWidth  = 8
	barHeight = 100
	barStub   = 2 // height for a day without new users, so that every day is visible
)

// figuresView has the statistics of the welcome page.
type figuresView struct {
	Available     bool // false if the database did not answer
	Total, Active string
	Today         string
	Bars          []bar
	Width, Height int
	Highest       string // the scale of the chart
	First, Last   string // the days at its ends
	Summary       string // the chart in words
}

// bar is one day of the chart.
type bar struct {
	X, Y, Width, Height int
	Empty, Today        bool
	Day, Created        string
}

// figures loads the statistics. On failure the page says so and is shown without
// them.
func (p *Pages) figures(ctx context.Context, actor access.Actor) figuresView {
	found, err := p.Users.Figures(ctx, actor, chartDays, p.Zone)
	if err != nil || len(found.Days) == 0 {
		p.Log.WarnContext(ctx, "statistics unavailable", "cause", err)
		return figuresView{}
	}
	return newFiguresView(found)
}

func newFiguresView(found user.Figures) figuresView {
	days := found.Days
	last := len(days) - 1
	top := user.Day{Created: 0}
	sum := int64(0)
	for _, d := range days {
		sum += d.Created
		if d.Created > top.Created {
			top = d
		}
	}
	v := figuresView{
		Available: true,
		Total:     pagination.Grouped(found.Total), Active: pagination.Grouped(found.Active), Today: pagination.Grouped(days[last].Created),
		Width: len(days)*barStep - (barStep - barWidth), Height: barHeight, Highest: pagination.Grouped(top.Created),
		First: shortDay(days[0].Date), Last: "today",
		Summary: fmt.Sprintf("No new users in the last %d days.", len(days)),
	}
	if sum > 0 {
		v.Summary = fmt.Sprintf("%s new in %d days; the busiest was %s with %s.", pagination.Grouped(sum), len(days), longDay(top.Date), pagination.Grouped(top.Created))
	}
	for i, d := range days {
		v.Bars = append(v.Bars, newBar(i, d, top.Created, i == last))
	}
	return v
}

func newBar(place int, d user.Day, highest int64, today bool) bar {
	height := barStub
	if d.Created > 0 {
		height = max(2*barStub, int(d.Created*barHeight/highest))
	}
	return bar{
		X: place * barStep, Y: barHeight - height, Width: barWidth, Height: height,
		Empty: d.Created == 0, Today: today, Day: longDay(d.Date), Created: pagination.Grouped(d.Created),
	}
}

func shortDay(t time.Time) string { return t.Format("2 Jan") }
func longDay(t time.Time) string  { return t.Format("2 January") }
