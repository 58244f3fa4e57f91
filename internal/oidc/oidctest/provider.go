// Package oidctest has an OpenID Connect provider for tests, which can misbehave.
package oidctest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"
)

// The client that every provider knows.
const (
	ClientID     = "roster"
	ClientSecret = "a secret of the tests"
)

// Provider is a provider at which everyone is logged in as the same person. Its
// fields may be changed between requests.
type Provider struct {
	*httptest.Server

	Claims      map[string]any // of the ID token, beside the required ones
	UserInfo    map[string]any // nil: there is no such endpoint
	Tamper      func(header, claims map[string]any)
	Sign        func(signed string) []byte // instead of the right signature
	SendsIssuer bool
	Now         func() time.Time

	mu    sync.Mutex
	key   ed25519.PrivateKey
	kid   int
	codes map[string]grant
	asked map[string]int
}

// grant is what a code is for.
type grant struct{ nonce, challenge, redirect string }

// New starts a provider that ends with the test.
func New(tb testing.TB) *Provider {
	tb.Helper()
	p := &Provider{codes: map[string]grant{}, asked: map[string]int{}, Now: time.Now}
	p.Rotate()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discover)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userInfo)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked[r.URL.Path]++
		p.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	tb.Cleanup(p.Close)
	return p
}

// Rotate replaces the key that signs tokens.
func (p *Provider) Rotate() {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key, p.kid = key, p.kid+1
}

// Asked returns the number of requests of a path.
func (p *Provider) Asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[path]
}

// LogIn follows the redirect of a client to the provider, and returns the query with
// which the person comes back.
func (p *Provider) LogIn(tb testing.TB, authorize string) url.Values {
	tb.Helper()
	u, err := url.Parse(authorize)
	if err != nil {
		tb.Fatal(err)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != ClientID || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" {
		tb.Fatalf("got the request %s", authorize)
	}
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = grant{q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")}
	p.mu.Unlock()
	answer := url.Values{"code": {code}, "state": {q.Get("state")}}
	if p.SendsIssuer {
		answer.Set("iss", p.URL)
	}
	return answer
}

func (p *Provider) discover(w http.ResponseWriter, _ *http.Request) {
	about := map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"end_session_endpoint": p.URL + "/logout", "id_token_signing_alg_values_supported": []string{"EdDSA", "none", "HS256"},
		"authorization_response_iss_parameter_supported": p.SendsIssuer,
	}
	if p.UserInfo != nil {
		about["userinfo_endpoint"] = p.URL + "/userinfo"
	}
	write(w, http.StatusOK, about)
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	write(w, http.StatusOK, map[string]any{"keys": []map[string]any{{
		"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": strconv.Itoa(p.kid), "x": base64.RawURLEncoding.EncodeToString(p.key[ed25519.PrivateKeySize-ed25519.PublicKeySize:]),
	}}})
}

// token exchanges a code, once.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	p.mu.Lock()
	defer p.mu.Unlock()
	granted, ok := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	plain, _ := url.QueryUnescape(secret)
	if !ok || id != ClientID || plain != ClientSecret || granted.redirect != r.PostFormValue("redirect_uri") ||
		granted.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		write(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	write(w, http.StatusOK, map[string]any{
		"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 60, "id_token": p.sign(granted.nonce),
	})
}

// sign returns an ID token.
func (p *Provider) sign(nonce string) string {
	now := p.Now()
	header := map[string]any{"alg": "EdDSA", "kid": strconv.Itoa(p.kid)}
	claims := map[string]any{"iss": p.URL, "sub": "1", "aud": ClientID, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "nonce": nonce}
	maps.Copy(claims, p.Claims)
	if p.Tamper != nil {
		p.Tamper(header, claims)
	}
	return p.signed(header, claims)
}

func (p *Provider) signed(header, claims map[string]any) string {
	text := encode(header) + "." + encode(claims)
	if p.Sign != nil {
		return text + "." + base64.RawURLEncoding.EncodeToString(p.Sign(text))
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(p.key, []byte(text)))
}

// Issue returns an access token (RFC 9068) of the person 1 for the audience roster,
// with other values in its header and claims; nil removes one.
func (p *Provider) Issue(header, claims map[string]any) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Now()
	return p.signed(
		merged(map[string]any{"alg": "EdDSA", "kid": strconv.Itoa(p.kid), "typ": "at+jwt"}, header),
		merged(map[string]any{"iss": p.URL, "sub": "1", "aud": "roster", "client_id": "script", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}, claims))
}

// merged returns values with changes, of which nil removes one.
func merged(values, changes map[string]any) map[string]any {
	maps.Copy(values, changes)
	maps.DeleteFunc(values, func(_ string, value any) bool { return value == nil })
	return values
}

func (p *Provider) userInfo(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, p.UserInfo)
}

func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func write(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		panic(err)
	}
}
