package httpkit

import "sync"

// Bodies limits the memory of all request bodies together, so that many large
// ones cannot exhaust the server. One client may have half of it. It is safe for
// concurrent use; nil has no limit.
type Bodies struct {
	limit   int64           // bytes
	pressed func(many bool) // called when bodies begin or cease to take a quarter of it

	mu      sync.Mutex
	taken   int64
	many    bool
	clients map[string]int64
}

// newBodies returns a Bodies, nil for a limit of 0.
func newBodies(limit int64, pressed func(many bool)) *Bodies {
	if limit == 0 {
		return nil
	}
	if pressed == nil {
		pressed = func(bool) {}
	}
	return &Bodies{limit: limit, pressed: pressed, clients: map[string]int64{}}
}

// take takes room for n bytes of a client, and reports whether there is any.
func (b *Bodies) take(client string, n int64) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.taken+n > b.limit || b.clients[client]+n > b.limit/2 {
		return false
	}
	b.taken += n
	b.clients[client] += n
	b.press()
	return true
}

// give gives back the room for n bytes of a client.
func (b *Bodies) give(client string, n int64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken -= n
	if b.clients[client] -= n; b.clients[client] == 0 {
		delete(b.clients, client)
	}
	b.press()
}

func (b *Bodies) press() {
	if many := b.taken > b.limit/4; many != b.many {
		b.many = many
		b.pressed(many)
	}
}
