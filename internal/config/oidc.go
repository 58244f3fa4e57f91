package config

import (
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"roster/internal/secret"
)

// Provider is an OpenID Connect provider at which staff may log in. The names of
// its settings begin with OIDC_<NAME>_, where NAME is that of OIDC_PROVIDERS in
// upper case, with an underscore for a hyphen.
type Provider struct {
	Name            string      // in OIDC_PROVIDERS and in addresses: lower case
	Issuer          string      `env:"ISSUER"` // exactly as the provider writes it
	ClientID        string      `env:"CLIENT_ID"`
	ClientSecret    secret.Text `env:"CLIENT_SECRET"`
	Label           string      `env:"LABEL"` // on the button; by default the name
	Scopes          string      `env:"SCOPES" default:"openid email profile"`
	GroupsClaim     string      `env:"GROUPS_CLAIM"`           // that names groups; empty: groups are not changed
	StaffGroups     List        `env:"STAFF_GROUPS"`           // whose members are staff; empty: is_staff is not changed
	SuperuserGroups List        `env:"SUPERUSER_GROUPS"`       // whose members are superusers and staff; empty: is_superuser is not changed
	Create          bool        `env:"CREATE" default:"false"` // make accounts at the first login
}

var providerSettings = readTags(reflect.TypeFor[Provider]())

// maxProviders limits the buttons of the login page.
const maxProviders = 20

// Providers returns the providers of OIDC_PROVIDERS, in that order.
func (c Config) Providers() []Provider { return slices.Clone(c.providers) }

// prefix begins the names of the provider's settings.
func (p Provider) prefix() string { return providerPrefix(p.Name) }

func providerPrefix(name string) string {
	return "OIDC_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")) + "_"
}

// withProviders returns all settings: those of Config, and those of each provider
// after OIDC_PROVIDERS.
func withProviders(environ, fromFile map[string]string, file string) []setting {
	at := slices.IndexFunc(settings, func(s setting) bool { return s.name == "OIDC_PROVIDERS" })
	var added []setting
	names, _ := parseNames(settings[at].pick(environ, fromFile, file).Value)
	for _, name := range names[:min(len(names), maxProviders)] {
		for _, s := range providerSettings {
			s.name = providerPrefix(name) + s.name
			added = append(added, s)
		}
	}
	return slices.Concat(settings[:at+1], added, settings[at+1:])
}

// readProviders reads the settings of the providers.
func (c *Config) readProviders(values map[string]string) {
	for _, name := range c.OIDCProviders[:min(len(c.OIDCProviders), maxProviders)] {
		p := Provider{Name: name}
		err := env.ParseWithOptions(&p, env.Options{Environment: values, Prefix: p.prefix(), FuncMap: parsers})
		c.noteParseErrors(reflect.TypeFor[Provider](), p.prefix(), err)
		if p.Label == "" {
			p.Label = p.Name
		}
		c.providers = append(c.providers, p)
	}
}

var providerName = regexp.MustCompile(`^[a-z0-9]([a-z0-9_-]{0,28}[a-z0-9])?$`)

// takenNames are addresses of other pages below /admin/login/.
var takenNames = []string{"code", "link", "passkey", "passkeys", "unlock"}

// providerFaults returns an error message, or "", for each setting about providers.
func (c Config) providerFaults() map[string]string {
	found := map[string]string{"OIDC_PROVIDERS": c.providersFault()}
	for _, p := range c.providers {
		found[p.prefix()+"ISSUER"] = issuerFault(p.Issuer)
		found[p.prefix()+"SCOPES"] = scopesFault(p.Scopes)
		if p.ClientID == "" {
			found[p.prefix()+"CLIENT_ID"] = "required; the provider shows it where Roster is registered as a client"
		}
		if p.ClientSecret.IsEmpty() {
			found[p.prefix()+"CLIENT_SECRET"] = "required; the provider shows it where Roster is registered as a client"
		}
		if len([]rune(p.Label)) > maxLabel {
			found[p.prefix()+"LABEL"] = "is longer than 50 characters"
		}
		for name, groups := range map[string]List{"STAFF_GROUPS": p.StaffGroups, "SUPERUSER_GROUPS": p.SuperuserGroups} {
			if len(groups) > 0 && p.GroupsClaim == "" {
				found[p.prefix()+name] = "needs " + p.prefix() + "GROUPS_CLAIM, the claim that names the groups of a person"
			}
		}
	}
	return found
}

// maxLabel is the maximum length of a label, in characters.
const maxLabel = 50

func (c Config) providersFault() string {
	if len(c.OIDCProviders) > maxProviders {
		return "has more than 20 names"
	}
	for i, name := range c.OIDCProviders {
		switch {
		case !providerName.MatchString(name):
			return quote(name) + " is not a name; use 1 to 30 letters, digits, hyphens and underscores, such as keycloak"
		case slices.Contains(takenNames, name):
			return quote(name) + " is the name of another page; use another one"
		case slices.ContainsFunc(c.OIDCProviders[:i], func(other string) bool { return providerPrefix(other) == providerPrefix(name) }):
			return quote(name) + " is named twice"
		}
	}
	return ""
}

// issuerFault validates an issuer (OpenID Connect Discovery 1.0, section 3). Plain
// http is for tests on this machine.
func issuerFault(issuer string) string {
	u, err := url.Parse(issuer)
	switch {
	case issuer == "":
		return "required; write the address of the provider, such as https://login.example.com/realms/staff"
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "", u.User != nil, u.RawQuery != "", u.Fragment != "", u.ForceQuery, len(issuer) > maxIssuer:
		return quote(issuer) + " is not the address of a provider; write it as the provider does, such as https://login.example.com/realms/staff"
	case u.Scheme == "http" && !isLocalHost(u.Hostname()):
		return quote(issuer) + " is not encrypted; use https"
	}
	return ""
}

// maxIssuer is the width of the column, in bytes.
const maxIssuer = 255

func scopesFault(scopes string) string {
	if !slices.Contains(strings.Fields(scopes), "openid") {
		return quote(scopes) + " lacks openid; write a list separated by spaces, such as openid email profile"
	}
	return ""
}
