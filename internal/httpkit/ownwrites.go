package httpkit

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// ownWriteCookie marks a client that has written, until it expires. A forged
// cookie does no harm: the client's reads go to the primary.
const ownWriteCookie = "roster_wrote"

// OwnWrites lets safe requests read from replicas, except those of a client that
// may have written recently. It recognizes such a client by a cookie, which other
// machines see as well, or, in this process, by its Authorization header or its
// network address. It is safe for concurrent use.
type OwnWrites struct {
	relax  func(context.Context) context.Context
	cookie string // the value of Set-Cookie, without Secure
	recent *recentWriters
}

// NewOwnWrites returns an OwnWrites. relax marks a context whose reads may lag.
// window, in whole seconds, is how long the reads of a client go to the primary
// after a write; it must be longer than replicas lag.
func NewOwnWrites(window time.Duration, relax func(context.Context) context.Context) *OwnWrites {
	return &OwnWrites{
		relax:  relax,
		cookie: ownWriteCookie + "=1; Path=/; Max-Age=" + strconv.Itoa(int(window.Seconds())) + "; HttpOnly; SameSite=Lax",
		recent: newRecentWriters(window),
	}
}

// Wrap returns a handler that marks the contexts of requests for next.
func (o *OwnWrites) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !isSafe(r.Method):
			o.write(w, r, next)
		case o.wrote(r):
			next.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r.WithContext(o.relax(r.Context())))
		}
	})
}

// write serves a request that may write. A failed request counts as well, because
// it may have been committed.
func (o *OwnWrites) write(w http.ResponseWriter, r *http.Request, next http.Handler) {
	cookie := o.cookie
	if RequestOf(r).Scheme == "https" {
		cookie += "; Secure"
	}
	w.Header().Add("Set-Cookie", cookie)
	for _, key := range o.marks(r) {
		defer o.recent.begin(key)()
	}
	next.ServeHTTP(w, r)
}

// wrote reports whether the client of a request may have written recently.
func (o *OwnWrites) wrote(r *http.Request) bool {
	if r.Header["Cookie"] != nil && len(r.CookiesNamed(ownWriteCookie)) > 0 {
		return true
	}
	return slices.ContainsFunc(o.traces(r), o.recent.has)
}

// How a client is recognized. Many clients may share an address, so a write with
// credentials does not concern readers with other credentials; a write without,
// such as a login, concerns every client at the address.
const (
	byCredentials = "credentials"
	byAddress     = "address"
	atAddress     = "address of one with credentials"
)

// marks returns the keys by which a client that writes is remembered.
func (o *OwnWrites) marks(r *http.Request) []uint64 {
	if credentials := r.Header.Get("Authorization"); credentials != "" {
		return []uint64{o.recent.key(byCredentials, credentials), o.recent.key(atAddress, network(r))}
	}
	return []uint64{o.recent.key(byAddress, network(r))}
}

// traces returns the keys by which a client that reads may be remembered.
func (o *OwnWrites) traces(r *http.Request) []uint64 {
	address := o.recent.key(byAddress, network(r))
	if credentials := r.Header.Get("Authorization"); credentials != "" {
		return []uint64{o.recent.key(byCredentials, credentials), address}
	}
	return []uint64{o.recent.key(atAddress, network(r)), address}
}

// network returns the address of the client of a request, see networkOf.
func network(r *http.Request) string { return networkOf(RequestOf(r).Client) }

// networkOf returns an address; for IPv6 its /64 network, of which a client may use
// any address.
func networkOf(client string) string {
	if ip, err := netip.ParseAddr(client); err == nil && ip.Is6() && !ip.Is4In6() {
		return netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
	}
	return client
}
