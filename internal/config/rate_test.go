package config_test

import (
	"strings"
	"testing"
	"time"

	"roster/internal/config"
)

func TestParseRate(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	tests := []struct {
		text string
		want config.Rate
	}{
		{"10/5min", config.Rate{Limit: 10, Window: 5 * time.Minute}},
		{"10/min", config.Rate{Limit: 10, Window: time.Minute}},
		{"10/m", config.Rate{Limit: 10, Window: time.Minute}},
		{"100/day", config.Rate{Limit: 100, Window: day}},
		{"5/hour", config.Rate{Limit: 5, Window: time.Hour}},
		{"1/s", config.Rate{Limit: 1, Window: time.Second}},
		{"3/90seconds", config.Rate{Limit: 3, Window: 90 * time.Second}},
		{"1000000/366d", config.Rate{Limit: 1_000_000, Window: 366 * day}},
	}
	for _, tt := range tests {
		if got, err := config.ParseRate(tt.text); got != tt.want || err != nil {
			t.Errorf("%s: got %v, %v, want %v", tt.text, got, err, tt.want)
		}
	}
}

func TestParseRate_Refused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "/", "10", "10/", "/min", "0/min", "-1/min", "+1/min", "1.5/min", "10/0min", "10/-5min", "10/5", "10/month", "10/week", "10/MIN",
		"10 / min", "10/min/min", "1000001/min", "10/367d", "10/1000001s", "10/99999999999999999999s", "99999999999999999999/s", "١٠/min", "off",
	} {
		got, err := config.ParseRate(text)
		if err == nil || !strings.Contains(err.Error(), "10/5min") {
			t.Errorf("%q: got %v, %v, want an error that gives an example", text, got, err)
		}
	}
}

func TestRate_String(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10/5min": "10/5min", "10/60s": "10/min", "10/1440m": "10/day", "10/90s": "10/90s", "7/36h": "7/36hour", "1/1s": "1/s",
	} {
		rate, err := config.ParseRate(text)
		if err != nil || rate.String() != want {
			t.Errorf("%s: got %s, %v, want %s", text, rate, err, want)
		}
	}
}

// FuzzParseRate: what is read is within the bounds, and reads back as it is written.
func FuzzParseRate(f *testing.F) {
	for _, seed := range []string{"10/5min", "100/day", "1/s", "0/s", "1/0s", "1/366day", "x", "1/1m1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rate, err := config.ParseRate(text)
		if err != nil {
			return
		}
		if rate.Limit < 1 || rate.Window < time.Second || rate.Window%time.Second != 0 {
			t.Errorf("%q: got %d in %v", text, rate.Limit, rate.Window)
		}
		if back, err := config.ParseRate(rate.String()); back != rate || err != nil {
			t.Errorf("%q is written as %q, which reads back as %v, %v", text, rate, back, err)
		}
	})
}
