package server

import (
	"cmp"
	"time"

	"roster/internal/auth"
	"roster/internal/auth/jwt"
	"roster/internal/config"
)

// audience is the claim aud of Roster's tokens, and the claim iss of a server
// whose address is not known.
const audience = "roster"

// newJWTs returns the service for JSON Web Tokens. With HS256 they have neither
// issuer nor audience, as those of simplejwt.
func newJWTs(sessions *auth.Sessions, keys auth.Keys, c *config.Config) *auth.JWTs {
	profile := jwt.Profile{Algorithm: jwt.Algorithm(c.JWTAlgorithm), Now: sessions.Now}
	if profile.Algorithm != jwt.HS256 {
		profile.Issuer, profile.Audience = cmp.Or(c.SiteAddress(), audience), audience
	}
	return auth.NewJWTs(sessions, auth.JWTOptions{
		Profile:     profile,
		Keys:        keys,
		AccessLife:  time.Duration(c.JWTAccessMinutes) * time.Minute,
		RefreshLife: config.Days(c.JWTRefreshDays),
	})
}
