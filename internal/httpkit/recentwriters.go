package httpkit

import (
	"hash/maphash"
	"maps"
	"sync"
	"time"
)

// maxRecentWriters limits how many clients are remembered individually.
const maxRecentWriters = 10_000

// recentWriters remembers the clients that have written recently. Beyond
// maxRecentWriters it treats every client as one of them.
type recentWriters struct {
	window time.Duration
	seed   maphash.Seed

	mu     sync.Mutex
	byKey  map[uint64]*writer
	others writer // all clients beyond maxRecentWriters
}

// writer is a client that writes or has written.
type writer struct {
	open  int       // requests under way
	until time.Time // end of the window after the last request
}

func (w *writer) counts(now time.Time) bool { return w.open > 0 || now.Before(w.until) }

func newRecentWriters(window time.Duration) *recentWriters {
	return &recentWriters{window: window, seed: maphash.MakeSeed(), byKey: make(map[uint64]*writer)}
}

// key returns the key of a client. Collisions cannot be provoked, as the seed is
// random, and only send reads to the primary that need not go there.
func (rw *recentWriters) key(kind, name string) uint64 {
	return maphash.String(rw.seed, kind+" "+name)
}

// begin records that a client starts a write, end that it has finished.
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

// writer returns the entry of a client, and creates it if there is room.
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

// has reports whether the client is writing or has written recently.
func (rw *recentWriters) has(key uint64) bool {
	rw.mu.Lock()
	defer rw.mu.Unlock()
	now := time.Now()
	w := rw.byKey[key]
	return w != nil && w.counts(now) || rw.others.counts(now)
}
