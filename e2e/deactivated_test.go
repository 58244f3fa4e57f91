package e2e_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/internal/auth/passkeytest"
	"roster/internal/oidc/oidctest"
)

// The accounts of the drill, by their ids: ann has a password alone, pat also a
// passkey, and olga logs in at a provider.
const annID, patID, olgaID = 2, 3, 4

// accepts reports whether a server accepts a credential.
type accepts func(*server) (bool, error)

// deactivation is two servers on one database, and the accounts.
type deactivation struct {
	t       *testing.T
	first   *server
	second  *server
	corp    *oidctest.Provider
	key     *passkeytest.Authenticator
	boss    *visitor
	setting []string
}

// TestDrill_Deactivation: when an account is deactivated on one server, every kind
// of credential that it has is refused on that server and on another one.
func TestDrill_Deactivation(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		newDeactivation(t, settings).run()
	})
}

func newDeactivation(t *testing.T, settings []string) *deactivation {
	t.Helper()
	d := &deactivation{t: t, corp: oidctest.New(t)}
	d.corp.Claims = map[string]any{"sub": "o1", "email": "olga@example.com", "email_verified": true, "preferred_username": "olga", "groups": []string{"staff"}}
	d.setting = append(settings, "AUTO_MIGRATE=true", "API_PERMISSION=IsAuthenticated", "THROTTLE_LOGIN=1000/min", signing, "LOG_DIR=", "LOG_LEVEL=ERROR", "LOG_LEVELS=server=INFO",
		"OIDC_PROVIDERS=corp", "OIDC_CORP_ISSUER="+d.corp.URL, "OIDC_CORP_CLIENT_ID="+oidctest.ClientID, "OIDC_CORP_CLIENT_SECRET="+oidctest.ClientSecret,
		"OIDC_CORP_GROUPS_CLAIM=groups", "OIDC_CORP_STAFF_GROUPS=staff", "OIDC_CORP_CREATE=true")
	for _, s := range []**server{&d.first, &d.second} {
		*s = startServer(t, t.TempDir(), d.setting...)
		(*s).url = strings.Replace((*s).url, "127.0.0.1", "localhost", 1) // passkeys need a name
	}
	for _, username := range []string{"boss", "ann", "pat"} {
		addSuperuser(t, d.setting, username)
	}
	d.boss = d.logIn("boss")
	d.addPasskey()
	return d
}

// run uses every credential until its account is deactivated and it is refused.
func (d *deactivation) run() {
	d.t.Helper()
	type user struct {
		name    string
		account int
		last    chan time.Time // when it was accepted last
	}
	var users []user
	var using sync.WaitGroup
	for name, kind := range d.kinds() {
		for i, s := range []*server{d.first, d.second} {
			u, credential := user{fmt.Sprintf("%s, server %d", name, i+1), kind.account, make(chan time.Time, 1)}, kind.create()
			if ok, err := credential(s); !ok || err != nil {
				d.t.Fatalf("%s, before: accepted %v, %v", u.name, ok, err)
			}
			users = append(users, u)
			using.Go(func() { u.last <- d.useUntilRefused(u.name, s, credential) })
		}
	}
	deactivated := map[int]time.Time{}
	for id, username := range map[int]string{annID: "ann", patID: "pat", olgaID: "olga"} {
		d.deactivate(id, username)
		deactivated[id] = time.Now()
		if page := d.boss.must(accountPath(id), nil); page.status != http.StatusOK || formActive.MatchString(page.body) {
			d.t.Fatalf("%s is still active: %d", username, page.status)
		}
	}
	using.Wait()
	longest := map[string]time.Duration{}
	for _, u := range users {
		longest[u.name] = max(0, (<-u.last).Sub(deactivated[u.account])).Round(time.Millisecond)
	}
	for _, name := range slices.Sorted(maps.Keys(longest)) {
		d.t.Logf("%-33s accepted until %v after the deactivation", name, longest[name])
	}
	d.t.Logf("%d credentials, the longest accepted for %v", len(longest), slices.Max(slices.Collect(maps.Values(longest))))
}

