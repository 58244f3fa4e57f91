package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// How long metadata and keys are used, and a failure to get them is remembered. Old
// metadata is better than none.
const (
	metadataLife = time.Hour
	failureLife  = 10 * time.Second
)

// metadata is what the provider publishes about itself.
type metadata struct {
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
	config   oauth2.Config

	sendsIssuer bool   // with every answer (RFC 9207)
	logout      string // the address of the logout (RP-Initiated Logout 1.0), "" for none
}

// discovered is the parts of the provider's metadata that package oidc does not
// read.
type discovered struct {
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	SendsIssuer bool     `json:"authorization_response_iss_parameter_supported"`
	Logout      string   `json:"end_session_endpoint"`
}

// known returns the metadata. It is requested at the first call, once at a time, and
// again after metadataLife.
func (p *Provider) known(ctx context.Context) (*metadata, error) {
	select {
	case p.discovering <- struct{}{}:
		defer func() { <-p.discovering }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	now := p.now()
	if now.Before(p.until) {
		return p.found, p.failure
	}
	found, err := p.discover(ctx)
	switch {
	case err == nil:
		p.found, p.failure, p.until = found, nil, now.Add(metadataLife)
	case ctx.Err() != nil && p.found == nil:
		return nil, err // the visitor has gone
	default:
		p.log.WarnContext(ctx, "the metadata of a provider cannot be read", "provider", p.Name, "issuer", p.Issuer, "cause", err)
		p.until = now.Add(failureLife)
		if p.found == nil {
			p.failure = unavailable(err)
		}
	}
	return p.found, p.failure
}

func (p *Provider) discover(ctx context.Context) (*metadata, error) {
	ctx = oidc.ClientContext(ctx, p.client)
	provider, err := oidc.NewProvider(ctx, p.Issuer)
	if err != nil {
		return nil, err
	}
	var more discovered
	if err := provider.Claims(&more); err != nil {
		return nil, err
	}
	endpoint := provider.Endpoint()
	for _, address := range []string{endpoint.AuthURL, endpoint.TokenURL, provider.UserInfoEndpoint(), more.Logout} {
		if err := p.checkEndpoint(address); err != nil {
			return nil, err
		}
	}
	if endpoint.AuthURL == "" || endpoint.TokenURL == "" {
		return nil, errors.New("the provider has no authorization_endpoint or token_endpoint")
	}
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // the default of OpenID Connect
	if len(more.AuthMethods) > 0 && !slices.Contains(more.AuthMethods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &metadata{
		provider:    provider,
		verifier:    provider.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.now}),
		config:      oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret.Reveal(), Endpoint: endpoint, Scopes: strings.Fields(p.Scopes)},
		sendsIssuer: more.SendsIssuer,
		logout:      more.Logout,
	}, nil
}

// checkEndpoint refuses an address without encryption, unless that of the issuer has
// none either.
func (p *Provider) checkEndpoint(address string) error {
	u, err := url.Parse(address)
	if address == "" || err == nil && u.Scheme == "https" && u.Host != "" {
		return nil
	}
	if err == nil && u.Scheme == "http" && strings.HasPrefix(p.Issuer, "http://") {
		return nil
	}
	return fmt.Errorf("the provider names the address %q, which is not https", address)
}
