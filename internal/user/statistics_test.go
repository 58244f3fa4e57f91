package user_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// counting is a store that counts how often days are counted, and that can be
// unable to detect changes.
type counting struct {
	user.Store

	blind bool
	times atomic.Int64
	err   error
}

func (c *counting) CountCreated(ctx context.Context, limits []time.Time) ([]int64, error) {
	c.times.Add(1)
	if c.err != nil {
		return nil, c.err
	}
	return c.Store.CountCreated(ctx, limits)
}

func (c *counting) Version(ctx context.Context) (uint64, bool) {
	if c.blind {
		return 0, false
	}
	return c.Store.Version(ctx)
}

// newCounted returns the service on an empty store that counts.
func newCounted(t *testing.T, now func() time.Time) (*user.Users, *counting) {
	t.Helper()
	db := storetest.OpenSQLite(t)
	c := &counting{Store: db}
	return user.NewUsers(c, now, slog.New(slog.DiscardHandler)), c
}

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// createAt adds a user at that time.
func createAt(t *testing.T, s user.Store, name string, at time.Time) {
	t.Helper()
	u := user.User{Username: name, Email: name, IsActive: name[0] != 'x', CreatedAt: at.UTC(), UpdatedAt: at.UTC()}
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		_, err := tx.InsertUser(u)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStatistics_DaysOfAZone(t *testing.T) {
	t.Parallel()
	zone := zoneOf(t, "Asia/Kolkata") // UTC+05:30
	now := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	users, db := newCounted(t, func() time.Time { return now })
	midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, zone)
	for name, at := range map[string]time.Time{
		"today":     midnight,
		"today2":    midnight.Add(24*time.Hour - time.Microsecond),
		"x tomorow": midnight.Add(24 * time.Hour),
		"yesterday": midnight.Add(-time.Microsecond),
		"first":     midnight.Add(-48 * time.Hour),
		"x before":  midnight.Add(-48*time.Hour - time.Microsecond),
	} {
		createAt(t, db, name, at)
	}
	got, err := users.Statistics(t.Context(), everybody, 3, zone)
	if err != nil || got.Total != 6 || got.Active != 4 {
		t.Fatalf("got %+v, %v, want 6 users, 4 of them active", got, err)
	}
	want := []user.Day{{midnight.AddDate(0, 0, -2), 1}, {midnight.AddDate(0, 0, -1), 1}, {midnight, 2}}
	if !slices.Equal(got.Days, want) {
		t.Errorf("got days %v, want %v", got.Days, want)
	}
	if utc, err := users.Statistics(t.Context(), everybody, 1, nil); err != nil || len(utc.Days) != 1 || utc.Days[0].Created != 2 {
		t.Errorf("UTC: got %+v, %v, want the two of 23 November", utc, err)
	}
}

// Clocks are changed at midnight in some zones: a day then begins at another
// hour, or its midnight comes twice. Each day begins where the one before ends.
func TestStatistics_DaylightSaving(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		zone, now string   // noon of a day
		want      []string // the first moments of the days until then, in UTC
	}{
		{"Europe/Berlin", "2026-03-30T10:00:00Z", []string{"2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"}},
		{"Europe/Berlin", "2026-10-26T11:00:00Z", []string{"2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"}},
		{"America/Santiago", "2026-09-06T15:00:00Z", []string{"2026-09-04T04:00:00Z", "2026-09-05T04:00:00Z", "2026-09-06T04:00:00Z"}},
		{"America/Havana", "2026-11-02T17:00:00Z", []string{"2026-10-31T04:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"}},
		{"Pacific/Apia", "2011-12-31T00:00:00Z", []string{"2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"}},
	} {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		users, _ := newCounted(t, func() time.Time { return now })
		got, err := users.Statistics(t.Context(), everybody, 3, zoneOf(t, tt.zone))
		if err != nil {
			t.Fatal(err)
		}
		for i, day := range got.Days {
			if start := day.Date.UTC().Format(time.RFC3339); start != tt.want[i] {
				t.Errorf("%s, day %d: got %s, want %s", tt.zone, i, start, tt.want[i])
			}
		}
	}
}

