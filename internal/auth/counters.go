package auth

import (
	"context"
	"hash/maphash"
	"sync"
	"time"
)

// Use is one use of a counted key.
type Use struct {
	Key  string
	Rate Rate
}

// Counters count uses in fixed windows: the first use of a key opens a window
// of Rate.Window, in which Rate.Limit uses are allowed; the first use after it
// opens the next. A burst is therefore limited exactly, but across two adjacent
// windows, twice the limit is possible within one window length. (A leaky
// bucket has the same worst case, and admits further uses during the window; a
// log of every use is exact, but grows with the attack.)
//
// Implementations are safe for concurrent use, and each method is atomic.
type Counters interface {
	// Take counts one use of every key, or none if any of them has reached its
	// limit. Then wait is the time until all have capacity, otherwise 0.
	Take(ctx context.Context, now time.Time, uses ...Use) (wait time.Duration, err error)
	// GiveBack reverts uses counted by Take at that time, if their window is
	// still open.
	GiveBack(ctx context.Context, taken time.Time, uses ...Use) error
}

// MemoryCounters are Counters of one process. Their size is fixed, 2 MiB per
// Rate, and nothing is evicted, so a counter cannot be removed by filling the
// memory: a secret hash distributes keys over 65,536 windows, and colliding
// keys share one. If 1,000 accounts fail at a time, a login shares a window
// with one of them in 1.5 % of cases, and is rejected only if they fail
// together more often than the limit.
type MemoryCounters struct {
	mu     sync.Mutex
	hash   func(key string) uint64
	tables map[Rate][]window
}

const windows = 1 << 16

// window is a period in which uses are counted.
type window struct {
	start time.Time
	used  int // 0: closed
}

// NewMemoryCounters returns empty Counters.
func NewMemoryCounters() *MemoryCounters {
	seed := maphash.MakeSeed()
	return &MemoryCounters{
		hash:   func(key string) uint64 { return maphash.String(seed, key) },
		tables: map[Rate][]window{},
	}
}

// Take implements Counters; it never fails.
func (c *MemoryCounters) Take(_ context.Context, now time.Time, uses ...Use) (time.Duration, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var wait time.Duration
	for _, u := range uses {
		w := c.window(u)
		if w.used == 0 || now.Sub(w.start) >= u.Rate.Window {
			*w = window{start: now}
		}
		if w.used >= u.Rate.Limit {
			wait = max(wait, w.start.Add(u.Rate.Window).Sub(now))
		}
	}
	if wait > 0 {
		return wait, nil
	}
	for _, u := range uses {
		c.window(u).used++
	}
	return 0, nil
}

// GiveBack implements Counters; it never fails.
func (c *MemoryCounters) GiveBack(_ context.Context, taken time.Time, uses ...Use) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range uses {
		if w := c.window(u); w.used > 0 && !taken.Before(w.start) {
			w.used--
		}
	}
	return nil
}

// window returns the window of a key.
func (c *MemoryCounters) window(u Use) *window {
	table, ok := c.tables[u.Rate]
	if !ok {
		table = make([]window, windows)
		c.tables[u.Rate] = table
	}
	return &table[c.hash(u.Key)%windows]
}
