package admin_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"roster/internal/auth"
	"roster/internal/auth/passkeytest"
)

var (
	optionsOf   = regexp.MustCompile(`data-options="([^"]*)"`)
	challengeOf = regexp.MustCompile(`name="challenge" value="([^"]*)"`)
)

// offered returns what a page offers to passkeys, "" for nothing.
func offered(w *httptest.ResponseRecorder) (options, challenge string) {
	text := w.Body.String()
	if found := optionsOf.FindStringSubmatch(text); found != nil {
		return html.UnescapeString(found[1]), challengeOf.FindStringSubmatch(text)[1]
	}
	return "", ""
}

// add adds a passkey by the pages.
func (b *browser) add(a *passkeytest.Authenticator, name string) *httptest.ResponseRecorder {
	b.t.Helper()
	options, challenge := offered(b.do("/admin/totp/", url.Values{"action": {"new-passkey"}}))
	return b.do("/admin/totp/", url.Values{"action": {"add-passkey"}, "name": {name}, "challenge": {challenge}, "credential": {a.Create(b.t, options)}})
}

// use sends the answer to what the page at a path offers.
func (b *browser) use(a *passkeytest.Authenticator, path string) *httptest.ResponseRecorder {
	b.t.Helper()
	options, challenge := offered(b.do(path+"?next=/users/", nil))
	if options == "" {
		b.t.Fatalf("%s offers no passkey", path)
	}
	return b.do(path, url.Values{"challenge": {challenge}, "credential": {a.Get(b.t, options)}, "next": {"/users/"}})
}

func TestPasskeys(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	b, a := s.browser(t), passkeytest.New(t, "http://example.com")
	a.Count = 1
	b.logIn()
	b.want(b.do("/admin/", nil), http.StatusFound, "/admin/totp/")
	w := b.do("/admin/totp/", nil)
	b.want(w, http.StatusOK, "Two-factor authentication is required for staff.")
	b.want(w, http.StatusOK, "Add a passkey")
	w = b.add(a, `<b>"Laptop`)
	b.want(w, http.StatusOK, "The passkey was added.")
	b.want(w, http.StatusOK, "Recovery codes")
	b.want(b.do("/admin/", nil), http.StatusOK, "")
	w = b.do("/admin/totp/", nil)
	b.want(w, http.StatusOK, `<strong><b>"Laptop</strong>`)
	if strings.Contains(w.Body.String(), `<b>"`) {
		t.Error("the name is not escaped")
	}
	b.want(w, http.StatusOK, "never used")
	b.want(b.add(a, ""), http.StatusConflict, "This passkey is already registered.")

	b.want(w, http.StatusOK, "You have 10 unused codes.")
	b.want(b.do("/admin/totp/", url.Values{"action": {"renew-codes"}}), http.StatusOK, "You have new recovery codes. The old ones no longer work.")

	second := s.browser(t)
	w = second.do("/admin/login/", credentials(rightPassword, ""))
	second.want(w, http.StatusFound, "/admin/login/code/")
	second.want(second.do("/admin/totp/", nil), http.StatusFound, "/admin/login/code/?next=%2Fadmin%2Ftotp%2F")
	second.want(second.use(a, "/admin/login/code/"), http.StatusFound, "/users/")
	second.want(second.do("/admin/", nil), http.StatusOK, "")

	alone := s.browser(t)
	alone.want(alone.use(a, "/admin/login/"), http.StatusFound, "/users/")
	alone.want(alone.do("/admin/", nil), http.StatusOK, "")

	s.advance(auth.ConfirmLife)
	alone.want(alone.do("/admin/totp/", url.Values{"action": {"renew-codes"}}), http.StatusFound, "/admin/reauth/?next=%2Fadmin%2Ftotp%2F")
	alone.want(alone.do("/admin/totp/", url.Values{"action": {"remove-passkey"}, "passkey": {"1"}}), http.StatusFound, "/admin/reauth/?next=%2Fadmin%2Ftotp%2F")
	alone.want(alone.use(a, "/admin/reauth/"), http.StatusFound, "/users/")
	alone.want(alone.do("/admin/totp/", url.Values{"action": {"rename-passkey"}, "passkey": {"1"}, "name": {"Key"}}), http.StatusFound, "/admin/totp/")
	alone.want(alone.do("/admin/totp/", url.Values{"action": {"rename-passkey"}, "passkey": {"1"}, "name": {strings.Repeat("x", 101)}}), http.StatusOK, "Name: Ensure this value has at most 100 characters")
	alone.want(alone.do("/admin/totp/", nil), http.StatusOK, "<strong>Key</strong>")
	alone.want(alone.do("/admin/totp/", url.Values{"action": {"remove-passkey"}, "passkey": {"1"}}), http.StatusFound, "/admin/totp/")
	alone.want(alone.do("/admin/", nil), http.StatusFound, "/admin/totp/")
	alone.want(alone.do("/admin/totp/", url.Values{"action": {"renew-codes"}}), http.StatusConflict, "This account has no second factor: add one first.")
}

func TestPasskeys_Refused(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	b, a := s.browser(t), passkeytest.New(t, "http://example.com")
	b.logIn()
	b.add(a, "")
	a.Verified = false
	b = s.browser(t)
	b.want(b.use(a, "/admin/login/"), http.StatusOK, "This passkey cannot be used to log in here.")
	a.Verified = true
	other := s.browser(t)
	options, challenge := offered(other.do("/admin/login/", nil))
	b.do("/admin/login/", nil)
	form := url.Values{"challenge": {challenge}, "credential": {a.Get(t, options)}}
	b.want(b.do("/admin/login/", form), http.StatusOK, "This took too long or was already used.")
	other.want(other.do("/admin/login/", form), http.StatusFound, "/admin/")
	other.want(s.browser(t).do("/admin/login/", form), http.StatusOK, "This took too long or was already used.")
}

// The Host header is the client's, so passkeys are offered only at trusted names.
func TestPasskeys_OfferedAtTrustedHosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	for host, want := range map[string]string{
		"http://example.com": `"rpId":"example.com"`, "https://EXAMPLE.com:8443": `"rpId":"example.com"`, "http://evil.test": "", "http://127.0.0.1": "", "http://www.example.com": "",
	} {
		r := httptest.NewRequest(http.MethodGet, host+"/admin/login/", http.NoBody)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		options, _ := offered(w)
		if w.Code != http.StatusOK || (options == "") != (want == "") || !strings.Contains(options, want) {
			t.Errorf("%s: got %d with the options %q", host, w.Code, options)
		}
	}
}
