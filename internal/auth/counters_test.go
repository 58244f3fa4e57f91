package auth_test

import (
	"fmt"
	"testing"
	"time"

	"roster/internal/auth"
)

// TestMemoryCounters_Flood: 200,000 other keys, three times as many as there
// are windows, do not make the counters forget one.
func TestMemoryCounters_Flood(t *testing.T) {
	t.Parallel()
	counters, now := auth.NewMemoryCounters(), newClock().Now()
	rate := auth.Rate{Limit: 3, Window: time.Hour}
	take := func(key string) time.Duration {
		wait, err := counters.Take(t.Context(), now, auth.Use{Key: key, Rate: rate})
		if err != nil {
			t.Fatal(err)
		}
		return wait
	}
	for take("victim") == 0 {
	}
	for i := range 200_000 {
		take(fmt.Sprint("flood", i))
	}
	if take("victim") == 0 {
		t.Error("got another use after the flood, want none")
	}
}

// TestMemoryCounters_AllOrNone: a use that one key refuses is counted for none.
func TestMemoryCounters_AllOrNone(t *testing.T) {
	t.Parallel()
	counters, now := auth.NewSteadyCounters(), newClock().Now()
	narrow := auth.Use{Key: "narrow", Rate: auth.Rate{Limit: 1, Window: time.Minute}}
	wide := auth.Use{Key: "wide", Rate: auth.Rate{Limit: 2, Window: time.Hour}}
	steps := []struct {
		uses []auth.Use
		want time.Duration
	}{
		{[]auth.Use{narrow, wide}, 0},
		{[]auth.Use{narrow, wide}, time.Minute},
		{[]auth.Use{wide, narrow}, time.Minute},
		{[]auth.Use{wide}, 0},
		{[]auth.Use{wide}, time.Hour},
		{[]auth.Use{narrow, wide}, time.Hour}, // the longer of the two
	}
	for i, step := range steps {
		if wait, err := counters.Take(t.Context(), now, step.uses...); wait != step.want || err != nil {
			t.Errorf("step %d: got %v, %v, want %v", i, wait, err, step.want)
		}
	}
}

// TestMemoryCounters_WindowOpensWithFirstUse: a use that was given back leaves no window behind.
func TestMemoryCounters_WindowOpensWithFirstUse(t *testing.T) {
	t.Parallel()
	counters, now := auth.NewSteadyCounters(), newClock().Now()
	use := auth.Use{Key: "key", Rate: auth.Rate{Limit: 1, Window: time.Minute}}
	for range 2 { // the second is one too many, and takes nothing below zero
		if _, err := counters.Take(t.Context(), now, use); err != nil {
			t.Fatal(err)
		}
		if err := counters.GiveBack(t.Context(), now, use); err != nil {
			t.Fatal(err)
		}
	}
	later := now.Add(50 * time.Second)
	for i, want := range []time.Duration{0, time.Minute} {
		if wait, err := counters.Take(t.Context(), later, use); wait != want || err != nil {
			t.Errorf("use %d: got %v, %v, want %v", i, wait, err, want)
		}
	}
}

func BenchmarkMemoryCounters(b *testing.B) {
	counters, now := auth.NewSteadyCounters(), newClock().Now()
	use := auth.Use{Key: "account:0123456789abcdef", Rate: auth.Rate{Limit: 1 << 30, Window: time.Minute}}
	for b.Loop() {
		if wait, err := counters.Take(b.Context(), now, use, use); wait != 0 || err != nil {
			b.Fatal(wait, err)
		}
	}
}
