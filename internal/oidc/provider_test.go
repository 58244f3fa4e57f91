package oidc_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/oidc"
	"roster/internal/oidc/oidctest"
	"roster/internal/secret"
)

func client(issuer, groups string) *oidc.Provider {
	return oidc.New(oidc.Options{
		Name: "test", Issuer: issuer, ClientID: oidctest.ClientID, ClientSecret: secret.New(oidctest.ClientSecret),
		Scopes: "openid email", GroupsClaim: groups,
	}, time.Now, slog.New(slog.DiscardHandler))
}

// begin begins a login.
func begin(t *testing.T, c *oidc.Provider) (string, auth.Flow) {
	t.Helper()
	f := auth.NewFlow("test", time.Now())
	f.RedirectURI = "https://users.example.com/callback/"
	address, f, err := c.Authorize(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return address, f
}

// logIn logs the person in.
func logIn(t *testing.T, c *oidc.Provider, p *oidctest.Provider) (auth.Claims, error) {
	t.Helper()
	address, f := begin(t, c)
	return c.Redeem(t.Context(), f, answerOf(p.LogIn(t, address)))
}

func answerOf(q url.Values) auth.Answer {
	return auth.Answer{Code: q.Get("code"), State: q.Get("state"), Issuer: q.Get("iss")}
}

func TestRedeem_Claims(t *testing.T) {
	t.Parallel()
	many := []any{"Editors", "Staff", 7}
	for name, c := range map[string]struct {
		token, info map[string]any
		claim       string
		want        auth.Claims
	}{
		"none": {want: auth.Claims{Subject: "1"}},
		"all": {
			token: map[string]any{
				"sub": "a|1", "email": "ann@example.com", "email_verified": true, "preferred_username": "ann", "given_name": "Ann", "family_name": "Lee",
				"groups": many, "amr": []string{"pwd", "mfa"}, "auth_time": 1790000000,
			},
			claim: "groups",
			want: auth.Claims{
				Subject: "a|1", Email: "ann@example.com", Username: "ann", FirstName: "Ann", LastName: "Lee", Groups: []string{"Editors", "Staff"},
				MFA: true, AuthTime: time.Unix(1790000000, 0),
			},
		},
		"unverified":       {token: map[string]any{"email": "ann@example.com", "email_verified": false}, want: auth.Claims{Subject: "1"}},
		"verified unsaid":  {token: map[string]any{"email": "ann@example.com"}, want: auth.Claims{Subject: "1"}},
		"verified as text": {token: map[string]any{"email": "ann@example.com", "email_verified": "true"}, want: auth.Claims{Subject: "1", Email: "ann@example.com"}},
		"verified by Entra": {
			token: map[string]any{"email": "ann@example.com", "xms_edov": true}, want: auth.Claims{Subject: "1", Email: "ann@example.com"},
		},
		"no address":  {token: map[string]any{"email": "ann", "email_verified": true}, want: auth.Claims{Subject: "1"}},
		"acr":         {token: map[string]any{"acr": "https://refeds.org/profile/mfa"}, want: auth.Claims{Subject: "1", MFA: true}},
		"acr of less": {token: map[string]any{"acr": "https://refeds.org/profile/sfa", "amr": "pwd"}, want: auth.Claims{Subject: "1"}},
		"userinfo": {
			info:  map[string]any{"sub": "1", "email": "ann@example.com", "email_verified": true, "groups": "Editors"},
			claim: "groups", want: auth.Claims{Subject: "1", Email: "ann@example.com", Groups: []string{"Editors"}},
		},
		"the token has precedence, and its address is not verified by the userinfo": {
			token: map[string]any{"email": "ann@example.com", "given_name": "Ann"},
			info:  map[string]any{"sub": "1", "email": "bob@example.com", "email_verified": true, "given_name": "Bob", "groups": many},
			claim: "groups", want: auth.Claims{Subject: "1", FirstName: "Ann", Groups: []string{"Editors", "Staff"}},
		},
		"nested groups": {
			token: map[string]any{"realm_access": map[string]any{"roles": many}}, claim: "realm_access.roles",
			want: auth.Claims{Subject: "1", Groups: []string{"Editors", "Staff"}},
		},
		"a claim with dots": {
			token: map[string]any{"https://example.com/groups": many}, claim: "https://example.com/groups",
			want: auth.Claims{Subject: "1", Groups: []string{"Editors", "Staff"}},
		},
		"groups without a claim in the settings": {token: map[string]any{"groups": many}, want: auth.Claims{Subject: "1"}},
		"no groups":                              {token: map[string]any{"groups": nil}, claim: "groups", want: auth.Claims{Subject: "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := oidctest.New(t)
			p.Claims, p.UserInfo = c.token, c.info
			got, err := logIn(t, client(p.URL, c.claim), p)
			if err != nil {
				t.Fatal(err)
			}
			if got.Issuer != p.URL || strings.Count(got.Hint, ".") != 2 {
				t.Errorf("got %+v", got)
			}
			got.Issuer, got.Hint = "", ""
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestRedeem_Refused shows that no answer but the right one logs anybody in.
func TestRedeem_Refused(t *testing.T) {
	t.Parallel()
	claim := func(name string, value any) func(*oidctest.Provider) {
		return func(p *oidctest.Provider) { p.Tamper = func(_, claims map[string]any) { claims[name] = value } }
	}
	for name, spoil := range map[string]func(*oidctest.Provider){
		"another nonce":      claim("nonce", "n"),
		"no nonce":           claim("nonce", nil),
		"another audience":   claim("aud", "other"),
		"several audiences":  claim("aud", []string{"roster", "other"}),
		"another client":     claim("azp", "other"),
		"another issuer":     claim("iss", "https://other.example.com"),
		"expired":            claim("exp", time.Now().Add(-time.Second).Unix()),
		"without expiry":     claim("exp", nil),
		"not yet valid":      claim("nbf", time.Now().Add(time.Hour).Unix()),
		"another token":      claim("at_hash", "abc"),
		"no subject":         claim("sub", ""),
		"too long a subject": claim("sub", strings.Repeat("s", 256)),
		"groups of no names": claim("groups", map[string]any{"a": "b"}),
		"groups left out":    claim("_claim_names", map[string]any{"groups": "src1"}),
		"groups with sources": func(p *oidctest.Provider) {
			p.Claims = map[string]any{"_claim_names": map[string]any{"groups": "src1"}, "_claim_sources": map[string]any{"src1": map[string]any{"endpoint": "https://graph.example.com"}}}
		},
		"alg none": func(p *oidctest.Provider) {
			p.Tamper = func(header, _ map[string]any) { header["alg"] = "none" }
			p.Sign = func(string) []byte { return nil }
		},
		"alg HS256": func(p *oidctest.Provider) {
			p.Tamper = func(header, _ map[string]any) { header["alg"] = "HS256" }
			p.Sign = func(string) []byte { return []byte("signature") }
		},
		"a wrong signature": func(p *oidctest.Provider) { p.Sign = func(string) []byte { return make([]byte, 64) } },
		"userinfo of another": func(p *oidctest.Provider) {
			p.UserInfo = map[string]any{"sub": "2", "email": "ann@example.com", "email_verified": true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := oidctest.New(t)
			spoil(p)
			if got, err := logIn(t, client(p.URL, "groups"), p); fault.KindOf(err) != fault.Invalid {
				t.Errorf("got %+v, %v, want an Invalid error", got, err)
			}
		})
	}
}

// TestRedeem_AnswerOfAnother shows that an answer belongs to one flow of one
// provider.
func TestRedeem_AnswerOfAnother(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sends  bool
		change func(f *auth.Flow, a *auth.Answer)
	}{
		"another state":          {change: func(_ *auth.Flow, a *auth.Answer) { a.State = "s" }},
		"no state":               {change: func(f *auth.Flow, a *auth.Answer) { f.State, a.State = "", "" }},
		"another verifier":       {change: func(f *auth.Flow, _ *auth.Answer) { f.Verifier = strings.Repeat("v", 43) }},
		"another redirect":       {change: func(f *auth.Flow, _ *auth.Answer) { f.RedirectURI = "https://other.example.com/" }},
		"no code":                {change: func(_ *auth.Flow, a *auth.Answer) { a.Code = "" }},
		"another code":           {change: func(_ *auth.Flow, a *auth.Answer) { a.Code = "c" }},
		"missing issuer":         {sends: true, change: func(_ *auth.Flow, a *auth.Answer) { a.Issuer = "" }},
		"another issuer":         {sends: true, change: func(_ *auth.Flow, a *auth.Answer) { a.Issuer = "https://other.example.com" }},
		"another issuer unasked": {change: func(_ *auth.Flow, a *auth.Answer) { a.Issuer = "https://other.example.com" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := oidctest.New(t)
			p.SendsIssuer = c.sends
			provider := client(p.URL, "")
			address, f := begin(t, provider)
			answer := answerOf(p.LogIn(t, address))
			c.change(&f, &answer)
			if got, err := provider.Redeem(t.Context(), f, answer); fault.KindOf(err) != fault.Invalid {
				t.Errorf("got %+v, %v, want an Invalid error", got, err)
			}
		})
	}
}

func TestRedeem_OnceOnly(t *testing.T) {
	t.Parallel()
	p := oidctest.New(t)
	p.SendsIssuer = true
	provider := client(p.URL, "")
	address, f := begin(t, provider)
	answer := answerOf(p.LogIn(t, address))
	if _, err := provider.Redeem(t.Context(), f, answer); err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Redeem(t.Context(), f, answer); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the second time: got %v", err)
	}
}

func TestRedeem_RotatedKey(t *testing.T) {
	t.Parallel()
	p := oidctest.New(t)
	provider := client(p.URL, "")
	for range 3 {
		for range 2 {
			if _, err := logIn(t, provider, p); err != nil {
				t.Fatal(err)
			}
		}
		p.Rotate()
	}
	if got := p.Asked("/keys"); got != 3 {
		t.Errorf("the keys were requested %d times, want 3", got)
	}
	if got := p.Asked("/.well-known/openid-configuration"); got != 1 {
		t.Errorf("the metadata was requested %d times, want 1", got)
	}
}

// TestAuthorize_Unreachable shows that a dead provider is asked rarely, and is used
// again when it is back.
func TestAuthorize_Unreachable(t *testing.T) {
	t.Parallel()
	p := oidctest.New(t)
	dead, asked := true, 0
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if dead {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		p.Config.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	p.URL = front.URL
	now := time.Now()
	provider := oidc.New(oidc.Options{Issuer: p.URL, ClientID: oidctest.ClientID, Scopes: "openid"}, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	for range 3 {
		if _, _, err := provider.Authorize(t.Context(), auth.NewFlow("test", now)); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("got %v, want Unavailable", err)
		}
	}
	if asked != 1 {
		t.Errorf("the provider was asked %d times, want once", asked)
	}
	dead, now = false, now.Add(11*time.Second)
	begin(t, provider)
	dead, now = true, now.Add(2*time.Hour)
	begin(t, provider) // with the metadata of before
}

// TestAuthorize_BadMetadata shows what is refused of a provider's metadata.
func TestAuthorize_BadMetadata(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"another issuer":    `{"issuer":"https://other.example.com","authorization_endpoint":"https://a","token_endpoint":"https://b"}`,
		"no endpoint":       `{"issuer":"ISSUER"}`,
		"not JSON":          `<html>`,
		"a script":          `{"issuer":"ISSUER","authorization_endpoint":"javascript:alert(1)","token_endpoint":"https://b"}`,
		"longer than 1 MiB": `{"issuer":"ISSUER","authorization_endpoint":"https://a","token_endpoint":"https://b","x":"` + strings.Repeat("x", 1<<20) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(strings.ReplaceAll(body, "ISSUER", server.URL))) // the test sees a short answer
			}))
			t.Cleanup(server.Close)
			if _, _, err := client(server.URL, "").Authorize(t.Context(), auth.NewFlow("test", time.Now())); fault.KindOf(err) != fault.Unavailable {
				t.Errorf("got %v, want Unavailable", err)
			}
		})
	}
}

