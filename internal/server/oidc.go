package server

import (
	"time"

	"roster/internal/admin"
	"roster/internal/auth"
	"roster/internal/oidc"
)

// providerLogins returns the logins at the providers of OIDC_PROVIDERS. No provider
// is asked for anything yet.
func (f *front) providerLogins(s *Services) admin.ProviderLogins {
	c := f.Config
	logins := admin.ProviderLogins{Identities: s.Identities, Keys: auth.NewKeys(c.SecretKey.Reveal(), c.OlderKeys()...)}
	for _, p := range c.Providers() {
		logins.Providers = append(logins.Providers, admin.Provider{
			IdentityProvider: oidc.New(oidc.Options{
				Name: p.Name, Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: p.ClientSecret, Scopes: p.Scopes, GroupsClaim: p.GroupsClaim,
			}, time.Now, f.logger("auth")),
			Label:  p.Label,
			Issuer: p.Issuer,
			Rules: auth.ProviderRules{
				Name: p.Name, MapGroups: p.GroupsClaim != "", StaffGroups: p.StaffGroups, SuperuserGroups: p.SuperuserGroups, Create: p.Create,
			},
		})
	}
	return logins
}
