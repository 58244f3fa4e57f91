package deploycheck

import (
	"net/netip"
	"slices"
	"strings"

	"roster/internal/access"
	"roster/internal/config"
	"roster/internal/finding"
)

// widest is the least length of a prefix that is not much of the internet.
const widest = 8

// doorRules are about who reaches the server, and as whom.
var doorRules = []rule{
	{
		id: "debug.on", severity: finding.Error, title: "DEBUG is on",
		reason: "It is for the machine of a developer, and relaxes what protects others.",
		remedy: "Set DEBUG=false.",
		wrong:  func(f Facts) bool { return f.Config.Debug },
	},
	{
		id: "api.open", severity: finding.Error, title: "The API serves whoever reaches it",
		reason: "Anybody may read, change and delete all users. A proxy on this machine lets the world reach a loopback address too.",
		remedy: "Set API_PERMISSION=DjangoModelPermissions or IsAuthenticated.",
		wrong:  func(f Facts) bool { return f.Config.Permission(f.Bind) == string(access.AllowAny) },
	},
	{
		id: "hosts.missing", severity: finding.Error, title: "ALLOWED_HOSTS is not set",
		reason: "Links in pages and answers are made with the Host header. Behind a proxy whoever sends it chooses it.",
		remedy: "List the names that clients use: ALLOWED_HOSTS=users.example.com.",
		wrong:  func(f Facts) bool { return len(f.Config.AllowedHosts) == 0 },
	},
	{
		id: "hosts.any", severity: finding.Warning, title: "ALLOWED_HOSTS lets any Host header in",
		reason: "Links in pages and answers are made with it, so that whoever sends a request chooses where they lead.",
		remedy: "List the names that clients use in the place of *.",
		wrong:  func(f Facts) bool { return slices.Contains(f.Config.AllowedHosts, "*") },
	},
	{
		id: "proxies.none", severity: finding.Warning, title: "TRUSTED_PROXIES is not set, though only this machine can connect",
		reason: "Behind a proxy all clients then seem to come from its address, over plain HTTP: they share one throttle, logs and audit entries name the proxy, and cookies are not marked Secure.",
		remedy: "Name the proxy's address: TRUSTED_PROXIES=127.0.0.1/32.",
		wrong: func(f Facts) bool {
			return config.IsLoopback(f.Bind) && len(f.Config.TrustedProxies) == 0
		},
	},
	{
		id: "proxies.wide", severity: finding.Error, title: "TRUSTED_PROXIES trusts much of the internet",
		reason: "Whoever connects from there says which address a request comes from, and so passes every throttle.",
		remedy: "Name the addresses of your proxies alone.",
		wrong:  func(f Facts) bool { return len(wide(f.Config.TrustedProxies)) > 0 },
		about:  func(f Facts) string { return strings.Join(wide(f.Config.TrustedProxies), ", ") },
	},
	{
		id: "tls.none", severity: finding.Warning, title: "Others can connect without TLS",
		reason: "Roster listens in plain HTTP on an address that others reach. Passwords and sessions can be read on the way unless a proxy or the network encrypts it.",
		remedy: "Let a proxy end TLS, name it in TRUSTED_PROXIES, and let nobody else reach the port.",
		wrong: func(f Facts) bool {
			return !config.IsLoopback(f.Bind) && len(f.Config.TrustedProxies) == 0
		},
	},
	{
		id: "metrics.open", severity: finding.Warning, title: "METRICS_ALLOW shows figures to much of the internet",
		reason: "They tell how much is used, which versions run, and when a guess at a password failed.",
		remedy: "Name the addresses of your collectors, or set METRICS_TOKEN.",
		wrong:  func(f Facts) bool { return f.Config.MetricsToken.IsEmpty() && len(wide(f.Config.MetricsAllow)) > 0 },
		about:  func(f Facts) string { return strings.Join(wide(f.Config.MetricsAllow), ", ") },
	},
	{
		id: "pprof.open", severity: finding.Warning, title: "PPROF lets others profile the process",
		reason: "A profile holds what is in memory, and taking one slows the process down.",
		remedy: "Set PPROF=local, or off.",
		wrong:  func(f Facts) bool { return f.Config.Pprof == config.PprofAnywhere },
	},
	{
		id: "cors.all", severity: finding.Warning, title: "Pages of any site may read the API",
		reason: "CORS_ALLOW_ALL_ORIGINS lets scripts anywhere use the API with what their visitor's network reaches.",
		remedy: "List your own sites in CORS_ALLOWED_ORIGINS instead.",
		wrong:  func(f Facts) bool { return f.Config.CORSAllowAll },
	},
	{
		id: "cors.plain", severity: finding.Warning, title: "CORS_ALLOWED_ORIGINS trusts pages that came without TLS",
		reason: "Whoever is on the network between can put a script into such a page, which then reads the API.",
		remedy: "Use https:// for these sites.",
		wrong:  func(f Facts) bool { return len(plainOrigins(f)) > 0 },
		about:  func(f Facts) string { return strings.Join(plainOrigins(f), ", ") },
	},
}

// wide returns the networks that are much of the internet.
func wide(networks []netip.Prefix) (found []string) {
	for _, prefix := range networks {
		if prefix.Bits() < widest && !isPrivate(prefix.Addr()) {
			found = append(found, prefix.String())
		}
	}
	return found
}

// isPrivate reports whether an address is of a network that the internet does
// not reach: fc00::/7 is as wide as that, and fine.
func isPrivate(a netip.Addr) bool { return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() }

func plainOrigins(f Facts) (plain []string) {
	for _, origin := range f.Config.CORSAllowedOrigins {
		if strings.HasPrefix(origin, "http://") {
			plain = append(plain, origin)
		}
	}
	return plain
}