func TestStatistics_Bounds(t *testing.T) {
	t.Parallel()
	users, db := newCounted(t, newClock().now)
	for asked, want := range map[int]int{-1: 1, 0: 1, 30: 30, 366: 366, 1 << 40: 366} {
		if got, err := users.Statistics(t.Context(), everybody, asked, nil); err != nil || len(got.Days) != want {
			t.Errorf("%d: got %d days, %v, want %d", asked, len(got.Days), err, want)
		}
	}
	if _, err := users.Statistics(t.Context(), access.Actor{}, 30, nil); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("anonymous: got %v", err)
	}
	db.err = fault.New(fault.Unavailable, "Busy.")
	if _, err := users.Statistics(t.Context(), everybody, 7, nil); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a failing store: got %v", err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := users.Statistics(done, everybody, 8, nil); err == nil {
		t.Error("got an answer for a caller who has gone")
	}
}

// Statistics are kept while nothing was committed, and never longer than today.
func TestStatistics_KeptByVersion(t *testing.T) {
	t.Parallel()
	c := &clock{at: time.Date(2026, 11, 23, 23, 0, 0, 0, time.UTC), still: true}
	users, db := newCounted(t, c.now)
	wantCounted := func(when string, times, today int64) {
		t.Helper()
		got, err := users.Statistics(t.Context(), everybody, 30, time.UTC)
		if err != nil || db.times.Load() != times || got.Days[29].Created != today {
			t.Errorf("%s: got %d today, counted %d times, %v; want %d and %d", when, got.Days[29].Created, db.times.Load(), err, today, times)
		}
	}
	wantCounted("at first", 1, 0)
	wantCounted("again", 1, 0)
	mustCreate(t, users, "first")
	wantCounted("after a commit", 2, 1)
	c.at = c.at.Add(59 * time.Minute)
	wantCounted("an hour later", 2, 1)
	c.at = c.at.Add(time.Minute)
	wantCounted("at midnight", 3, 0)
	if _, err := users.Statistics(t.Context(), everybody, 30, zoneOf(t, "Asia/Tokyo")); err != nil || db.times.Load() != 4 {
		t.Errorf("another zone: counted %d times, %v, want 4", db.times.Load(), err)
	}
	wantCounted("after another zone", 4, 0)
}

// A storage that cannot detect changes is asked again after ten seconds.
func TestStatistics_KeptForSomeTime(t *testing.T) {
	t.Parallel()
	c := &clock{at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), still: true}
	users, db := newCounted(t, c.now)
	db.blind = true
	for _, step := range []struct {
		after time.Duration
		times int64
	}{{0, 1}, {9 * time.Second, 1}, {time.Second, 2}, {time.Second, 2}, {-time.Minute, 3}} {
		c.at = c.at.Add(step.after)
		if _, err := users.Statistics(t.Context(), everybody, 30, nil); err != nil || db.times.Load() != step.times {
			t.Errorf("after %v: counted %d times, %v, want %d", step.after, db.times.Load(), err, step.times)
		}
	}
}

// Many zones are asked for in turn; those that are kept stay few.
func TestStatistics_ManyZones(t *testing.T) {
	t.Parallel()
	c := &clock{at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), still: true}
	users, db := newCounted(t, c.now)
	for range 2 {
		for i := range 100 { // all of one name
			if _, err := users.Statistics(t.Context(), everybody, 30, time.FixedZone("here", i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := db.times.Load(); got != 200 {
		t.Errorf("counted %d times, want 200: no more than 16 are kept", got)
	}
}

func TestStatistics_OneCounts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	users, db := newCounted(t, func() time.Time { return now })
	db.blind = true
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			if got, err := users.Statistics(t.Context(), everybody, 30, nil); err != nil || len(got.Days) != 30 {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	callers.Wait()
	if got := db.times.Load(); got != 1 {
		t.Errorf("counted %d times, want once", got)
	}
}