func TestAuthorize_FollowsNoRedirect(t *testing.T) {
	t.Parallel()
	p := oidctest.New(t)
	front := httptest.NewServer(http.RedirectHandler(p.URL+"/.well-known/openid-configuration", http.StatusFound))
	t.Cleanup(front.Close)
	if _, _, err := client(front.URL, "").Authorize(t.Context(), auth.NewFlow("test", time.Now())); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v, want Unavailable", err)
	}
	if p.Asked("/.well-known/openid-configuration") != 0 {
		t.Error("the redirect was followed")
	}
}

func TestAuthorize_AsksAgainToConfirm(t *testing.T) {
	t.Parallel()
	provider := client(oidctest.New(t).URL, "")
	f := auth.NewFlow("test", time.Now())
	f.Purpose = auth.ToConfirm
	address, _, err := provider.Authorize(t.Context(), f)
	if err != nil || !strings.Contains(address, "prompt=login") || !strings.Contains(address, "max_age=0") {
		t.Errorf("got %s, %v", address, err)
	}
}

func TestLogoutURL(t *testing.T) {
	t.Parallel()
	p := oidctest.New(t)
	got := client(p.URL, "").LogoutURL(t.Context(), "a.b.c", "https://users.example.com/")
	want := p.URL + "/logout?client_id=roster&id_token_hint=a.b.c&post_logout_redirect_uri=https%3A%2F%2Fusers.example.com%2F"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	p.Close()
	if got := client(p.URL, "").LogoutURL(t.Context(), "", "https://users.example.com/"); got != "" {
		t.Errorf("of a dead provider: got %s", got)
	}
}
