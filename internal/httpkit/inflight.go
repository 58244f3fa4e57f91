package httpkit

import (
	"net/http"
	"sync"
)

// inFlight counts the requests in progress of clients behind trusted proxies, whose
// connections are the proxies'. It is safe for concurrent use.
type inFlight struct {
	most int // of one client

	mu      sync.Mutex
	clients map[string]int
}

// limitClients refuses requests of a client that has too many in progress behind a
// proxy: as many as the connections of a client without one.
func (s Stack) limitClients(next http.Handler) http.Handler {
	f := &inFlight{most: maxConnections / ofOneClient, clients: map[string]int{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !RequestOf(r).Proxied {
			next.ServeHTTP(w, r)
			return
		}
		client := network(r)
		if !f.enter(client) {
			w.Header()["Retry-After"] = []string{"1"}
			s.Failed(w, r, http.StatusTooManyRequests)
			return
		}
		defer f.leave(client)
		next.ServeHTTP(w, r)
	})
}

func (f *inFlight) enter(client string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.clients[client] >= f.most {
		return false
	}
	f.clients[client]++
	return true
}

func (f *inFlight) leave(client string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.clients[client]--; f.clients[client] == 0 {
		delete(f.clients, client)
	}
}
