package user

import (
	"context"
	"sync"
	"time"

	"roster/internal/query"
)

// Counts is how many users match a query, by whether they are active.
type Counts struct {
	Active, Inactive int64
	More             bool // counting stopped at the limit
}

// Of returns how many of the counted users match a choice.
func (t Counts) Of(c query.Choice) int64 {
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

// countAll counts all users, or returns a cached count if counting is slow.
func (u *Users) countAll(ctx context.Context) (Counts, error) {
	start := u.now()
	if t, ok := u.slow.at(start); ok {
		return t, nil
	}
	total, err := u.store.CountUsers(ctx, Query{})
	if err != nil {
		return Counts{}, err
	}
	active, err := u.store.CountActiveUsers(ctx)
	if err != nil {
		return Counts{}, err
	}
	// Users may have been deleted between the two counts.
	t := Counts{Active: active, Inactive: max(0, total-active)}
	u.slow.keep(t, start, u.now().Sub(start))
	return t, nil
}

// slowCount caches the last slow count. It is safe for concurrent use.
type slowCount struct {
	mu          sync.Mutex
	counts      Counts
	from, until time.Time
}

// at returns the cached count, if it is valid at that time.
func (k *slowCount) at(now time.Time) (t Counts, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.counts, !now.Before(k.from) && now.Before(k.until)
}

// keep caches a count that started at that time, if it was slow.
func (k *slowCount) keep(t Counts, start time.Time, took time.Duration) {
	if took < quick {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.counts, k.from, k.until = t, start, start.Add(min(keptTimes*took, maxKept))
}
