package config

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Exposed reports whether others than this machine may connect to a server that
// listens on bind: the address is not a loopback address, or a setting names
// others, which a proxy on this machine forwards.
func (c Config) Exposed(bind string) bool { return !IsLoopback(bind) || c.namesOthers() }

// namesOthers reports whether a setting names a proxy, the prefix of one, a host, an origin or a
// client other than this machine.
func (c Config) namesOthers() bool {
	return len(c.TrustedProxies) > 0 || c.ForceScriptName != "" ||
		slices.ContainsFunc(c.AllowedHosts, isOtherHost) ||
		slices.ContainsFunc(c.CORSAllowedOrigins, isOtherOrigin) ||
		slices.ContainsFunc(c.MetricsAllow, func(n netip.Prefix) bool { return !n.Addr().IsLoopback() })
}

// isOtherHost reports whether an item of ALLOWED_HOSTS matches hosts other than
// this machine (RFC 6761, section 6.3, for localhost).
func isOtherHost(host string) bool {
	host = strings.Trim(host, "[]")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return false
	}
	address, err := netip.ParseAddr(host)
	return err != nil || !address.Unmap().IsLoopback()
}

func isOtherOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err != nil || isOtherHost(u.Hostname())
}
