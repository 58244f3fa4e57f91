package auth

import (
	"context"
	"hash/maphash"
	"sync"
	"time"
)

// Use is one use of something that is counted.
type Use struct {
	Key  string
	Rate Rate
}

// Counters count uses in fixed windows: the first use of a key opens a window
// of Rate.Window, in which Rate.Limit uses are allowed; the first use after it
// opens the next. So a burst gets exactly the limit until the window is over,
// and in the worst case two windows touch and give twice the limit within one's
// length. (A leaky bucket has the same worst case, and would let tries trickle
// in while a window refuses them; a log of every use is exact, and as large as an
// attacker likes.)
//
// Implementations are safe for concurrent use, and each method is one atomic step.
type Counters interface {
	// Take counts one use of every key, or none when any of them has reached its
	// limit: then wait is the time until all have room, otherwise it is 0.
	Take(ctx context.Context, now time.Time, uses ...Use) (wait time.Duration, err error)
	// GiveBack takes back what Take counted at that time, where its window is still open.
	GiveBack(ctx context.Context, taken time.Time, uses ...Use) error
}

// MemoryCounters are Counters of one process. Their size is fixed, 2 MiB for
// each Rate that is used, and nothing is ever evicted to make room, so nobody
// gets rid of a counter by filling the memory: keys are spread over 65,536
// windows by a secret hash, and those that meet share one. With 1,000 accounts
// failing at a time, a login shares a window with one of them in 1.5 % of cases,
// and is refused only when they fail together more often than the limit.
type MemoryCounters struct {
	mu     sync.Mutex
	hash   func(key string) uint64
	tables map[Rate][]window
}

const windows = 1 << 16

// window is a time in which uses are counted.
type window struct {
	start time.Time
	used  int // 0: not open
}

// NewMemoryCounters returns Counters without a use.
func NewMemoryCounters() *MemoryCounters {
	seed := maphash.MakeSeed()
	return &MemoryCounters{
		hash:   func(key string) uint64 { return maphash.String(seed, key) },
		tables: map[Rate][]window{},
	}
}

// Take is that of Counters; it never fails.
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

// GiveBack is that of Counters; it never fails.
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

// window returns where uses of a key are counted.
func (c *MemoryCounters) window(u Use) *window {
	table, ok := c.tables[u.Rate]
	if !ok {
		table = make([]window, windows)
		c.tables[u.Rate] = table
	}
	return &table[c.hash(u.Key)%windows]
}
