package metrics

import (
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Guard says who may read figures.
type Guard struct {
	// Allow are the networks that scrapes may come from. None: any where there is
	// a token. Where there is none either it is loopback, to an address of this
	// machine rather than a name, and not through a proxy.
	Allow []netip.Prefix
	// Token must be sent as "Authorization: Bearer TOKEN"; "": none is needed.
	Token string
	// Client returns the address that a request came from, as far as the proxies
	// between can be trusted.
	Client func(*http.Request) string
}

// loopback is where scrapes come from unless something else is allowed.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// forwarding are the headers by which proxies say for whom they ask.
var forwarding = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"}

// Protect lets those through to next who may read figures.
func (g Guard) Protect(next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(g.Token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header()["Allow"] = []string{"GET, HEAD"}
			refuse(w, http.StatusMethodNotAllowed, "Only GET and HEAD are answered here.")
		case !g.admits(r):
			refuse(w, http.StatusForbidden, "Figures are not shown to this address; METRICS_ALLOW says to whom.")
		case g.Token != "" && !bears(r, want):
			w.Header()["Www-Authenticate"] = []string{`Bearer realm="metrics"`}
			refuse(w, http.StatusUnauthorized, "The token of METRICS_TOKEN is needed.")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// admits reports whether the address may read. Where nothing is configured a
// proxy's counts for nothing, as it asks for anybody, and neither does that of a
// browser on this machine when a page elsewhere had its name point here.
func (g Guard) admits(r *http.Request) bool {
	address, err := netip.ParseAddr(g.Client(r))
	if err != nil {
		return false
	}
	address = address.Unmap().WithZone("")
	within := func(networks []netip.Prefix) bool {
		return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(address) })
	}
	switch {
	case len(g.Allow) > 0:
		return within(g.Allow)
	case g.Token != "":
		return true
	default:
		return within(loopback) && !forwarded(r) && isAddressed(r.Host)
	}
}

func forwarded(r *http.Request) bool {
	return slices.ContainsFunc(forwarding, func(name string) bool { return r.Header.Get(name) != "" })
}

// isAddressed reports whether a Host header names this machine by an address or as
// localhost, which no page elsewhere can bear.
func isAddressed(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || strings.EqualFold(host, "localhost")
}

// bears reports whether the request has the token of that hash.
func bears(r *http.Request, want [sha256.Size]byte) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.Header()["Content-Type"] = []string{"text/plain; charset=utf-8"}
	w.Header()["Cache-Control"] = []string{"no-store"}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, why+"\n") // who asked has gone away
}
