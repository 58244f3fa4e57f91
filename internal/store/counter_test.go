package store_test

import (
	"testing"
	"time"

	"roster/internal/auth"
	"roster/internal/store/storetest"
)

// Counters that have reached their limit and have not ended are counted by kind, up to
// a number.
func TestCountBlocked(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
			rate := auth.Rate{Limit: 2, Window: time.Minute}
			for key, uses := range map[string]int{"account:a": 2, "account:b": 2, "account:c": 1, "address:192.0.2.1": 2} {
				for range uses {
					if _, err := s.Take(t.Context(), now, auth.Use{Key: key, Rate: rate}); err != nil {
						t.Fatal(err)
					}
				}
			}
			if _, err := s.Take(t.Context(), now, auth.Use{Key: "account:d", Rate: auth.Rate{Limit: 1, Window: time.Hour}}); err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				prefix string
				at     time.Time
				most   int64
				want   int64
			}{{"account:", now, 10, 2}, {"account:", now, 1, 1}, {"address:", now, 10, 1}, {"account:", now.Add(time.Minute), 10, 0}} {
				if got, err := s.CountBlocked(t.Context(), c.at, auth.Use{Key: c.prefix, Rate: rate}, c.most); err != nil || got != c.want {
					t.Errorf("%+v: got %d, %v", c, got, err)
				}
			}
		})
	}
}