// useUntilRefused uses a credential all the time, which keeps it in the memory of
// the server, and returns when it was accepted last.
func (d *deactivation) useUntilRefused(name string, s *server, credential accepts) (last time.Time) {
	next := time.NewTicker(20 * time.Millisecond)
	defer next.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-next.C {
		switch ok, err := credential(s); {
		case err != nil:
			d.t.Errorf("%s: %v", name, err)
			return last
		case !ok:
			return last
		}
		last = time.Now()
	}
	d.t.Errorf("%s: accepted for %v", name, patience)
	return last
}

// kind is a kind of credential of an account; create returns a new one.
type kind struct {
	account int
	create  func() accepts
}

func (d *deactivation) kinds() map[string]kind {
	const users = "/api/users/"
	return map[string]kind{
		"session":                 {annID, func() accepts { return d.logIn("ann").opens(users) }},
		"session of a passkey":    {patID, func() accepts { return d.usePasskey().opens(users) }},
		"session of a provider":   {olgaID, func() accepts { return d.useProvider().opens(users) }},
		"half a login":            {patID, func() accepts { return d.logIn("pat").opens("/admin/login/code/") }},
		"API token, as Bearer":    {annID, func() accepts { return d.header("Bearer " + d.token()) }},
		"API token, as Token":     {annID, func() accepts { return d.header("Token " + d.token()) }},
		"HTTP Basic":              {annID, d.basic},
		"JSON Web Token":          {annID, func() accepts { return d.header("Bearer " + d.obtain().Access) }},
		"JSON Web Token, refresh": {annID, func() accepts { return d.refresh(d.obtain().Refresh) }},
	}
}

// logIn logs an account in by its password.
func (d *deactivation) logIn(username string) *visitor {
	d.t.Helper()
	v := d.first.visitor("192.0.2.1")
	if got, err := v.logIn(username, staffPassword); err != nil || got.status != http.StatusFound {
		d.t.Fatalf("%s: got %d, %v", username, got.status, err)
	}
	return v
}

var (
	passkeyOptions   = regexp.MustCompile(`data-options="([^"]*)"`)
	passkeyChallenge = regexp.MustCompile(`name="challenge" value="([^"]*)"`)
)

// answer sends a page's form with the answer of the passkey to what it offers.
func (d *deactivation) answer(v *visitor, page received, path string, ask func(*testing.T, string) string, form url.Values) received {
	d.t.Helper()
	options, challenge, token := passkeyOptions.FindStringSubmatch(page.body), passkeyChallenge.FindStringSubmatch(page.body), formToken.FindStringSubmatch(page.body)
	if options == nil || challenge == nil || token == nil {
		d.t.Fatalf("%s offers no passkey: %d %s", path, page.status, page.body)
	}
	form.Set("challenge", challenge[1])
	form.Set("credential", ask(d.t, html.UnescapeString(options[1])))
	form.Set("csrfmiddlewaretoken", token[1])
	return v.must(path, form)
}

// addPasskey adds a passkey to pat.
func (d *deactivation) addPasskey() {
	d.t.Helper()
	d.key = passkeytest.New(d.t, d.first.url)
	d.key.Count = 1
	v := d.logIn("pat")
	page := v.must("/admin/totp/", nil)
	page = v.must("/admin/totp/", url.Values{"csrfmiddlewaretoken": {formToken.FindStringSubmatch(page.body)[1]}, "action": {"new-passkey"}})
	page = d.answer(v, page, "/admin/totp/", d.key.Create, url.Values{"action": {"add-passkey"}, "name": {"key"}})
	if !strings.Contains(page.body, "The passkey was added.") {
		d.t.Fatalf("got %d %s", page.status, page.body)
	}
}

// usePasskey logs pat in by the passkey alone.
func (d *deactivation) usePasskey() *visitor {
	d.t.Helper()
	v := d.first.visitor("192.0.2.1")
	if got := d.answer(v, v.must("/admin/login/", nil), "/admin/login/", d.key.Get, url.Values{}); got.status != http.StatusFound {
		d.t.Fatalf("got %d %s", got.status, got.body)
	}
	return v
}

// useProvider logs olga in at the provider, which creates her account.
func (d *deactivation) useProvider() *visitor {
	d.t.Helper()
	v := d.first.visitor("192.0.2.1")
	query := d.corp.LogIn(d.t, v.must("/admin/login/corp/", nil).header.Get("Location"))
	if got := v.must("/admin/login/corp/callback/?"+query.Encode(), nil); got.status != http.StatusFound || got.header.Get("Location") != "/admin/" {
		d.t.Fatalf("got %d %s", got.status, got.body)
	}
	return v
}

