package user

import (
	"context"
	"sync"
	"time"

	"roster/internal/query"
)

// Tally is how many users match a query, by whether they are active.
type Tally struct {
	Active, Inactive int64
	More             bool // counting stopped at the limit
}

// Of returns how many of the counted users match a choice.
func (t Tally) Of(c query.Choice) int64 {
	switch c {
	case query.OnlyTrue:
		return t.Active
	case query.OnlyFalse:
		return t.Inactive
	case query.Either:
	}
	return t.Active + t.Inactive
}

const (
	// quick is the maximum duration of an uncached count of all users.
	quick = 20 * time.Millisecond
	// A slower count is cached for keptTimes its duration, so that counting takes at
	// most 1 % of the time, but no longer than maxKept.
	keptTimes = 100
	maxKept   = time.Minute
)

// tallyAll counts all users, or returns a cached count if counting is slow.
func (u *Users) tallyAll(ctx context.Context) (Tally, error) {
	start := u.now()
	if t, ok := u.tally.at(start); ok {
		return t, nil
	}
	total, err := u.store.CountUsers(ctx, Query{})
	if err != nil {
		return Tally{}, err
	}
	active, err := u.store.CountActiveUsers(ctx)
	if err != nil {
		return Tally{}, err
	}
	// Users may have been deleted between the two counts.
	t := Tally{Active: active, Inactive: max(0, total-active)}
	u.tally.keep(t, start, u.now().Sub(start))
	return t, nil
}

// keptTally caches the last slow count. It is safe for concurrent use.
type keptTally struct {
	mu          sync.Mutex
	tally       Tally
	from, until time.Time
}

// at returns the cached count, if it is valid at that time.
func (k *keptTally) at(now time.Time) (t Tally, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.tally, !now.Before(k.from) && now.Before(k.until)
}

// keep caches a count that started at that time, if it was slow.
func (k *keptTally) keep(t Tally, start time.Time, took time.Duration) {
	if took < quick {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tally, k.from, k.until = t, start, start.Add(min(keptTimes*took, maxKept))
}
