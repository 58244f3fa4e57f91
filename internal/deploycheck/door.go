package deploycheck

import (
	"net/netip"
	"slices"
	"strings"

	"roster/internal/access"
	"roster/internal/config"
	"roster/internal/finding"
)

// widest is the minimum length of a prefix that does not cover much of the
// internet.
const widest = 8

// doorRules check who can reach the server, and as whom.
var doorRules = []rule{
	{
		id: "debug.on", severity: finding.Error, title: "DEBUG is on",
		reason: "Debug mode is for development and relaxes security.",
		remedy: "Set DEBUG=false.",
		wrong:  func(f Facts) bool { return f.Config.Debug },
	},
	{
		id: "api.open", severity: finding.Error, title: "The API is open to everyone who can reach it",
		reason: "Everyone may read, change and delete all users. A proxy on this machine also exposes a loopback address.",
		remedy: "Set API_PERMISSION=DjangoModelPermissions or IsAuthenticated.",
		wrong:  func(f Facts) bool { return f.Config.Permission(f.Bind) == string(access.AllowAny) },
	},
	{
		id: "hosts.missing", severity: finding.Error, title: "ALLOWED_HOSTS is not set",
		reason: "Links in pages and responses use the Host header, which behind a proxy any client can choose.",
		remedy: "List the host names that clients use: ALLOWED_HOSTS=users.example.com.",
		wrong:  func(f Facts) bool { return len(f.Config.AllowedHosts) == 0 },
	},
	{
		id: "hosts.any", severity: finding.Warning, title: "ALLOWED_HOSTS allows any Host header",
		reason: "Links in pages and responses use the Host header, so any client can choose where they lead.",
		remedy: "List the host names that clients use instead of *.",
		wrong:  func(f Facts) bool { return slices.Contains(f.Config.AllowedHosts, "*") },
	},
	{
		id: "proxies.none", severity: finding.Warning, title: "TRUSTED_PROXIES is not set, though only this machine can connect",
		reason: "Behind a proxy, all clients then appear to come from its address over plain HTTP: they share one throttle, logs and audit entries show the proxy, and cookies are not marked Secure.",
		remedy: "Set the proxy's address: TRUSTED_PROXIES=127.0.0.1/32.",
		wrong: func(f Facts) bool {
			return config.IsLoopback(f.Bind) && len(f.Config.TrustedProxies) == 0
		},
	},
	{
		id: "proxies.wide", severity: finding.Error, title: "TRUSTED_PROXIES trusts much of the internet",
		reason: "Anyone who connects from there can forge client addresses and bypass every throttle.",
		remedy: "List only the addresses of your proxies.",
		wrong:  func(f Facts) bool { return len(wide(f.Config.TrustedProxies)) > 0 },
		about:  func(f Facts) string { return strings.Join(wide(f.Config.TrustedProxies), ", ") },
	},
	{
		id: "tls.none", severity: finding.Warning, title: "Others can connect without TLS",
		reason: "Roster serves plain HTTP on a public address. Passwords and sessions can be intercepted unless a proxy or the network encrypts them.",
		remedy: "Terminate TLS in a proxy, list it in TRUSTED_PROXIES, and block other access to the port.",
		wrong:  func(f Facts) bool { return isClear(f) && !f.Config.APIBasicAuth }, // else api.basic-clear
	},
	{
		id: "metrics.open", severity: finding.Warning, title: "METRICS_ALLOW exposes metrics to much of the internet",
		reason: "Metrics reveal usage, versions, and failed password guesses.",
		remedy: "List the addresses of your collectors, or set METRICS_TOKEN.",
		wrong:  func(f Facts) bool { return f.Config.MetricsToken.IsEmpty() && len(wide(f.Config.MetricsAllow)) > 0 },
		about:  func(f Facts) string { return strings.Join(wide(f.Config.MetricsAllow), ", ") },
	},
	{
		id: "pprof.open", severity: finding.Warning, title: "PPROF lets others profile the process",
		reason: "Profiles reveal memory contents, and slow the process down.",
		remedy: "Set PPROF=local, or off.",
		wrong:  func(f Facts) bool { return f.Config.Pprof == config.PprofAnywhere },
	},
	{
		id: "cors.all", severity: finding.Warning, title: "Pages of any site may read the API",
		reason: "CORS_ALLOW_ALL_ORIGINS lets scripts on any site use the API from their visitor's network.",
		remedy: "List your sites in CORS_ALLOWED_ORIGINS instead.",
		wrong:  func(f Facts) bool { return f.Config.CORSAllowAll },
	},
	{
		id: "cors.plain", severity: finding.Warning, title: "CORS_ALLOWED_ORIGINS trusts pages served without TLS",
		reason: "An attacker on the network can inject a script into such a page, which can then read the API.",
		remedy: "Use https:// for these sites.",
		wrong:  func(f Facts) bool { return len(plainOrigins(f)) > 0 },
		about:  func(f Facts) string { return strings.Join(plainOrigins(f), ", ") },
	},
}

// wide returns the networks that cover much of the internet.
func wide(networks []netip.Prefix) (found []string) {
	for _, prefix := range networks {
		if prefix.Bits() < widest && !isPrivate(prefix.Addr()) {
			found = append(found, prefix.String())
		}
	}
	return found
}

// isPrivate reports whether an address belongs to a private network: fc00::/7
// is as wide as that, and acceptable.
func isPrivate(a netip.Addr) bool { return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() }

func plainOrigins(f Facts) (plain []string) {
	for _, origin := range f.Config.CORSAllowedOrigins {
		if strings.HasPrefix(origin, "http://") {
			plain = append(plain, origin)
		}
	}
	return plain
}
