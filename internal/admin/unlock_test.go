package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// lockOut guesses until the login is locked for strangers.
func (b *browser) lockOut() {
	b.t.Helper()
	for range 10 {
		b.want(b.do("/admin/login/", credentials("wrong", "")), http.StatusOK, "Please enter")
	}
	b.want(b.do("/admin/login/", credentials("wrong", "")), http.StatusTooManyRequests, `<a href="/admin/login/unlock/">Unlock your login`)
}

// A browser that has logged in before is not locked out by another, also after
// its logout and its change of the password.
func TestLogin_KnownBrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	b, stranger := s.browser(t), s.browser(t)
	b.logIn()
	stranger.lockOut()
	b.want(b.do("/admin/reauth/", url.Values{"password": {rightPassword}}), http.StatusFound, "/admin/")
	const fresh = "Another-horse-77"
	form := url.Values{"old_password": {rightPassword}, "new_password1": {fresh}, "new_password2": {fresh}}
	b.want(b.do("/admin/password_change/", form), http.StatusFound, "/admin/password_change/done/")
	stranger.want(stranger.do("/admin/login/", credentials(fresh, "")), http.StatusTooManyRequests, "Too many login attempts.")
	b.want(b.do("/admin/logout/", url.Values{}), http.StatusOK, "Logged out")
	b.want(b.do("/admin/login/", credentials(fresh, "")), http.StatusFound, "/admin/")
}

// The owner of a locked account gets a link by mail. Opening it changes nothing,
// because programs that scan mails open links too.
func TestUnlock(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	stranger, b := s.browser(t), s.browser(t)
	stranger.lockOut()
	b.want(b.do("/admin/login/", credentials(rightPassword, "")), http.StatusTooManyRequests, "Too many")
	b.want(b.do("/admin/login/unlock/", nil), http.StatusOK, "Send link")
	for _, name := range []string{"stranger", "ann"} {
		b.want(b.do("/admin/login/unlock/", url.Values{"username": {name}}), http.StatusOK, "a message with a link is on its way")
	}
	to, link, _ := strings.Cut(s.mails[0], " ")
	if to != "ann@example.com" || !strings.HasPrefix(link, "https://users.example.com/admin/login/unlock/?token=") || len(s.mails) != 1 {
		t.Fatalf("got the mails %q", s.mails)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	token := u.Query().Get("token")
	b.want(b.do(u.RequestURI(), nil), http.StatusOK, `name="token" value="`+token+`"`)
	b.want(b.do("/admin/login/", credentials(rightPassword, "")), http.StatusTooManyRequests, "Too many")
	b.want(b.do("/admin/login/unlock/", url.Values{"token": {token + "x"}}), http.StatusOK, "This link has expired or was already used.")
	b.want(b.do("/admin/login/unlock/", url.Values{"token": {token}}), http.StatusFound, "/admin/login/")
	stranger.lockOut()
	b.want(b.do("/admin/login/", credentials(rightPassword, "")), http.StatusFound, "/admin/")
}

// The host of a link is that of the settings, whatever the client sends.
func TestUnlock_Host(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	b := s.browser(t)
	b.want(b.do("http://evil.example/admin/login/unlock/", url.Values{"username": {"ann"}}), http.StatusOK, "on its way")
	if len(s.mails) != 1 || !strings.HasPrefix(s.mails[0], "ann@example.com https://users.example.com/") {
		t.Errorf("got the mails %q", s.mails)
	}
}

func TestUnlock_Throttled(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	b := s.browser(t)
	for range 5 {
		b.want(b.do("/admin/login/unlock/", url.Values{"username": {"ann"}}), http.StatusOK, "on its way")
	}
	w := b.do("/admin/login/unlock/", url.Values{"username": {"ann"}})
	b.want(w, http.StatusTooManyRequests, "Too many requests.")
	if w.Header().Get("Retry-After") != "3600" {
		t.Errorf("got Retry-After %q", w.Header().Get("Retry-After"))
	}
}
