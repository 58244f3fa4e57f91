package user

import (
	"context"
	"time"

	"roster/internal/access"
)

const (
	maxDays = 366
	// figuresFor is how long cached figures are valid if the storage cannot
	// detect changes.
	figuresFor = 10 * time.Second
	// maxKeptFigures limits the number of cached combinations of time zone and
	// number of days.
	maxKeptFigures = 16
)

// Day is the number of existing users created on a day.
type Day struct {
	Date    time.Time // start of the day, usually midnight, in the requested zone
	Created int64
}

// Figures are statistics about users.
type Figures struct {
	Total, Active int64
	Days          []Day // oldest first, the last is today; read-only
}

// Figures returns the current user counts, and the number of users created on
// each of the last days (1 to 366) in a time zone, UTC if nil. If the storage
// cannot detect changes, they may be ten seconds old. Concurrent callers share
// one count.
func (u *Users) Figures(ctx context.Context, actor access.Actor, days int, zone *time.Location) (Figures, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return Figures{}, err
	}
	now := u.now()
	limits := daysUntil(now, min(max(days, 1), maxDays), zone)
	key := figuresKey{limits[0].Location().String(), limits[0].Unix(), limits[len(limits)-1].Unix()}
	select {
	case u.figures.turn <- struct{}{}:
		defer func() { <-u.figures.turn }()
	case <-ctx.Done():
		return Figures{}, ctx.Err()
	}
	version, known := u.store.Version(ctx)
	if kept, ok := u.figures.kept[key]; ok && kept.holds(version, known, now) {
		return kept.Figures, nil
	}
	f, err := u.count(ctx, limits)
	if err == nil {
		u.figures.keep(key, keptFigures{f, version, known, now})
	}
	return f, err
}

// count counts in the storage. limits are the starts of the days and the end of
// the last.
func (u *Users) count(ctx context.Context, limits []time.Time) (f Figures, err error) {
	if f.Total, err = u.store.CountUsers(ctx, Query{}); err != nil {
		return Figures{}, err
	}
	if f.Active, err = u.store.CountActiveUsers(ctx); err != nil {
		return Figures{}, err
	}
	created, err := u.store.CountCreated(ctx, limits)
	if err != nil {
		return Figures{}, err
	}
	for i, n := range created {
		f.Days = append(f.Days, Day{limits[i], n})
	}
	return f, nil
}

// figuresKey identifies a request. The name of a zone is not enough, because it
// is not unique.
type figuresKey struct {
	zone       string
	first, end int64
}

// figuresCache caches figures. Holding the token of turn protects kept.
type figuresCache struct {
	turn chan struct{}
	kept map[figuresKey]keptFigures
}

func newFiguresCache() *figuresCache {
	return &figuresCache{make(chan struct{}, 1), map[figuresKey]keptFigures{}}
}

// keep caches figures, and clears the cache when it is full.
func (c *figuresCache) keep(key figuresKey, f keptFigures) {
	if len(c.kept) >= maxKeptFigures {
		clear(c.kept)
	}
	c.kept[key] = f
}

// keptFigures are cached figures with the storage's version, if known, and the
// time, both from before the count.
type keptFigures struct {
	Figures

	version uint64
	known   bool
	at      time.Time
}

// holds reports whether the figures are valid for that version and time.
func (k keptFigures) holds(version uint64, known bool, now time.Time) bool {
	if known || k.known {
		return known == k.known && version == k.version
	}
	age := now.Sub(k.at)
	return age >= 0 && age < figuresFor
}

// daysUntil returns the starts of the last n days in the zone, up to today, and
// that of tomorrow.
func daysUntil(now time.Time, n int, zone *time.Location) []time.Time {
	if zone == nil {
		zone = time.UTC
	}
	year, month, day := now.In(zone).Date()
	limits := make([]time.Time, n+1)
	for i := range limits {
		limits[i] = startOfDay(time.Date(year, month, day+1-n+i, 0, 0, 0, 0, time.UTC), zone)
	}
	return limits
}

// startOfDay returns the start of a day in the zone, given its midnight in UTC.
// If clocks skip midnight, that is the time after the jump; if midnight occurs
// twice, it is the first.
func startOfDay(midnight time.Time, zone *time.Location) time.Time {
	t := midnight.Add(-48 * time.Hour).In(zone) // earlier in every zone
	for {
		_, offset := t.Zone()
		start := midnight.Add(-time.Duration(offset) * time.Second).In(zone)
		_, end := t.ZoneBounds()
		switch {
		case !end.IsZero() && !start.Before(end):
			t = end
		case start.Before(t):
			return t
		default:
			return start
		}
	}
}
