package config

import (
	"slices"
	"strings"
)

// Issuer is an issuer of JWT_ISSUERS, whose access tokens the API accepts.
type Issuer struct {
	Address   string   // exactly as in the claim iss
	Audiences []string // of which the claim aud must name one
}

// maxIssuers limits the issuers.
const maxIssuers = 20

// Issuers returns the issuers of JWT_ISSUERS.
func (c Config) Issuers() (list []Issuer) {
	for _, text := range c.JWTIssuers {
		i, _ := parseIssuer(text)
		list = append(list, i)
	}
	return list
}

// parseIssuer reads ADDRESS;aud=AUDIENCE, and reports whether it has that form. aud may
// be repeated.
func parseIssuer(text string) (i Issuer, ok bool) {
	parts := strings.Split(text, ";")
	i.Address = strings.TrimSpace(parts[0])
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if name != "aud" || value == "" {
			return i, false
		}
		i.Audiences = append(i.Audiences, value)
	}
	return i, true
}

// issuersFault validates JWT_ISSUERS. An audience is required: without one, tokens for
// every other service of the issuer would be accepted.
func (c Config) issuersFault() string {
	if len(c.JWTIssuers) > maxIssuers {
		return "has more than 20 issuers"
	}
	var seen []string
	for _, text := range c.JWTIssuers {
		i, ok := parseIssuer(text)
		fault := issuerFault(i.Address)
		switch {
		case fault != "":
			return fault
		case !ok:
			return quote(text) + " is not an issuer; write https://login.example.com;aud=roster"
		case len(i.Audiences) == 0:
			return quote(text) + " lacks the audience, so that tokens for other services would be accepted; write " + i.Address + ";aud=roster"
		case slices.Contains(seen, i.Address):
			return quote(i.Address) + " is named twice; write all its audiences in one entry, as ;aud=roster;aud=users"
		case i.Address == c.SiteAddress():
			return quote(i.Address) + " is SITE_URL; Roster accepts its own tokens without this setting"
		}
		seen = append(seen, i.Address)
	}
	return ""
}
