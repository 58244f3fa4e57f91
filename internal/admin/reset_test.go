package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
)

const freshPassword = "Another-horse-77"

// requestReset requests a mail for an address and returns the path of its link.
func (b *browser) requestReset(email string) string {
	b.t.Helper()
	b.mails = nil
	b.want(b.do("/admin/password_reset/", url.Values{"email": {email}}), http.StatusFound, "/admin/password_reset/done/")
	if len(b.mails) != 1 {
		b.t.Fatalf("got the mails %q", b.mails)
	}
	to, link, _ := strings.Cut(b.mails[0], " ")
	path, ok := strings.CutPrefix(link, "https://users.example.com")
	if to != "ann@example.com" || !ok {
		b.t.Fatalf("got the mails %q", b.mails)
	}
	return path
}

// open opens a link of a mail, and returns the address of the form.
func (b *browser) open(path string) string {
	b.t.Helper()
	form := strings.Join(strings.Split(path, "/")[:4], "/") + "/set-password/"
	b.want(b.do(path, nil), http.StatusFound, form)
	return form
}

func twice(pw string) url.Values {
	return url.Values{"new_password1": {pw}, "new_password2": {pw}}
}

// The owner of an account sets another password by a link, once. It ends the
// sessions, and the browser may log in although others have locked the account.
func TestReset(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	inside, b, stranger := s.browser(t), s.browser(t), s.browser(t)
	inside.logIn()
	stranger.lockOut()
	b.want(b.do("/admin/login/", nil), http.StatusOK, `href="/admin/password_reset/">Forgot your password?</a>`)
	b.want(b.do("/admin/password_reset/", nil), http.StatusOK, `name="email"`)
	link := b.requestReset(" ANN@Example.com ")
	b.want(b.do("/admin/password_reset/done/", nil), http.StatusOK, "is on its way")
	form := b.open(link)
	b.want(b.do(form, nil), http.StatusOK, "<strong>ann</strong>")
	b.want(b.do(form, url.Values{}), http.StatusOK, "This field is required.")
	b.want(b.do(form, url.Values{"new_password1": {freshPassword}, "new_password2": {"other"}}), http.StatusOK, "The two password fields didn’t match.")
	b.want(b.do(form, twice("short")), http.StatusOK, "This password is too short.")
	inside.want(inside.do("/admin/sessions/", nil), http.StatusOK, "")
	b.want(b.do(form, twice(freshPassword)), http.StatusFound, "/admin/reset/done/")
	b.want(b.do("/admin/reset/done/", nil), http.StatusOK, `<a class="button button-primary" href="/admin/login/">Log in</a>`)
	inside.want(inside.do("/admin/", nil), http.StatusFound, "/admin/login/")
	b.want(b.do("/admin/login/", credentials(rightPassword, "")), http.StatusOK, "Please enter")
	b.want(b.do("/admin/login/", credentials(freshPassword, "")), http.StatusFound, "/admin/")
	other := s.browser(t)
	other.want(other.do(link, nil), http.StatusOK, "This link has expired or was already used.")
	b.want(b.do(form, twice(rightPassword)), http.StatusOK, "This link has expired or was already used.")
}

