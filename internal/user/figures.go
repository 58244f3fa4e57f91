package user

import (
	"context"
	"time"

	"roster/internal/access"
)

const (
	maxDays = 366
	// figuresFor is how long figures are good for where the storage cannot tell
	// whether anything changed.
	figuresFor = 10 * time.Second
	// maxKeptFigures bounds for how many zones and numbers of days figures are kept.
	maxKeptFigures = 16
)

// Day is how many of the users there are were created on a day.
type Day struct {
	Date    time.Time // the first moment of the day, midnight as a rule, in the zone asked for
	Created int64
}

// Figures are the numbers of users.
type Figures struct {
	Total, Active int64
	Days          []Day // the oldest first, the last is today; never changed
}

// Figures returns the numbers of users now, and by the day of their creation
// for that many days (1 to 366) in a zone, UTC when nil. Where the storage
// cannot tell whether anything changed they may be ten seconds old. Of several
// callers at once one makes the storage count.
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

// count makes the storage count. limits are the days' and the end of the last.
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

// figuresKey tells apart what is asked for. A zone's name alone does not, as
// anybody may call a zone as they like.
type figuresKey struct {
	zone       string
	first, end int64
}

// figuresCache keeps figures. Whoever uses kept holds the token of turn.
type figuresCache struct {
	turn chan struct{}
	kept map[figuresKey]keptFigures
}

func newFiguresCache() *figuresCache {
	return &figuresCache{make(chan struct{}, 1), map[figuresKey]keptFigures{}}
}

// keep keeps figures, and forgets all others when there are many.
func (c *figuresCache) keep(key figuresKey, f keptFigures) {
	if len(c.kept) >= maxKeptFigures {
		clear(c.kept)
	}
	c.kept[key] = f
}

// keptFigures are figures with the storage's version, if known, before they
// were counted, and the time then.
type keptFigures struct {
	Figures

	version uint64
	known   bool
	at      time.Time
}

// holds reports whether the figures are good for that version and time.
func (k keptFigures) holds(version uint64, known bool, now time.Time) bool {
	if known || k.known {
		return known == k.known && version == k.version
	}
	age := now.Sub(k.at)
	return age >= 0 && age < figuresFor
}

// daysUntil returns the first moments of the last n days in the zone, today's
// the last, and that of tomorrow.
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

// startOfDay returns the first moment in the zone of a day, given by its
// midnight in UTC. Where clocks are put forward over midnight that is the
// moment after; where midnight comes twice it is the first.
func startOfDay(midnight time.Time, zone *time.Location) time.Time {
	t := midnight.Add(-48 * time.Hour).In(zone) // before it in every zone
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
