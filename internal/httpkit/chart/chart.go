// Package chart computes the geometry of bar charts, which templates draw as SVG.
package chart

import "roster/internal/lang"

// Chart is a bar chart of numbers over time.
type Chart struct {
	Label       string // of the numbers: "New users per day"
	Points      []Point
	First, Last string // the labels of the ends
}

// Point is a bar of a chart.
type Point struct {
	Label string // "25 October"
	N     int64
	Bad   int64 // the part of N that failed
}

// MarshalText returns the label, for exports.
func (c Chart) MarshalText() ([]byte, error) { return []byte(c.Label), nil }

// The dimensions of the chart, in its own units.
const (
	barStep   = 10
	barWidth  = 8
	barHeight = 100
	barStub   = 2 // height for zero, so that every bar is visible
)

// Drawing is the geometry of a chart.
type Drawing struct {
	Chart
	Width, Height int
	Highest       string // the number of the highest bar
	Total         string
	Bars          []Bar
}

// Bar is a bar of a drawing. The part that failed is at the bottom.
type Bar struct {
	X, Y, Width, Height int
	BadY, BadHeight     int
	Empty, Last         bool
	Title               string
}

// Draw returns the geometry of a chart, with texts in a language. The highest bar has the full height.
func (c Chart) Draw(l *lang.Language) Drawing {
	d := Drawing{Chart: c, Width: max(0, len(c.Points)*barStep-(barStep-barWidth)), Height: barHeight}
	highest, total := int64(0), int64(0)
	for _, p := range c.Points {
		highest = max(highest, p.N)
		total += p.N
	}
	d.Highest, d.Total = l.Number(highest), l.Number(total)
	for i, p := range c.Points {
		d.Bars = append(d.Bars, p.bar(l, i, highest, i == len(c.Points)-1))
	}
	return d
}

func (p Point) bar(l *lang.Language, place int, highest int64, last bool) Bar {
	b := Bar{X: place * barStep, Width: barWidth, Height: scaled(p.N, highest), Empty: p.N == 0, Last: last, Title: l.T("%s: %s", p.Label, p.N)}
	b.Y = barHeight - b.Height
	if p.Bad > 0 {
		b.BadHeight = min(b.Height, scaled(p.Bad, highest))
		b.BadY = barHeight - b.BadHeight
		b.Title = l.T("%s: %s, %s failed", p.Label, p.N, p.Bad)
	}
	return b
}

// scaled returns the height of a bar, for n > 0 higher than barStub.
func scaled(n, highest int64) int {
	if n <= 0 || highest <= 0 {
		return barStub
	}
	return max(2*barStub, int(float64(n)*barHeight/float64(highest)))
}
