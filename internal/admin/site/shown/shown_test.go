package shown_test

import (
	"encoding/json"
	"testing"
	"time"

	"roster/internal/admin/site/shown"
	"roster/internal/httpkit/chart"
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
		`"dead"`:   shown.Badge{Text: "dead", Tone: shown.Bad},
		`"1 of 2"`: shown.Progress{Done: 1, Total: 2},
		`"ada"`:    shown.Object{Kind: "user", ID: 7, Name: "ada"},
		`"2026-11-24T02:30:00Z"`: shown.Moment{
			At: time.Date(2026, 11, 24, 3, 30, 0, 0, time.FixedZone("east", 3600)), In: time.UTC,
		},
		`"hourly"`:     shown.Link{Text: "hourly", URL: "/admin/"},
		`"{\"a\": 1}"`: shown.Code(`{"a": 1}`),
		`"Runs"`:       chart.Chart{Label: "Runs"},
	}
	for want, value := range values {
		if got, err := json.Marshal(value); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}
