package mail

import (
	"context"
	"net"
	"net/netip"
)

// FullName is fullName of a machine with that host name.
func FullName(ctx context.Context, hostname string, r resolver) string {
	return fullName(ctx, func() (string, error) { return hostname, nil }, r)
}

// Render returns a message as it is sent, with local line endings.
func Render(c Composer, m Message) (string, error) {
	composed, err := c.compose(m)
	if err != nil {
		return "", err
	}
	return string(readable(composed.text)), nil
}

// AddressLiteral is addressLiteral.
func AddressLiteral(address string) string {
	return addressLiteral(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address)))
}

// Kept returns the number of idle connections.
func Kept(s *SMTP) int {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	return len(s.pool.kept)
}
