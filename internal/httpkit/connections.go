package httpkit

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"roster/internal/lifecycle"
)

const (
	maxConnections = 4096
	// spareFiles are the open files that connections leave for databases and logs.
	spareFiles = 256
	// ofOneClient is the part of the connections that one client may have.
	ofOneClient = 4
)

// connections is a listener that limits the connections that are open at once, in
// total and of one client. At a limit the oldest idle connection is closed for a new
// one. Without an idle one, new connections wait in the queue of the listener, and
// those of a client at its own limit are closed. Trusted proxies and Unix sockets
// have no limit of their own. It is safe for concurrent use.
type connections struct {
	net.Listener

	limit   int
	proxies Proxies

	mu      sync.Mutex
	room    sync.Cond // a connection was closed, has become idle, or has its first request
	open    int
	silent  int // those that had no request yet
	clients map[string]int
	idle    list.List // of *connection: those without a request, the oldest first
	closed  bool
}

// connection is an open connection.
type connection struct {
	net.Conn

	all    *connections
	client string        // "": has no limit of its own
	idle   *list.Element // nil while a request is handled
	spoke  atomic.Bool   // it had a request
	once   sync.Once
}

type connectionKey struct{}

// withConnection is the hook ConnContext of http.Server.
func withConnection(ctx context.Context, raw net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, raw)
}

// speak notes that the connection of a request has one.
func speak(r *http.Request) {
	if conn, ok := r.Context().Value(connectionKey{}).(*connection); ok && !conn.spoke.Swap(true) {
		conn.all.mu.Lock()
		conn.all.spoken()
		conn.all.mu.Unlock()
	}
}

// mostConnections returns how many connections may be open at once: fewer than 4096
// where the process may open fewer files.
func mostConnections() int {
	files := lifecycle.OpenFiles()
	if files == 0 {
		return maxConnections
	}
	return max(min(maxConnections, files-spareFiles), min(maxConnections, files/2), 1)
}

func newConnections(l net.Listener, limit int, proxies Proxies) *connections {
	c := &connections{Listener: l, limit: limit, proxies: proxies, clients: map[string]int{}}
	c.room.L = &c.mu
	return c
}

// Accept returns the next connection within the limits.
func (c *connections) Accept() (net.Conn, error) {
	for {
		raw, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if conn := c.admit(raw); conn != nil {
			return conn, nil
		}
		_ = raw.Close()
	}
}

// Close closes the listener, and lets Accept return.
func (c *connections) Close() error {
	c.mu.Lock()
	c.closed = true
	c.room.Broadcast()
	c.mu.Unlock()
	return c.Listener.Close()
}

// admit adds a connection once there is room for it; nil if it is refused.
func (c *connections) admit(raw net.Conn) *connection {
	conn := &connection{Conn: raw, all: c, client: c.clientOf(raw)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if conn.client != "" && c.clients[conn.client] >= max(c.limit/ofOneClient, 1) && !c.evict(conn.client) {
		return nil
	}
	for c.open >= c.limit && !c.evict("") {
		if c.closed {
			return nil
		}
		c.room.Wait()
	}
	c.open++
	c.silent++
	c.clients[conn.client]++
	conn.idle = c.idle.PushBack(conn)
	return conn
}

// clientOf returns the network address by which a client is counted.
func (c *connections) clientOf(conn net.Conn) string {
	peer := conn.RemoteAddr().String()
	if c.proxies.trusts(peer) {
		return ""
	}
	return networkOf(peerOf(peer))
}

// evict closes the oldest idle connection, or that of a client, and reports whether
// there was one.
func (c *connections) evict(client string) bool {
	for e := c.idle.Front(); e != nil; e = e.Next() {
		if conn, ok := e.Value.(*connection); ok && (client == "" || conn.client == client) {
			c.forget(conn)
			go func() { _ = conn.Conn.Close() }() // without the lock
			return true
		}
	}
	return false
}

// forget no longer counts a connection.
func (c *connections) forget(conn *connection) {
	conn.once.Do(func() {
		c.busy(conn)
		if !conn.spoke.Swap(true) {
			c.spoken()
		}
		c.open--
		if c.clients[conn.client]--; c.clients[conn.client] == 0 {
			delete(c.clients, conn.client)
		}
		c.room.Signal()
	})
}

// spoken counts a connection that has its first request, or is closed without one.
func (c *connections) spoken() {
	c.silent--
	c.room.Broadcast()
}

// awaitRequests waits until every connection had a request, or ctx is done.
func (c *connections) awaitRequests(ctx context.Context) {
	defer context.AfterFunc(ctx, func() {
		c.mu.Lock()
		c.room.Broadcast()
		c.mu.Unlock()
	})()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.silent > 0 && ctx.Err() == nil {
		c.room.Wait()
	}
}

// busy takes a connection off the idle ones.
func (c *connections) busy(conn *connection) {
	if conn.idle != nil {
		c.idle.Remove(conn.idle)
		conn.idle = nil
	}
}

// changed is the hook ConnState of http.Server.
func (c *connections) changed(raw net.Conn, state http.ConnState) {
	conn, ok := raw.(*connection)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateActive:
		c.busy(conn)
	case http.StateIdle:
		if conn.idle == nil {
			conn.idle = c.idle.PushBack(conn)
			c.room.Signal()
		}
	}
}

// Close closes the connection.
func (c *connection) Close() error {
	c.all.mu.Lock()
	c.all.forget(c)
	c.all.mu.Unlock()
	return c.Conn.Close()
}
