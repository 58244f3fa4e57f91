package oidc_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/oidc"
	"roster/internal/oidc/oidctest"
)

// trusted is an issuer, and what verifies its access tokens.
type trusted struct {
	*oidctest.Provider

	issuer *oidc.Issuer
	now    time.Time
}

func newTrusted(t *testing.T) *trusted {
	t.Helper()
	c := &trusted{Provider: oidctest.New(t), now: time.Now().Truncate(time.Second)}
	c.Now = func() time.Time { return c.now }
	c.issuer = oidc.NewIssuer(c.URL, []string{"roster", "users"}, c.Now, slog.New(slog.DiscardHandler))
	return c
}

// verify returns the subject of a valid token, "" for another.
func (c *trusted) verify(t *testing.T, text string) string {
	t.Helper()
	found, err := c.issuer.Verify(t.Context(), text)
	if err != nil && (!errors.Is(err, auth.ErrNotIssued) || found.Subject != "") {
		t.Errorf("got %+v, %v", found, err)
	}
	return found.Subject
}

func TestIssuer(t *testing.T) {
	t.Parallel()
	c := newTrusted(t)
	at := c.now.Unix()
	type values = map[string]any
	parts := strings.Split(c.Issue(nil, values{"sub": "2"}), ".")
	for name, tt := range map[string]struct {
		text string
		want bool
	}{
		"valid":                    {c.Issue(nil, nil), true},
		"another type of many":     {c.Issue(values{"typ": "JWT"}, values{"typ": "Bearer"}), true},
		"no type":                  {c.Issue(values{"typ": nil}, nil), true},
		"no key id, of one key":    {c.Issue(values{"kid": nil}, nil), true},
		"the other audience":       {c.Issue(nil, values{"aud": []string{"other", "users"}}), true},
		"expired a minute ago":     {c.Issue(nil, values{"exp": at - 60}), true},
		"from in a minute":         {c.Issue(nil, values{"nbf": at + 60}), true},
		"expired":                  {c.Issue(nil, values{"exp": at - 61}), false},
		"from later":               {c.Issue(nil, values{"nbf": at + 61}), false},
		"issued later":             {c.Issue(nil, values{"iat": at + 61}), false},
		"no expiry":                {c.Issue(nil, values{"exp": nil}), false},
		"expiry as a text":         {c.Issue(nil, values{"exp": "soon"}), false},
		"another audience":         {c.Issue(nil, values{"aud": "other"}), false},
		"no audience":              {c.Issue(nil, values{"aud": nil}), false},
		"another issuer":           {c.Issue(nil, values{"iss": "https://other.example.com"}), false},
		"no issuer":                {c.Issue(nil, values{"iss": nil}), false},
		"no subject":               {c.Issue(nil, values{"sub": nil}), false},
		"a long subject":           {c.Issue(nil, values{"sub": strings.Repeat("x", 256)}), false},
		"an ID token by its type":  {c.Issue(values{"typ": "JWT"}, values{"typ": "ID"}), false},
		"an ID token with a nonce": {c.Issue(values{"typ": "JWT"}, values{"nonce": "n"}), false},
		"an ID token with a hash":  {c.Issue(values{"typ": "JWT"}, values{"at_hash": "h"}), false},
		"a logout token":           {c.Issue(values{"typ": "logout+jwt"}, nil), false},
		"bound to a key":           {c.Issue(nil, values{"cnf": values{"jkt": "x"}}), false},
		"alg none":                 {c.Issue(values{"alg": "none"}, nil), false},
		"alg HS256":                {c.Issue(values{"alg": "HS256"}, nil), false},
		"the algorithm of no key":  {c.Issue(values{"alg": "RS256"}, nil), false},
		"a key of its own":         {c.Issue(values{"jwk": values{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}, "kid": "x"}, nil), false},
		"keys from elsewhere":      {c.Issue(values{"jku": "https://evil.example/keys", "kid": "x"}, nil), false},
		"a critical extension":     {c.Issue(values{"crit": []string{"b64"}, "b64": false}, nil), false},
		"another payload":          {parts[0] + "." + strings.Split(c.Issue(nil, nil), ".")[1] + "." + parts[2], false},
		"longer than 8 KiB":        {c.Issue(nil, values{"x": strings.Repeat("x", 8<<10)}), false},
		"no token":                 {"a.b.c", false},
	} {
		if got := c.verify(t, tt.text); (got == "1") != tt.want || !tt.want && got != "" {
			t.Errorf("%s: got the subject %q, want it accepted: %v", name, got, tt.want)
		}
	}
	if found, err := c.issuer.Verify(t.Context(), c.Issue(nil, values{"amr": []string{"pwd", "mfa"}})); err != nil || !found.MFA {
		t.Errorf("with a second factor: got %+v, %v", found, err)
	}
}

// A new key is read when it signs, but unknown keys cost few requests; a former key
// is no longer accepted then.
func TestIssuer_Rotation(t *testing.T) {
	t.Parallel()
	c := newTrusted(t)
	old := c.Issue(nil, nil)
	if c.verify(t, old) != "1" {
		t.Fatal("a valid token is refused")
	}
	for range 100 {
		c.verify(t, c.Issue(map[string]any{"kid": "made up"}, nil))
	}
	if got := c.Asked("/keys"); got != 1 {
		t.Errorf("keys were read %d times for unknown keys, want once", got)
	}
	c.Rotate()
	fresh := c.Issue(nil, nil)
	if c.verify(t, fresh) != "" || c.verify(t, old) != "1" {
		t.Error("the keys were read again too early")
	}
	c.now = c.now.Add(10 * time.Second)
	if c.verify(t, fresh) != "1" || c.verify(t, old) != "" {
		t.Error("the new key does not replace the former one")
	}
	c.now = c.now.Add(50 * time.Minute)
	c.verify(t, fresh)
	if got := c.Asked("/keys"); got != 2 {
		t.Errorf("keys were read %d times, want twice", got)
	}
}

// An issuer that does not answer is asked every ten seconds, and its keys stay known.
func TestIssuer_Unreachable(t *testing.T) {
	t.Parallel()
	c := newTrusted(t)
	text := c.Issue(nil, map[string]any{"exp": c.now.Add(5 * time.Hour).Unix()})
	c.verify(t, text)
	c.Close()
	c.now = c.now.Add(2 * time.Hour)
	for range 2 {
		if c.verify(t, text) != "1" {
			t.Error("known keys are forgotten")
		}
	}
	gone := newTrusted(t)
	text = gone.Issue(nil, nil)
	gone.Close()
	for range 2 {
		if _, err := gone.issuer.Verify(t.Context(), text); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("got %v, want Unavailable", err)
		}
	}
}

// An issuer cannot send Roster to an address without encryption.
func TestIssuer_Addresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://login.example.com/keys": true, "http://127.0.0.1:8080/keys": true, "http://localhost/keys": true, "http://[::1]/keys": true,
		"http://login.example.com/keys": false, "http://169.254.169.254/latest": false, "file:///etc/passwd": false, "": false, "https:///keys": false,
		"http://localhost.evil.example/": false,
	} {
		if got := oidc.CheckAddress(address) == nil; got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
}
