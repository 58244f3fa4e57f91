package auth

import (
	"sync"
	"time"
)

// How long a server uses a credential without looking it up again. A revoked one
// or a deactivated account is refused after that time on every server.
const (
	tokenKept = 500 * time.Millisecond
	maxKept   = 1000 // credentials
)

// recent keeps what was looked up, by the digest of the credential. It is safe for
// concurrent use.
type recent[T any] struct {
	mu   sync.Mutex
	kept map[string]lookup[T]
}

type lookup[T any] struct {
	value T
	until time.Time
}

// get returns what was looked up, unless it is outdated.
func (r *recent[T]) get(digest string, now time.Time) (T, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.kept[digest]
	return found.value, now.Before(found.until)
}

// put keeps a value until that time, and no more than maxKept.
func (r *recent[T]) put(digest string, value T, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil || len(r.kept) >= maxKept {
		r.kept = map[string]lookup[T]{}
	}
	r.kept[digest] = lookup[T]{value, until}
}

// Forget drops what is kept, so that this server acts on a change at once.
func (r *recent[T]) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = nil
}