// A link is void after an hour, another login, another password or address, and
// for another account; so is the form without the browser's token.
func TestReset_Void(t *testing.T) {
	t.Parallel()
	const void = "This link has expired or was already used."
	for what, spoil := range map[string]func(*browser){
		"an hour": func(b *browser) { b.advance(time.Hour) },
		"a login": func(b *browser) { b.advance(time.Second); b.site.browser(b.t).logIn() },
		"a password": func(b *browser) {
			if err := b.accounts.SetPassword(b.t.Context(), access.System("test"), b.account.ID, auth.NewPassword{Trusted: true}, 0); err != nil {
				b.t.Fatal(err)
			}
		},
		"an address":       func(b *browser) { email := "other@example.com"; b.update(auth.AccountChange{Email: &email}) },
		"a deactivation":   func(b *browser) { no := false; b.update(auth.AccountChange{IsActive: &no}) },
		"no token is kept": func(b *browser) { delete(b.cookies, "roster_link") },
		"another token":    func(b *browser) { b.cookies["roster_link"] += "x" },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			b := newSite(t, false).browser(t)
			form := b.open(b.requestReset("ann@example.com"))
			spoil(b)
			b.want(b.do(form, nil), http.StatusOK, void)
			b.want(b.do(form, twice(freshPassword)), http.StatusOK, void)
		})
	}
	b := newSite(t, false).browser(t)
	link := b.requestReset("ann@example.com")
	for _, path := range []string{"/admin/reset/x/y/", "/admin/reset/%FF/-/", "/admin/reset/MQ/set-password/", strings.Replace(link, "/MQ/", "/Mg/", 1), link[:len(link)-1] + "x/"} {
		b.want(b.do(path, nil), http.StatusOK, void)
	}
}

func (b *browser) update(change auth.AccountChange) {
	b.t.Helper()
	if _, err := b.accounts.Update(b.t.Context(), access.System("test"), b.account.ID, change); err != nil {
		b.t.Fatal(err)
	}
}

// Unknown addresses, inactive accounts, and those without a password get the same
// answer and no mail.
func TestReset_NoMail(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	b := s.browser(t)
	ask := func(what, email string) {
		t.Helper()
		b.want(b.do("/admin/password_reset/", url.Values{"email": {email}}), http.StatusFound, "/admin/password_reset/done/")
		if len(s.mails) != 0 {
			t.Errorf("%s: got the mails %q", what, s.mails)
		}
	}
	ask("unknown", "stranger@example.com")
	ask("empty", "")
	ask("long", strings.Repeat("x", 5000)+"@example.com")
	no, yes := false, true
	b.update(auth.AccountChange{IsActive: &no})
	ask("inactive", "ann@example.com")
	b.update(auth.AccountChange{IsActive: &yes, IsStaff: &no})
	ask("not staff", "ann@example.com")
	b.update(auth.AccountChange{IsStaff: &yes})
	if err := s.accounts.SetPassword(t.Context(), access.System("test"), s.account.ID, auth.NewPassword{}, 0); err != nil {
		t.Fatal(err)
	}
	ask("no password", "ann@example.com")
}

// Requests are limited by e-mail address and by client, known or not.
func TestReset_Throttled(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"ann@example.com", "stranger@example.com"} {
		b := newSite(t, false).browser(t)
		for range 5 {
			b.want(b.do("/admin/password_reset/", url.Values{"email": {email}}), http.StatusFound, "/admin/password_reset/done/")
		}
		w := b.do("/admin/password_reset/", url.Values{"email": {email}})
		b.want(w, http.StatusTooManyRequests, "Too many requests.")
		if w.Header().Get("Retry-After") != "3600" {
			t.Errorf("got Retry-After %q", w.Header().Get("Retry-After"))
		}
	}
}

// The host of a link is that of the settings; without one no link is sent.
func TestReset_Host(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	b := s.browser(t)
	b.want(b.do("http://evil.example/admin/password_reset/", url.Values{"email": {"ann@example.com"}}), http.StatusFound, "/admin/password_reset/done/")
	if len(s.mails) != 1 || !strings.HasPrefix(s.mails[0], "ann@example.com https://users.example.com/admin/reset/") {
		t.Errorf("got the mails %q", s.mails)
	}
}

// A reset never bypasses the second factor.
func TestReset_KeepsFactor(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	b := s.browser(t)
	b.logIn()
	b.enrol()
	b.want(b.do("/admin/logout/", url.Values{}), http.StatusOK, "Logged out")
	form := b.open(b.requestReset("ann@example.com"))
	b.want(b.do(form, twice(freshPassword)), http.StatusFound, "/admin/reset/done/")
	b.want(b.do("/admin/login/", credentials(freshPassword, "")), http.StatusFound, "/admin/login/code/")
	b.want(b.do("/admin/", nil), http.StatusFound, "/admin/login/code/")
}
