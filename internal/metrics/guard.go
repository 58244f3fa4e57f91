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

// Guard restricts who may read metrics.
type Guard struct {
	// Allow lists the networks that may scrape. If it is empty, a token admits
	// any address. If there is no token either, only direct requests from
	// loopback to an IP address or localhost are admitted.
	Allow []netip.Prefix
	// Token must be sent as "Authorization: Bearer TOKEN"; "" means no token.
	Token string
	// Client returns the client address of a request, determined through
	// trusted proxies.
	Client func(*http.Request) string
}

// loopback is the default of Allow.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// forwarding are the headers that proxies add.
var forwarding = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"}

// Protect passes requests that may read metrics to next.
func (g Guard) Protect(next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(g.Token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header()["Allow"] = []string{"GET, HEAD"}
			refuse(w, http.StatusMethodNotAllowed, "Only GET and HEAD are allowed.")
		case !g.admits(r):
			refuse(w, http.StatusForbidden, "This address may not read metrics; see METRICS_ALLOW.")
		case g.Token != "" && !bears(r, want):
			w.Header()["Www-Authenticate"] = []string{`Bearer realm="metrics"`}
			refuse(w, http.StatusUnauthorized, "The token of METRICS_TOKEN is required.")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// admits reports whether the address may read. By default, the address of a
// proxy does not count, because it acts for anyone; nor does that of a local
// browser when another site has pointed its host name at this machine.
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
		return within(loopback) && !Forwarded(r) && isAddressed(r.Host)
	}
}

// Forwarded reports whether a request has a header that proxies add.
func Forwarded(r *http.Request) bool {
	return slices.ContainsFunc(forwarding, func(name string) bool { return r.Header.Get(name) != "" })
}

// isAddressed reports whether a Host header is an IP address or localhost,
// which no other site can use as its name.
func isAddressed(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || strings.EqualFold(host, "localhost")
}

// bears reports whether the request has the token with that hash.
func bears(r *http.Request, want [sha256.Size]byte) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.Header()["Content-Type"] = []string{"text/plain; charset=utf-8"}
	w.Header()["Cache-Control"] = []string{"no-store"}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, why+"\n") // the client disconnected
}
