package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/secret"
)

// Options describe a provider and Roster's registration there.
type Options struct {
	Name         string // in logs
	Issuer       string
	ClientID     string
	ClientSecret secret.Text
	Scopes       string // separated by spaces
	GroupsClaim  string // "" for none
}

// Provider is an OpenID Connect provider. It is safe for concurrent use.
type Provider struct {
	Options

	client *http.Client
	now    func() time.Time
	log    *slog.Logger

	discovering chan struct{} // a mutex for the rest, which a wait for can be canceled
	found       *metadata
	failure     error
	until       time.Time
}

// New returns a provider, without a request to it.
func New(o Options, now func() time.Time, log *slog.Logger) *Provider {
	return &Provider{Options: o, client: newClient(), now: now, log: log, discovering: make(chan struct{}, 1)}
}

// unavailable says that the provider does not answer.
func unavailable(cause error) error {
	return fault.Wrap(fault.Unavailable, "The provider cannot be reached at the moment.", cause)
}

// refused says that an answer of the provider is not valid. The cause is for the
// log.
func refused(cause error) error {
	return fault.Wrap(fault.Invalid, "The answer of the provider is not valid.", cause)
}

// Authorize returns the address at which a person logs in, and the flow with a
// verifier of PKCE. It returns Unavailable if the provider does not answer.
func (p *Provider) Authorize(ctx context.Context, f auth.Flow) (string, auth.Flow, error) {
	m, err := p.known(ctx)
	if err != nil {
		return "", f, err
	}
	f.Verifier = oauth2.GenerateVerifier()
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if f.Purpose == auth.ToConfirm {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	config := m.config
	config.RedirectURL = f.RedirectURI
	return config.AuthCodeURL(f.State, options...), f, nil
}

// Redeem exchanges the code of an answer for an ID token, and returns its claims. It
// returns an Invalid error for an answer that is not that to the flow, or a token
// that is not valid, and Unavailable if the provider does not answer.
func (p *Provider) Redeem(ctx context.Context, f auth.Flow, a auth.Answer) (auth.Claims, error) {
	m, err := p.known(ctx)
	if err != nil {
		return auth.Claims{}, err
	}
	if err := p.checkAnswer(m, f, a); err != nil {
		return auth.Claims{}, refused(err)
	}
	ctx = oidc.ClientContext(ctx, p.client)
	config := m.config
	config.RedirectURL = f.RedirectURI
	token, err := config.Exchange(ctx, a.Code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		if answer, ok := errors.AsType[*oauth2.RetrieveError](err); ok && answer.Response.StatusCode < http.StatusInternalServerError {
			return auth.Claims{}, refused(err)
		}
		return auth.Claims{}, unavailable(err)
	}
	raw, _ := token.Extra("id_token").(string)
	claims, err := p.verify(ctx, m, f, token, raw)
	if err != nil {
		return auth.Claims{}, refused(err)
	}
	claims.Hint = raw
	return claims, nil
}

// checkAnswer checks the state and the issuer of an answer (RFC 9207, section 2.4).
func (p *Provider) checkAnswer(m *metadata, f auth.Flow, a auth.Answer) error {
	switch {
	case !f.Answered(a):
		return errors.New("the state is not that of the browser")
	case a.Issuer != "" && a.Issuer != p.Issuer:
		return fmt.Errorf("the answer is of the issuer %q", a.Issuer)
	case a.Issuer == "" && m.sendsIssuer:
		return errors.New("the answer lacks the issuer")
	case a.Code == "":
		return errors.New("the answer lacks the code")
	}
	return nil
}

// verify returns the claims of an ID token that is valid and belongs to the flow.
func (p *Provider) verify(ctx context.Context, m *metadata, f auth.Flow, token *oauth2.Token, raw string) (auth.Claims, error) {
	id, err := m.verifier.Verify(ctx, raw)
	if err != nil {
		return auth.Claims{}, err
	}
	own, err := rawClaims(id.Claims)
	if err != nil {
		return auth.Claims{}, err
	}
	party := own.text("azp")
	switch {
	case f.Nonce == "" || subtle.ConstantTimeCompare([]byte(f.Nonce), []byte(id.Nonce)) != 1:
		return auth.Claims{}, errors.New("the nonce is not that of the browser")
	case id.Subject == "" || len(id.Subject) > maxSubject:
		return auth.Claims{}, errors.New("the subject is missing or longer than 255 bytes")
	case party != "" && party != p.ClientID, party == "" && len(id.Audience) > 1:
		return auth.Claims{}, fmt.Errorf("the token is for the client %q", party)
	case id.AccessTokenHash != "" && id.VerifyAccessToken(token.AccessToken) != nil:
		return auth.Claims{}, errors.New("the hash of the access token is wrong")
	}
	return p.complete(ctx, m, id.Subject, own, token)
}

// complete adds the claims that only the userinfo endpoint has (OpenID Connect Core
// 1.0, section 5.3).
func (p *Provider) complete(ctx context.Context, m *metadata, subject string, own claimSet, token *oauth2.Token) (auth.Claims, error) {
	claims := []claimSet{own}
	lacks := own["email"] == nil || p.GroupsClaim != "" && !own.has(p.GroupsClaim)
	if lacks && m.provider.UserInfoEndpoint() != "" {
		info, err := m.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return auth.Claims{}, err
		}
		if info.Subject != subject {
			return auth.Claims{}, errors.New("the userinfo is about another subject")
		}
		more, err := rawClaims(info.Claims)
		if err != nil {
			return auth.Claims{}, err
		}
		claims = append(claims, more)
	}
	found := auth.Claims{Issuer: p.Issuer, Subject: subject, AuthTime: own.authTime(), MFA: own.mfa()}
	for _, set := range slices.Backward(claims) {
		set.fill(&found)
	}
	var err error
	found.Groups, err = groupsOf(claims, p.GroupsClaim)
	return found, err
}

// LogoutURL returns the address that ends a person's session at the provider and
// then leads back, "" if the provider has none or does not answer. hint is the ID
// token of the login, "" if it is not known.
func (p *Provider) LogoutURL(ctx context.Context, hint, back string) string {
	m, err := p.known(ctx)
	if err != nil || m.logout == "" {
		return ""
	}
	u, err := url.Parse(m.logout)
	if err != nil {
		return ""
	}
	values := u.Query()
	values.Set("client_id", p.ClientID)
	values.Set("post_logout_redirect_uri", back)
	if hint != "" {
		values.Set("id_token_hint", hint)
	}
	u.RawQuery = values.Encode()
	return u.String()
}
