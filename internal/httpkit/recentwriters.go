package httpkit

import (
	"hash/maphash"
	"maps"
	"sync"
	"time"
)

// maxRecentWriters bounds how many clients are remembered apart.
const maxRecentWriters = 10_000

// recentWriters remembers who has written, for a while. When they are too many
// to be told apart, everybody counts as one who has.
type recentWriters struct {
	window time.Duration
	seed   maphash.Seed

	mu     sync.Mutex
	byKey  map[uint64]*writer
	others writer // those beyond maxRecentWriters, taken together
}

// writer is a client that writes or has written.
type writer struct {
	open  int       // requests under way
	until time.Time // it counts until then, and while any is under way
}

func (w *writer) counts(now time.Time) bool { return w.open > 0 || now.Before(w.until) }

func newRecentWriters(window time.Duration) *recentWriters {
	return &recentWriters{window: window, seed: maphash.MakeSeed(), byKey: make(map[uint64]*writer)}
}

// key returns a short name for a client. Nobody can choose two names alike, and
// if they were, the one would be read for with more care than needed.
func (rw *recentWriters) key(kind, name string) uint64 {
	return maphash.String(rw.seed, kind+" "+name)
}

// begin notes that a client begins to write; it has written when end is called.
func (rw *recentWriters) begin(key uint64) (end func()) {
	rw.mu.Lock()
	defer rw.mu.Unlock()
	w := rw.writer(key)
	w.open++
	return func() {
		rw.mu.Lock()
		defer rw.mu.Unlock()
		w.open--
		w.until = time.Now().Add(rw.window)
	}
}

// writer returns the client's entry, a new one where there is room.
func (rw *recentWriters) writer(key uint64) *writer {
	if w := rw.byKey[key]; w != nil {
		return w
	}
	if len(rw.byKey) >= maxRecentWriters {
		now := time.Now()
		maps.DeleteFunc(rw.byKey, func(_ uint64, w *writer) bool { return !w.counts(now) })
	}
	if len(rw.byKey) >= maxRecentWriters {
		return &rw.others
	}
	w := new(writer)
	rw.byKey[key] = w
	return w
}

// has reports whether the client writes, or has written a moment ago.
func (rw *recentWriters) has(key uint64) bool {
	rw.mu.Lock()
	defer rw.mu.Unlock()
	now := time.Now()
	w := rw.byKey[key]
	return w != nil && w.counts(now) || rw.others.counts(now)
}
