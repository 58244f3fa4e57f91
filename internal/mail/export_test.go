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

// AddressLiteral is addressLiteral.
func AddressLiteral(address string) string {
	return addressLiteral(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address)))
}
