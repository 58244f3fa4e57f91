package passkey_test

import (
	"errors"
	"strings"
	"testing"

	"roster/internal/auth/passkey"
	"roster/internal/auth/passkeytest"
)

func TestNewSite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		scheme, host string
		want         passkey.Site // zero: an error
	}{
		{"https", "Roster.example.com", passkey.Site{ID: "roster.example.com", Origin: "https://roster.example.com"}},
		{"https", "roster.example.com:443", passkey.Site{ID: "roster.example.com", Origin: "https://roster.example.com"}},
		{"https", "roster.example.com:8443", passkey.Site{ID: "roster.example.com", Origin: "https://roster.example.com:8443"}},
		{"http", "localhost:8000", passkey.Site{ID: "localhost", Origin: "http://localhost:8000"}},
		{"http", "localhost:80", passkey.Site{ID: "localhost", Origin: "http://localhost"}},
		{"http", "127.0.0.1:8000", passkey.Site{}},
		{"https", "[::1]:8000", passkey.Site{}},
		{"https", "[::1]", passkey.Site{}},
		{"https", "", passkey.Site{}},
	} {
		got, err := passkey.NewSite(tt.scheme, tt.host)
		if got != tt.want || (err == nil) != (tt.want != passkey.Site{}) {
			t.Errorf("%s://%s: got %+v, %v, want %+v", tt.scheme, tt.host, got, err, tt.want)
		}
	}
}

var (
	site = passkey.Site{ID: "example.com", Origin: "https://example.com"}
	user = passkey.User{Handle: []byte("0123456789abcdef"), Name: "ann"}
)

const first, second = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"

// register returns the credential of an authenticator.
func register(t *testing.T, a *passkeytest.Authenticator) passkey.Credential {
	t.Helper()
	options, err := site.Creation(user, nil, first)
	if err != nil {
		t.Fatal(err)
	}
	c, err := site.Register(user, first, a.Create(t, options))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSite_Options(t *testing.T) {
	t.Parallel()
	c := register(t, passkeytest.New(t, site.Origin))
	creation, err := site.Creation(user, []passkey.Credential{c}, first)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`"attestation":"none"`, `"challenge":"` + first + `"`, `"timeout":300000`, `"residentKey":"preferred"`, `"excludeCredentials":[{`, `"alg":-7`, `"name":"ann"`,
	} {
		if !strings.Contains(creation, part) {
			t.Errorf("got %s, want %s in it", creation, part)
		}
	}
	for verify, want := range map[bool]string{true: `"userVerification":"required"`, false: `"userVerification":"discouraged"`} {
		request, err := site.Request([]passkey.Credential{c}, second, verify)
		if err != nil || !strings.Contains(request, want) || !strings.Contains(request, `"allowCredentials":[{`) || !strings.Contains(request, second) {
			t.Errorf("got %s, %v, want %s in it", request, err, want)
		}
	}
}

func TestSite_Register_Refused(t *testing.T) {
	t.Parallel()
	options, err := site.Creation(user, nil, first)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*passkeytest.Authenticator){
		"another origin": func(a *passkeytest.Authenticator) { a.Origin = "https://example.com.evil.test" },
		"http":           func(a *passkeytest.Authenticator) { a.Origin = "http://example.com" },
		"another domain": func(a *passkeytest.Authenticator) { a.RPID = "evil.test" },
	} {
		a := passkeytest.New(t, site.Origin)
		change(a)
		if _, err := site.Register(user, first, a.Create(t, options)); err == nil {
			t.Errorf("%s: got it accepted", name)
		}
	}
	answer := passkeytest.New(t, site.Origin).Create(t, options)
	for name, tt := range map[string]struct{ challenge, answer string }{
		"another challenge": {second, answer}, "nothing": {first, ""}, "no object": {first, "[]"}, "too long": {first, strings.Repeat(" ", 16<<10) + answer},
		"a login": {first, strings.ReplaceAll(answer, "attestationObject", "signature")},
	} {
		if _, err := site.Register(user, tt.challenge, tt.answer); err == nil {
			t.Errorf("%s: got it accepted", name)
		}
	}
}

func TestSite_Verify(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*passkeytest.Authenticator)
		verify bool
		cloned bool
		ok     bool
	}{
		{"as registered", func(*passkeytest.Authenticator) {}, true, false, true},
		{"no verification needed", func(a *passkeytest.Authenticator) { a.Verified = false }, false, false, true},
		{"no verification", func(a *passkeytest.Authenticator) { a.Verified = false }, true, false, false},
		{"another origin", func(a *passkeytest.Authenticator) { a.Origin = "https://www.example.com" }, false, false, false},
		{"another domain", func(a *passkeytest.Authenticator) { a.RPID = "www.example.com" }, false, false, false},
		{"another handle", func(a *passkeytest.Authenticator) { a.Handle = []byte("fedcba9876543210") }, false, false, false},
		{"a counter that stays", func(a *passkeytest.Authenticator) { a.Count = 4 }, false, true, false},
		{"a counter that goes back", func(a *passkeytest.Authenticator) { a.Count = 1 }, false, true, false},
		{"a counter that is gone", func(a *passkeytest.Authenticator) { a.Count = 0 }, false, true, false},
		{"another kind", func(a *passkeytest.Authenticator) { a.Synced = true }, false, false, false},
	} {
		a := passkeytest.New(t, site.Origin)
		a.Count = 5
		c := register(t, a)
		tt.change(a)
		got, err := verify(t, a, c, tt.verify)
		if (err == nil) != tt.ok || errors.Is(err, passkey.ErrCloned) != tt.cloned {
			t.Errorf("%s: got %v, want accepted %v, cloned %v", tt.name, err, tt.ok, tt.cloned)
		}
		if tt.ok && got.SignCount != 6 {
			t.Errorf("%s: got the counter %d, want 6", tt.name, got.SignCount)
		}
	}
}

// Synchronized passkeys do not count, and are accepted again and again.
func TestSite_Verify_Synced(t *testing.T) {
	t.Parallel()
	a := passkeytest.New(t, site.Origin)
	a.Synced = true
	c := register(t, a)
	if !c.Synced() || c.SignCount != 0 {
		t.Errorf("got %+v", c)
	}
	for range 2 {
		var err error
		if c, err = verify(t, a, c, true); err != nil || !c.Synced() {
			t.Errorf("got %+v, %v", c, err)
		}
	}
}

func verify(t *testing.T, a *passkeytest.Authenticator, c passkey.Credential, verified bool) (passkey.Credential, error) {
	t.Helper()
	options, err := site.Request(nil, second, verified)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := passkey.ParseAssertion(a.Get(t, options))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := site.Verify(signed, c, first, verified); err == nil {
		t.Error("got an assertion accepted for another challenge")
	}
	return site.Verify(signed, c, second, verified)
}

func TestParseAssertion_Refused(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"", "{}", "null", `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`, strings.Repeat("[", 20<<10)} {
		if _, err := passkey.ParseAssertion(answer); err == nil {
			t.Errorf("%.40s: got it accepted", answer)
		}
	}
}
