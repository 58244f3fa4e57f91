package e2e_test

import (
	"net"
	"net/http"
	"testing"
)

// TestHTTP_IdleConnections: a client that keeps more idle connections than the
// server takes shuts no one out.
func TestHTTP_IdleConnections(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	for range 4100 {
		conn, err := dialer.DialContext(t.Context(), "tcp", s.address())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	if got := sendFrom(t, s, 3, get("/api/users/")); got != http.StatusOK {
		t.Errorf("another client: got %d, want 200", got)
	}
	if got := sendFrom(t, s, 2, get("/api/users/")); got != http.StatusOK {
		t.Errorf("the same client: got %d, want 200", got)
	}
}
