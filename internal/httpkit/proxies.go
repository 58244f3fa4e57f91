package httpkit

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks whose X-Forwarded-Proto and X-Forwarded-Host are
// believed. From anywhere else these headers are ignored.
type Proxies []netip.Prefix

// trusts reports whether the peer of the connection is one of the proxies.
func (p Proxies) trusts(remoteAddr string) bool {
	if len(p) == 0 {
		return false
	}
	peer, err := netip.ParseAddrPort(remoteAddr)
	if err != nil {
		return false
	}
	for _, network := range p {
		if network.Contains(peer.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// describe says who the client wanted to reach, and how.
func (p Proxies) describe(r *http.Request) Request {
	info := Request{Scheme: "http", Host: r.Host}
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && r.Host == "" {
		info.Host = local.String() // HTTP/1.0 has none; Django takes the server's own name
	}
	if r.TLS != nil {
		info.Scheme = "https"
	}
	if !p.trusts(r.RemoteAddr) {
		return info
	}
	if proto := lastValue(r.Header.Get("X-Forwarded-Proto")); proto == "http" || proto == "https" {
		info.Scheme = proto
	}
	if host := lastValue(r.Header.Get("X-Forwarded-Host")); host != "" {
		info.Host = host
	}
	return info
}

// lastValue is the value that the nearest proxy wrote.
func lastValue(header string) string {
	return strings.TrimSpace(header[strings.LastIndexByte(header, ',')+1:])
}
