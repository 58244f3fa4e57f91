package shown_test

import (
	"encoding/json"
	"math"
	"testing"

	"roster/internal/admin/site/shown"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		p       shown.Progress
		text    string
		percent int64
	}{
		{shown.Progress{}, "", 0},
		{shown.Progress{Done: 1200}, "1,200", 0},
		{shown.Progress{Done: 3, Total: 10}, "3 of 10", 30},
		{shown.Progress{Done: 1000, Total: 1000}, "1,000 of 1,000", 100},
		{shown.Progress{Done: 11, Total: 10}, "11 of 10", 100},
		{shown.Progress{Done: -1, Total: 10}, "-1 of 10", 0},
	} {
		if text, percent := tt.p.Text(), tt.p.Percent(); text != tt.text || percent != tt.percent {
			t.Errorf("%+v: got %q, %d, want %q, %d", tt.p, text, percent, tt.text, tt.percent)
		}
	}
}

// TestMarshal shows that files have the text alone.
func TestMarshal(t *testing.T) {
	t.Parallel()
	values := map[string]any{
		`"dead"`:       shown.Badge{Text: "dead", Tone: shown.Bad},
		`"1 of 2"`:     shown.Progress{Done: 1, Total: 2},
		`"ada"`:        shown.Object{Kind: "user", ID: 7, Name: "ada"},
		`"hourly"`:     shown.Link{Text: "hourly", URL: "/admin/"},
		`"{\"a\": 1}"`: shown.Code(`{"a": 1}`),
		`"Runs"`:       shown.Chart{Label: "Runs"},
	}
	for want, value := range values {
		if got, err := json.Marshal(value); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

func TestChart_Draw(t *testing.T) {
	t.Parallel()
	d := shown.Chart{Points: []shown.Point{{"Mon", 0, 0}, {"Tue", 2000, 500}, {"Wed", 1, 1}, {"Thu", 1000, 0}}}.Draw()
	if d.Width != 38 || d.Height != 100 || d.Highest != "2,000" || d.Total != "3,001" || len(d.Bars) != 4 {
		t.Fatalf("got %+v", d)
	}
	for i, want := range []shown.Bar{
		{X: 0, Y: 98, Width: 8, Height: 2, Empty: true, Title: "Mon: 0"},
		{X: 10, Y: 0, Width: 8, Height: 100, BadY: 75, BadHeight: 25, Title: "Tue: 2,000, 500 failed"},
		{X: 20, Y: 96, Width: 8, Height: 4, BadY: 96, BadHeight: 4, Title: "Wed: 1, 1 failed"},
		{X: 30, Y: 50, Width: 8, Height: 50, Last: true, Title: "Thu: 1,000"},
	} {
		if d.Bars[i] != want {
			t.Errorf("bar %d: got %+v, want %+v", i, d.Bars[i], want)
		}
	}
	if none := (shown.Chart{}).Draw(); none.Width != 0 || none.Total != "0" {
		t.Errorf("no points: got %+v", none)
	}
	if huge := (shown.Chart{Points: []shown.Point{{N: math.MaxInt64}}}).Draw(); huge.Bars[0].Height != 100 {
		t.Errorf("a huge number: got %+v", huge.Bars[0])
	}
}
