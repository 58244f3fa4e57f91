package user

import (
	"context"
	"sync"
	"time"

	"roster/internal/query"
)

// Tally is how many users a query finds, apart by whether they are active.
type Tally struct {
	Active, Inactive int64
	More             bool // there are more: counting ended at its limit
}

// Of returns how many of the counted users a choice leaves.
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
	// quick is how long counting all users may take to be done for every list.
	quick = 20 * time.Millisecond
	// A slower count is kept for keptTimes as long as it took, so that lists are
	// a hundredth slower for it, but no longer than maxKept.
	keptTimes = 100
	maxKept   = time.Minute
)

// tallyAll counts all users, or returns what was counted before where that took long.
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
	// Between the two counts users may have been deleted.
	t := Tally{Active: active, Inactive: max(0, total-active)}
	u.tally.keep(t, start, u.now().Sub(start))
	return t, nil
}

// keptTally is the last count that took long. It is safe for concurrent use.
type keptTally struct {
	mu          sync.Mutex
	tally       Tally
	from, until time.Time
}

// at returns the count that is kept at that time.
func (k *keptTally) at(now time.Time) (t Tally, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.tally, !now.Before(k.from) && now.Before(k.until)
}

// keep keeps a count that began at that time, if it took long.
func (k *keptTally) keep(t Tally, start time.Time, took time.Duration) {
	if took < quick {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tally, k.from, k.until = t, start, start.Add(min(keptTimes*took, maxKept))
}
