package chart_test

import (
	"math"
	"testing"

	"roster/internal/httpkit/chart"
	"roster/internal/lang"
)

func TestDraw(t *testing.T) {
	t.Parallel()
	d := chart.Chart{Points: []chart.Point{{"Mon", 0, 0}, {"Tue", 2000, 500}, {"Wed", 1, 1}, {"Thu", 1000, 0}}}.Draw(lang.English)
	if d.Width != 38 || d.Height != 100 || d.Highest != "2,000" || d.Total != "3,001" || len(d.Bars) != 4 {
		t.Fatalf("got %+v", d)
	}
	for i, want := range []chart.Bar{
		{X: 0, Y: 98, Width: 8, Height: 2, Empty: true, Title: "Mon: 0"},
		{X: 10, Y: 0, Width: 8, Height: 100, BadY: 75, BadHeight: 25, Title: "Tue: 2,000, 500 failed"},
		{X: 20, Y: 96, Width: 8, Height: 4, BadY: 96, BadHeight: 4, Title: "Wed: 1, 1 failed"},
		{X: 30, Y: 50, Width: 8, Height: 50, Last: true, Title: "Thu: 1,000"},
	} {
		if d.Bars[i] != want {
			t.Errorf("bar %d: got %+v, want %+v", i, d.Bars[i], want)
		}
	}
	if none := (chart.Chart{}).Draw(lang.English); none.Width != 0 || none.Total != "0" {
		t.Errorf("no points: got %+v", none)
	}
	if huge := (chart.Chart{Points: []chart.Point{{N: math.MaxInt64}}}).Draw(lang.English); huge.Bars[0].Height != 100 {
		t.Errorf("a huge number: got %+v", huge.Bars[0])
	}
}
