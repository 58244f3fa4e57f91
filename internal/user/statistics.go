package user

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/zone"
)

const (
	maxDays = 366
	// statisticsFor is how long cached statistics are valid if the storage cannot
	// detect changes.
	statisticsFor = 10 * time.Second
	// maxKeptStatistics limits the number of cached combinations of time zone and
	// number of days.
	maxKeptStatistics = 16
)

// Day is the number of existing users created on a day.
type Day struct {
	Date    time.Time // start of the day, usually midnight, in the requested zone
	Created int64
}

// Statistics are counts of users, in total and by day of creation.
type Statistics struct {
	Total, Active int64
	Days          []Day // oldest first, the last is today; read-only
}

// Statistics returns the current user counts, and the number of users created on
// each of the last days (1 to 366) in a time zone, UTC if nil. If the storage
// cannot detect changes, they may be ten seconds old. Concurrent callers share
// one count.
func (u *Users) Statistics(ctx context.Context, actor access.Actor, days int, zone *time.Location) (Statistics, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return Statistics{}, err
	}
	now := u.now()
	limits := daysUntil(now, min(max(days, 1), maxDays), zone)
	key := statisticsKey{limits[0].Location().String(), limits[0].Unix(), limits[len(limits)-1].Unix()}
	select {
	case u.statistics.turn <- struct{}{}:
		defer func() { <-u.statistics.turn }()
	case <-ctx.Done():
		return Statistics{}, ctx.Err()
	}
	version, known := u.store.Version(ctx)
	if kept, ok := u.statistics.kept[key]; ok && kept.holds(version, known, now) {
		return kept.Statistics, nil
	}
	f, err := u.count(ctx, limits)
	if err == nil {
		u.statistics.keep(key, keptStatistics{f, version, known, now})
	}
	return f, err
}

// count counts in the storage. limits are the starts of the days and the end of
// the last.
func (u *Users) count(ctx context.Context, limits []time.Time) (f Statistics, err error) {
	if f.Total, err = u.store.CountUsers(ctx, Query{}); err != nil {
		return Statistics{}, err
	}
	if f.Active, err = u.store.CountActiveUsers(ctx); err != nil {
		return Statistics{}, err
	}
	created, err := u.store.CountCreated(ctx, limits)
	if err != nil {
		return Statistics{}, err
	}
	for i, n := range created {
		f.Days = append(f.Days, Day{limits[i], n})
	}
	return f, nil
}

// statisticsKey identifies a request. The name of a zone is not enough, because it
// is not unique.
type statisticsKey struct {
	zone       string
	first, end int64
}

// statisticsCache caches statistics. Holding the token of turn protects kept.
type statisticsCache struct {
	turn chan struct{}
	kept map[statisticsKey]keptStatistics
}

func newStatisticsCache() *statisticsCache {
	return &statisticsCache{make(chan struct{}, 1), map[statisticsKey]keptStatistics{}}
}

// keep caches statistics, and clears the cache when it is full.
func (c *statisticsCache) keep(key statisticsKey, f keptStatistics) {
	if len(c.kept) >= maxKeptStatistics {
		clear(c.kept)
	}
	c.kept[key] = f
}

// keptStatistics are cached statistics with the storage's version, if known, and the
// time, both from before the count.
type keptStatistics struct {
	Statistics

	version uint64
	known   bool
	at      time.Time
}

// holds reports whether the statistics are valid for that version and time.
func (k keptStatistics) holds(version uint64, known bool, now time.Time) bool {
	if known || k.known {
		return known == k.known && version == k.version
	}
	age := now.Sub(k.at)
	return age >= 0 && age < statisticsFor
}

// daysUntil returns the starts of the last n days in the zone, up to today, and
// that of tomorrow.
func daysUntil(now time.Time, n int, in *time.Location) []time.Time {
	if in == nil {
		in = time.UTC
	}
	year, month, day := now.In(in).Date()
	limits := make([]time.Time, n+1)
	for i := range limits {
		limits[i] = zone.StartOfDay(year, month, day+1-n+i, in)
	}
	return limits
}
