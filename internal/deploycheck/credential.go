package deploycheck

import (
	"roster/internal/config"
	"roster/internal/finding"
	"roster/internal/phrase"
)

// credentialRules check the credentials of programs, and their rate limits.
var credentialRules = []rule{
	{
		id: "api.basic-clear", severity: finding.Error, title: "The API accepts passwords without TLS",
		reason: "Roster serves plain HTTP on a public address, and every request with HTTP Basic carries a password of a staff account. On the way it can be read unless a proxy or the network encrypts it.",
		remedy: "Terminate TLS in a proxy, list it in TRUSTED_PROXIES, and block other access to the port. Create API tokens for programs, and set API_BASIC_AUTH=false.",
		wrong:  func(f Facts) bool { return isClear(f) && f.Config.APIBasicAuth },
	},
	{
		id: "api.basic", severity: finding.Info, title: "The API accepts passwords of staff accounts",
		reason: "Programs that use HTTP Basic keep a password with all permissions of its account, and failed logins of strangers can lock them out.",
		remedy: "Create API tokens for programs, and set API_BASIC_AUTH=false.",
		wrong:  func(f Facts) bool { return !isClear(f) && f.Config.APIBasicAuth },
	},
	{
		id: "jwt.shared-key", severity: finding.Warning, title: "SECRET_KEY signs JSON Web Tokens",
		reason: "With JWT_ALGORITHM=HS256, every service that verifies the tokens has SECRET_KEY, and can sign tokens for every account and forge links and seals of the audit trail.",
		remedy: "Set JWT_ALGORITHM=EdDSA or RS256, and let services verify with the public keys at /.well-known/jwks.json.",
		wrong:  func(f Facts) bool { return f.Config.JWTAlgorithm == config.JWTHS256 },
	},
	{
		id: "tokens.forever", severity: finding.Warning, title: "Some API tokens never expire",
		reason: "One that leaks, or belongs to a program that is no longer used, stays valid until someone revokes it.",
		remedy: "roster token list shows them. Replace them by tokens with an expiry, and rotate those.",
		wrong:  func(f Facts) bool { return f.Database.LastingTokens > 0 },
		about:  func(f Facts) string { return phrase.Count(f.Database.LastingTokens, "token") },
	},
	{
		id: "throttle.off", severity: finding.Info, title: "The API has no rate limits",
		reason: "THROTTLE_ANON and THROTTLE_USER are off, so one client can take the whole capacity of the server.",
		remedy: "Set, for example, THROTTLE_ANON=60/min and THROTTLE_USER=600/min.",
		wrong:  func(f Facts) bool { return f.Config.ThrottleAnon.Limit == 0 && f.Config.ThrottleUser.Limit == 0 },
	},
	{
		id: "throttle.per-process", severity: finding.Warning, title: "Each server counts rate limits by itself",
		reason: "Without CACHE_URL, a client that reaches several servers has the quotas of THROTTLE_ANON, THROTTLE_USER and THROTTLE_SCOPES as many times.",
		remedy: "Set CACHE_URL to a Redis that all servers use.",
		wrong: func(f Facts) bool {
			several := f.Config.DBProcesses > 1 || f.Database.Workers > 1
			return several && isThrottled(f) && f.Config.Cache().Mode == config.BrokerNone
		},
	},
}

func isThrottled(f Facts) bool {
	return f.Config.ThrottleAnon.Limit > 0 || f.Config.ThrottleUser.Limit > 0 || len(f.Config.ThrottleScopes) > 0
}

// isClear reports whether others connect without TLS.
func isClear(f Facts) bool {
	_, isSocket := config.SocketPath(f.Bind)
	return !config.IsLoopback(f.Bind) && !isSocket && len(f.Config.TrustedProxies) == 0
}
