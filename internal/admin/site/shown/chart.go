package shown

import "roster/internal/httpkit/pagination"

// Chart shows numbers over time as bars.
type Chart struct {
	Label       string // what is counted: "New users per day"
	Points      []Point
	First, Last string // what stands below its ends
}

// Point is a bar of a chart, in up to two parts.
type Point struct {
	Label string // of a person's: "25 October"
	N     int64
	Bad   int64 // of N, what is shown as failed
}

// MarshalText returns what is counted, for files.
func (c Chart) MarshalText() ([]byte, error) { return []byte(c.Label), nil }

// The chart's own units: a bar's share of the width, and the height of the highest.
const (
	barStep   = 10
	barWidth  = 8
	barHeight = 100
	barStub   = 2 // what a bar of nothing shows, so that the bars can be counted
)

// Drawing is a chart as a picture.
type Drawing struct {
	Chart
	Width, Height int
	Highest       string // the number of the highest bar
	Total         string
	Bars          []Bar
}

// Bar is one bar of the picture. The part for what failed stands below the rest.
type Bar struct {
	X, Y, Width, Height int
	BadY, BadHeight     int
	Empty, Last         bool
	Title               string
}

// Draw returns the picture of a chart; the highest bar has its full height.
func (c Chart) Draw() Drawing {
	d := Drawing{Chart: c, Width: max(0, len(c.Points)*barStep-(barStep-barWidth)), Height: barHeight}
	highest, total := int64(0), int64(0)
	for _, p := range c.Points {
		highest = max(highest, p.N)
		total += p.N
	}
	d.Highest, d.Total = pagination.Grouped(highest), pagination.Grouped(total)
	for i, p := range c.Points {
		d.Bars = append(d.Bars, p.bar(i, highest, i == len(c.Points)-1))
	}
	return d
}

func (p Point) bar(place int, highest int64, last bool) Bar {
	b := Bar{X: place * barStep, Width: barWidth, Height: scaled(p.N, highest), Empty: p.N == 0, Last: last, Title: p.Label + ": " + pagination.Grouped(p.N)}
	b.Y = barHeight - b.Height
	if p.Bad > 0 {
		b.BadHeight = min(b.Height, scaled(p.Bad, highest))
		b.BadY = barHeight - b.BadHeight
		b.Title += ", " + pagination.Grouped(p.Bad) + " failed"
	}
	return b
}

// scaled returns the height of a bar; one of something is higher than one of nothing.
func scaled(n, highest int64) int {
	if n <= 0 || highest <= 0 {
		return barStub
	}
	return max(2*barStub, int(float64(n)/float64(highest)*barHeight))
}
