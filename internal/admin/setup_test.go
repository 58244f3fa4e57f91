package admin_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

func firstAccount(token, pw string) url.Values {
	return url.Values{"token": {token}, "username": {"boss"}, "email": {"boss@example.com"}, "password": {pw}, "password_again": {rightPassword}}
}

// A visitor on this machine creates the first account, is logged in, and the page
// is no more.
func TestSetup_Local(t *testing.T) {
	t.Parallel()
	s := newEmptySite(t, false)
	s.local = true
	b := s.browser(t)
	b.want(b.do("/admin/login/", nil), http.StatusOK, `<a href="/admin/setup/">Create the first account</a>`)
	b.want(b.do("/admin/setup/", nil), http.StatusOK, `name="password_again"`)
	b.want(b.do("/admin/setup/", firstAccount("", "")), http.StatusOK, "This field is required.")
	b.want(b.do("/admin/setup/", firstAccount("", "short")), http.StatusOK, "The two password fields didn’t match.")
	weak := firstAccount("", "1234")
	weak.Set("password_again", "1234")
	w := b.do("/admin/setup/", weak)
	b.want(w, http.StatusOK, "This password is too short.")
	b.want(w, http.StatusOK, `value="boss"`)
	b.want(b.do("/admin/setup/", firstAccount("", rightPassword)), http.StatusFound, "/admin/")
	b.want(b.do("/admin/", nil), http.StatusOK, "")
	stranger := s.browser(t)
	for _, form := range []url.Values{nil, firstAccount("", rightPassword), firstAccount(s.first.Token(), rightPassword)} {
		stranger.want(stranger.do("/admin/setup/", form), http.StatusGone, "There is a staff account already.")
	}
}

// Elsewhere the visitor needs the link, which expires.
func TestSetup_Link(t *testing.T) {
	t.Parallel()
	s := newEmptySite(t, false)
	b, token := s.browser(t), s.first.Token()
	b.want(b.do("/admin/login/", nil), http.StatusOK, "Open the link in the server’s log")
	const bad = "This link is not complete or has expired."
	for wrong, why := range map[string]string{"": "This page needs a link.", "x": bad, token + "x": bad, "9" + token: bad, "." + token: bad} {
		b.want(b.do("/admin/setup/?token="+url.QueryEscape(wrong), nil), http.StatusForbidden, why)
		b.want(b.do("/admin/setup/", firstAccount(wrong, rightPassword)), http.StatusForbidden, why)
	}
	s.advance(24*time.Hour - time.Second)
	b.want(b.do("/admin/setup/?token="+token, nil), http.StatusOK, `name="token" value="`+token+`"`)
	s.advance(time.Second)
	b.want(b.do("/admin/setup/", firstAccount(token, rightPassword)), http.StatusForbidden, bad)
	b.want(b.do("/admin/setup/", firstAccount(s.first.Token(), rightPassword)), http.StatusFound, "/admin/")
}
