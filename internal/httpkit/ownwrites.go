package httpkit

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// ownWriteCookie tells, for as long as it lives, that its client has written.
// Whatever its value, it can do no more than have the client's reads answered
// by the primary.
const ownWriteCookie = "roster_wrote"

// OwnWrites lets requests that only read be answered from data that lags, but
// not those of a client that may have written a moment ago. Such a client is
// known by a cookie, which also other machines see, or, in this process, by
// its Authorization header or its network address. It is safe for concurrent
// use.
type OwnWrites struct {
	relax  func(context.Context) context.Context
	cookie string // the value of Set-Cookie, without Secure
	recent *recentWriters
}

// NewOwnWrites returns an OwnWrites. relax marks a context whose reads may lag;
// window, of whole seconds, is how long after a write its client's reads may
// not, and is longer than data ever lags.
func NewOwnWrites(window time.Duration, relax func(context.Context) context.Context) *OwnWrites {
	return &OwnWrites{
		relax:  relax,
		cookie: ownWriteCookie + "=1; Path=/; Max-Age=" + strconv.Itoa(int(window.Seconds())) + "; HttpOnly; SameSite=Lax",
		recent: newRecentWriters(window),
	}
}

// Wrap returns the handler that marks the contexts of requests for next.
func (o *OwnWrites) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !onlyReads(r.Method):
			o.write(w, r, next)
		case o.wrote(r):
			next.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r.WithContext(o.relax(r.Context())))
		}
	})
}

// onlyReads reports whether a method is safe (RFC 9110, 9.2.1).
func onlyReads(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// write serves a request that may write, whatever becomes of it: also one that
// failed may have been committed.
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

// wrote reports whether the client of a request may have written a moment ago.
func (o *OwnWrites) wrote(r *http.Request) bool {
	if r.Header["Cookie"] != nil && len(r.CookiesNamed(ownWriteCookie)) > 0 {
		return true
	}
	return slices.ContainsFunc(o.traces(r), o.recent.has)
}

// What a client is known by. Many clients may share an address, so that a write
// with credentials tells nothing of a reader who shows others; but one without,
// such as a login, may be anybody's at that address.
const (
	byCredentials = "credentials"
	byAddress     = "address"
	atAddress     = "address of one with credentials"
)

// marks are what a client that writes is remembered by.
func (o *OwnWrites) marks(r *http.Request) []uint64 {
	if credentials := r.Header.Get("Authorization"); credentials != "" {
		return []uint64{o.recent.key(byCredentials, credentials), o.recent.key(atAddress, network(r))}
	}
	return []uint64{o.recent.key(byAddress, network(r))}
}

// traces are what a client that reads may be remembered by.
func (o *OwnWrites) traces(r *http.Request) []uint64 {
	address := o.recent.key(byAddress, network(r))
	if credentials := r.Header.Get("Authorization"); credentials != "" {
		return []uint64{o.recent.key(byCredentials, credentials), address}
	}
	return []uint64{o.recent.key(atAddress, network(r)), address}
}

// network is the client's address, of IPv6 its /64 network: one client may use
// any address of it.
func network(r *http.Request) string {
	client := RequestOf(r).Client
	if ip, err := netip.ParseAddr(client); err == nil && ip.Is6() {
		return netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
	}
	return client
}