// must is send, which may not fail.
func (v *visitor) must(path string, form url.Values) received {
	v.t.Helper()
	got, err := v.send(path, form)
	if err != nil {
		v.t.Fatal(err)
	}
	return got
}

// opens reports whether the visitor's session opens a page.
func (v *visitor) opens(path string) accepts {
	return func(s *server) (bool, error) {
		there := *v
		there.s = s
		got, err := there.send(path, nil)
		return accepted(got, err)
	}
}

// accepted reports whether an answer is one of success, and returns an error if it
// is neither that nor a refusal.
func accepted(got received, err error) (bool, error) {
	switch {
	case err != nil:
		return false, err
	case got.status == http.StatusOK:
		return true, nil
	case got.status == http.StatusUnauthorized, got.status == http.StatusForbidden, got.status == http.StatusFound:
		return false, nil
	}
	return false, fmt.Errorf("got %d %s", got.status, got.body)
}

var tokenForm = regexp.MustCompile(`rst_[a-z2-7]{26}[0-9a-z]{7}`)

// token creates an API token of ann.
func (d *deactivation) token() string {
	d.t.Helper()
	return tokenForm.FindString(commanded(d.t, d.setting, "token", "create", "ann", "--name", "drill"))
}

// authorized sends a request with that header Authorization, "" for none.
func (s *server) authorized(header, method, path, body string) (answer received, err error) {
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		return received{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	if header != "" {
		r.Header.Set("Authorization", header)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return received{}, err
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	return received{got.StatusCode, got.Header, string(text)}, err
}

// header is a credential in the header Authorization.
func (d *deactivation) header(value string) accepts {
	return func(s *server) (bool, error) {
		return accepted(s.authorized(value, http.MethodGet, "/api/users/", ""))
	}
}

// basic is the password of ann with every request.
func (d *deactivation) basic() accepts {
	return func(s *server) (bool, error) { return accepted(s.asks("192.0.2.1", "ann", staffPassword)) }
}

type jwtPair struct{ Access, Refresh string }

// obtain logs ann in for JSON Web Tokens.
func (d *deactivation) obtain() jwtPair {
	d.t.Helper()
	got, err := d.first.authorized("", http.MethodPost, "/api/token/", `{"username": "ann", "password": "`+staffPassword+`"}`)
	pair, err2 := pairOf(got, err)
	if err2 != nil {
		d.t.Fatal(err2)
	}
	return pair
}

func pairOf(got received, err error) (pair jwtPair, _ error) {
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("got %d %s", got.status, got.body)
	}
	if err == nil {
		err = json.Unmarshal([]byte(got.body), &pair)
	}
	return pair, err
}

// refresh is a refresh token, which each use replaces.
func (d *deactivation) refresh(token string) accepts {
	return func(s *server) (bool, error) {
		got, err := s.authorized("", http.MethodPost, "/api/token/refresh/", `{"refresh": "`+token+`"}`)
		ok, err := accepted(got, err)
		if ok {
			var pair jwtPair
			pair, err = pairOf(got, err)
			token = pair.Refresh
		}
		return ok, err
	}
}

var (
	formVersion = regexp.MustCompile(`name="_version" value="([^"]+)"`)
	formActive  = regexp.MustCompile(`name="is_active"[^>]* checked`)
)

func accountPath(id int) string { return fmt.Sprintf("/admin/auth/user/%d/change/", id) }

// deactivate clears the box Active of an account in the admin site of the first
// server.
func (d *deactivation) deactivate(id int, username string) {
	d.t.Helper()
	path := accountPath(id)
	page := d.boss.must(path, nil)
	version, token := formVersion.FindStringSubmatch(page.body), formToken.FindStringSubmatch(page.body)
	if version == nil || token == nil || !formActive.MatchString(page.body) || !strings.Contains(page.body, `value="`+username+`"`) {
		d.t.Fatalf("%s: got %d %s", path, page.status, page.body)
	}
	form := url.Values{"csrfmiddlewaretoken": {token[1]}, "_version": {version[1]}, "initial-is_active": {"true"}}
	if got := d.boss.must(path, form); got.status != http.StatusSeeOther {
		d.t.Fatalf("%s: got %d %s", path, got.status, got.body)
	}
}
