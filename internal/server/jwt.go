package server

import (
	"cmp"
	"log/slog"
	"time"

	"roster/internal/auth"
	"roster/internal/auth/jwt"
	"roster/internal/config"
	"roster/internal/oidc"
)

// audience is the claim aud of Roster's tokens, and the claim iss of a server
// whose address is not known.
const audience = "roster"

// newJWTs returns the service for JSON Web Tokens. With HS256 they have neither
// issuer nor audience, as those of simplejwt.
func newJWTs(sessions *auth.Sessions, keys auth.Keys, c *config.Config, log *slog.Logger) *auth.JWTs {
	profile := jwt.Profile{Algorithm: jwt.Algorithm(c.JWTAlgorithm), Now: sessions.Now}
	if profile.Algorithm != jwt.HS256 {
		profile.Issuer, profile.Audience = cmp.Or(c.SiteAddress(), audience), audience
	}
	issuers := map[string]auth.TokenIssuer{}
	for _, i := range c.Issuers() {
		issuers[i.Address] = oidc.NewIssuer(i.Address, i.Audiences, sessions.Now, log)
	}
	return auth.NewJWTs(sessions, auth.JWTOptions{
		Profile:     profile,
		Keys:        keys,
		AccessLife:  time.Duration(c.JWTAccessMinutes) * time.Minute,
		RefreshLife: config.Days(c.JWTRefreshDays),
		Issuers:     issuers,
	})
}
