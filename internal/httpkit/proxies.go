package httpkit

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies lists the networks whose X-Forwarded-Proto, X-Forwarded-Host and
// X-Forwarded-For headers are trusted. From other peers they are ignored.
type Proxies []netip.Prefix

// trusts reports whether the peer of the connection is one of the proxies, or
// connects through a Unix socket, which only a proxy on this machine can.
func (p Proxies) trusts(remoteAddr string) bool {
	if isLocalSocket(remoteAddr) {
		return true
	}
	if len(p) == 0 {
		return false
	}
	peer, err := netip.ParseAddrPort(remoteAddr)
	return err == nil && p.contains(peer.Addr())
}

func (p Proxies) contains(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(address) })
}

// describe returns the client, the scheme and the host of a request.
func (p Proxies) describe(r *http.Request) Request {
	info := Request{Scheme: "http", Host: r.Host, Client: peerOf(r.RemoteAddr)}
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && r.Host == "" {
		info.Host = local.String() // HTTP/1.0 has none; Django takes the server's own name
	}
	if r.TLS != nil {
		info.Scheme = "https"
	}
	if !p.trusts(r.RemoteAddr) {
		return info
	}
	info.Proxied = true
	if id := lastValue(r.Header["X-Request-Id"]); validID(id) {
		info.ID = id
	}
	if proto := strings.ToLower(lastValue(r.Header["X-Forwarded-Proto"])); proto == "http" || proto == "https" {
		info.Scheme = proto
	}
	if host := lastValue(r.Header["X-Forwarded-Host"]); host != "" {
		info.Host = host
	}
	info.Client = p.clientOf(info.Client, r.Header.Values("X-Forwarded-For"))
	return info
}

// clientOf returns the last address that is not a trusted proxy. Each proxy
// appends the address of its peer; entries before the first untrusted address
// may be forged.
func (p Proxies) clientOf(peer string, forwarded []string) string {
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			return peer
		}
		if peer = hop.Unmap().WithZone("").String(); !p.contains(hop) {
			return peer
		}
	}
	return peer
}

// parseHop returns the address of an item of X-Forwarded-For. Some proxies add
// the port, put IPv6 addresses in brackets, or quote them as in RFC 7239.
func parseHop(item string) (netip.Addr, bool) {
	item = strings.TrimSpace(item)
	if len(item) > 1 && item[0] == '"' && item[len(item)-1] == '"' {
		item = item[1 : len(item)-1]
	}
	if address, err := netip.ParseAddrPort(item); err == nil {
		return address.Addr(), true
	}
	if inner, ok := strings.CutPrefix(item, "["); ok {
		if inner, ok = strings.CutSuffix(inner, "]"); !ok || !strings.Contains(inner, ":") {
			return netip.Addr{}, false
		}
		item = inner
	}
	address, err := netip.ParseAddr(item)
	return address, err == nil
}

// maxID is the maximum length of a request's id in bytes.
const maxID = 64

// validID reports whether the id that a proxy gave to a request can stand in logs.
func validID(id string) bool {
	return id != "" && len(id) <= maxID && all(id, func(c byte) bool { return isNameByte(c) || c == '_' })
}

// isLocalSocket reports whether an address is that of the client of a Unix socket,
// which mostly has no name.
func isLocalSocket(remoteAddr string) bool {
	return remoteAddr == "" || remoteAddr[0] == '@' || remoteAddr[0] == '/'
}

// peerOf returns the address of "address:port", without brackets and zone; "" for a
// Unix socket.
func peerOf(remoteAddr string) string {
	if isLocalSocket(remoteAddr) {
		return ""
	}
	end := strings.LastIndexByte(remoteAddr, ':')
	if end < 0 {
		return remoteAddr
	}
	host, _, _ := strings.Cut(strings.Trim(remoteAddr[:end], "[]"), "%")
	return strings.TrimPrefix(host, "::ffff:")
}

// lastValue returns the value that the nearest proxy appended.
func lastValue(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	line := lines[len(lines)-1]
	return strings.TrimSpace(line[strings.LastIndexByte(line, ',')+1:])
}
