package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"roster/internal/auth"
)

const (
	fetchTimeout = 5 * time.Second  // for metadata and keys together
	rereadLife   = 10 * time.Second // how often keys are read again for an unknown one
	leeway       = 60 * time.Second // for exp and nbf
	maxToken     = 8 << 10          // bytes
)

// algorithms are those of tokens: signatures with a private key only.
var algorithms = []jose.SignatureAlgorithm{
	jose.EdDSA, jose.ES256, jose.ES384, jose.ES512, jose.PS256, jose.PS384, jose.PS512, jose.RS256, jose.RS384, jose.RS512,
}

// Issuer verifies the access tokens of an issuer (RFC 9068) by its published keys. It
// reads metadata and keys when the first token comes, and keeps them for an hour, or
// longer while the issuer does not answer. It is safe for concurrent use.
type Issuer struct {
	address   string
	audiences []string
	client    *http.Client
	now       func() time.Time
	log       *slog.Logger

	fetching  chan struct{} // a mutex for requests to the issuer, which a wait for can be canceled
	published atomic.Pointer[published]
}

// published is what was read from an issuer. It is immutable.
type published struct {
	keys    []jose.JSONWebKey
	failure error     // why there are none
	until   time.Time // when they are read again
	reread  time.Time // from when they are read for an unknown key
}

// NewIssuer returns an issuer, without a request to it. A token must be for one of the
// audiences.
func NewIssuer(address string, audiences []string, now func() time.Time, log *slog.Logger) *Issuer {
	i := &Issuer{address: address, audiences: audiences, client: newClient(), now: now, log: log, fetching: make(chan struct{}, 1)}
	i.published.Store(&published{})
	return i
}

// Verify returns the claims of a valid access token. It returns auth.ErrNotIssued for
// any other text, and an Unavailable error if the keys of the issuer cannot be read,
// after fetchTimeout at the latest.
func (i *Issuer) Verify(ctx context.Context, text string) (auth.IssuedToken, error) {
	if len(text) > maxToken {
		return auth.IssuedToken{}, auth.ErrNotIssued
	}
	token, err := jwt.ParseSigned(text, algorithms)
	if err != nil || !isAccessToken(token.Headers[0]) {
		return auth.IssuedToken{}, auth.ErrNotIssued
	}
	key, err := i.key(ctx, token.Headers[0])
	if err != nil {
		return auth.IssuedToken{}, err
	}
	var registered jwt.Claims
	var all claimSet
	if err := token.Claims(key.Key, &registered, &all); err != nil {
		return auth.IssuedToken{}, auth.ErrNotIssued
	}
	return i.check(registered, all)
}

// isAccessToken reports whether a header is not that of a token of another type. Many
// issuers do not use the type of RFC 9068.
func isAccessToken(header jose.Header) bool {
	switch kind, _ := header.ExtraHeaders[jose.HeaderType].(string); kind {
	case "", "JWT", "jwt", "at+jwt", "application/at+jwt":
		return true
	}
	return false
}

// check returns what a token with a valid signature says. It refuses ID tokens, other
// tokens that issuers without the type of RFC 9068 sign, and tokens that are bound to
// a key of the client, which Roster cannot check.
func (i *Issuer) check(c jwt.Claims, all claimSet) (auth.IssuedToken, error) {
	err := c.ValidateWithLeeway(jwt.Expected{Issuer: i.address, AnyAudience: i.audiences, Time: i.now()}, leeway)
	kind := all.text("typ")
	switch {
	case err != nil, c.Issuer != i.address, c.Expiry == nil, c.Subject == "", len(c.Subject) > maxSubject:
	case all["nonce"] != nil, all["at_hash"] != nil, all["cnf"] != nil, kind != "" && kind != "Bearer":
	default:
		return auth.IssuedToken{Subject: c.Subject, ExpiresAt: c.Expiry.Time().Add(leeway), MFA: all.mfa()}, nil
	}
	return auth.IssuedToken{}, auth.ErrNotIssued
}

// key returns the key that a header names. For an unknown one, it reads the keys
// again, but not more often than rereadLife. While it does, others go on with the
// keys that are known.
func (i *Issuer) key(ctx context.Context, header jose.Header) (jose.JSONWebKey, error) {
	p := i.published.Load()
	key, found := p.find(header)
	if p.due(i.now(), found) && i.enter(ctx, !found) {
		defer func() { <-i.fetching }()
		p = i.published.Load()
		if key, found = p.find(header); p.due(i.now(), found) {
			p = i.fetch(ctx, p)
			key, found = p.find(header)
		}
	}
	switch {
	case found:
		return key, nil
	case p.failure != nil:
		return key, p.failure
	}
	return key, auth.ErrNotIssued
}

// enter locks fetching and reports success. It waits only if it must.
func (i *Issuer) enter(ctx context.Context, wait bool) bool {
	select {
	case i.fetching <- struct{}{}:
		return true
	default:
	}
	if !wait {
		return false
	}
	select {
	case i.fetching <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// due reports whether the keys must be read, for a key that is found in them or not.
func (p *published) due(now time.Time, found bool) bool {
	return !now.Before(p.until) || !found && p.failure == nil && !now.Before(p.reread)
}

// find returns the key of a header: by its id, or the only one.
func (p *published) find(header jose.Header) (jose.JSONWebKey, bool) {
	for _, key := range p.keys {
		fits := key.KeyID == header.KeyID || header.KeyID == "" && len(p.keys) == 1
		if fits && (key.Algorithm == "" || key.Algorithm == header.Algorithm) {
			return key, true
		}
	}
	return jose.JSONWebKey{}, false
}

// fetch reads metadata and keys. After a failure, it keeps the former keys.
func (i *Issuer) fetch(ctx context.Context, former *published) *published {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	defer cancel()
	now := i.now()
	p := &published{until: now.Add(metadataLife), reread: now.Add(rereadLife)}
	var err error
	if p.keys, err = i.read(oidc.ClientContext(ctx, i.client)); err != nil {
		i.log.WarnContext(ctx, "the keys of an issuer of JSON Web Tokens cannot be read", "issuer", i.address, "cause", err)
		p.keys, p.until = former.keys, now.Add(failureLife)
		if p.keys == nil {
			p.failure = unavailable(err)
		}
	}
	i.published.Store(p)
	return p
}

// read returns the public keys that sign.
func (i *Issuer) read(ctx context.Context) ([]jose.JSONWebKey, error) {
	provider, err := oidc.NewProvider(ctx, i.address)
	if err != nil {
		return nil, err
	}
	var about struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&about); err != nil {
		return nil, err
	}
	if err := checkAddress(about.Keys); err != nil {
		return nil, err
	}
	var set jose.JSONWebKeySet
	if err := i.get(ctx, about.Keys, &set); err != nil {
		return nil, err
	}
	keys := []jose.JSONWebKey{}
	for _, key := range set.Keys {
		if key.IsPublic() && key.Valid() && (key.Use == "" || key.Use == "sig") {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// checkAddress refuses an address without encryption that is not on this machine.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err == nil && u.Scheme == "https" && u.Host != "":
		return nil
	case err == nil && u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("the issuer names the address %q for its keys, which is not https", address)
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// get reads JSON.
func (i *Issuer) get(ctx context.Context, address string, value any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := i.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return errors.New("the keys were answered with " + answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(value)
}
