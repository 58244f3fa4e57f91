package server_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/httpkit"
	"roster/internal/oidc/oidctest"
	"roster/internal/server"
)

// federation is a server with the account "ann" whose staff may log in at two
// providers: corp, which makes accounts, and other, which does not.
type federation struct {
	*site

	corp, other *oidctest.Provider
}

func newFederation(t *testing.T) *federation {
	t.Helper()
	f := &federation{corp: oidctest.New(t), other: oidctest.New(t)}
	f.corp.SendsIssuer = true
	f.corp.Claims = map[string]any{
		"sub": "c1", "email": "carol@example.com", "email_verified": true, "preferred_username": "carol", "groups": []string{"staff", "Editors"},
	}
	f.other.Claims = map[string]any{"sub": "o1", "email": "ann@example.com", "email_verified": true}
	served := server.Serve(t, "127.0.0.1:8000", "LOG_DIR=", "LOG_LEVEL=CRITICAL", "DB_NAME="+filepath.Join(t.TempDir(), "db.sqlite3"),
		"OIDC_PROVIDERS=corp,other",
		"OIDC_CORP_ISSUER="+f.corp.URL, "OIDC_CORP_CLIENT_ID="+oidctest.ClientID, "OIDC_CORP_CLIENT_SECRET="+oidctest.ClientSecret,
		"OIDC_CORP_LABEL=Corp & Sons", "OIDC_CORP_GROUPS_CLAIM=groups", "OIDC_CORP_STAFF_GROUPS=staff", "OIDC_CORP_CREATE=true",
		"OIDC_OTHER_ISSUER="+f.other.URL, "OIDC_OTHER_CLIENT_ID="+oidctest.ClientID, "OIDC_OTHER_CLIENT_SECRET="+oidctest.ClientSecret)
	f.site = siteOn(t, served)
	email := "ann@example.com"
	f.change(t, auth.AccountChange{Email: &email})
	return f
}

// visitor is a browser.
type visitor struct {
	*federation

	t       *testing.T
	cookies map[string]string
}

func (f *federation) visitor(t *testing.T) *visitor {
	t.Helper()
	return &visitor{f, t, map[string]string{}}
}

// do sends a request; form is nil for GET.
func (v *visitor) do(path string, form url.Values) *httptest.ResponseRecorder {
	v.t.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:8000"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set(httpkit.CSRFHeader, v.cookies["roster_csrf"])
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if v.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return w
}

// want checks the status, and for a redirect where to, otherwise a part of the text.
func (v *visitor) want(what string, w *httptest.ResponseRecorder, status int, part string) {
	v.t.Helper()
	got := html.UnescapeString(w.Body.String())
	if status == http.StatusFound {
		got = w.Header().Get("Location")
	}
	if w.Code != status || status == http.StatusFound && got != part || !strings.Contains(got, part) {
		v.t.Errorf("%s: got %d %s, want %d with %q", what, w.Code, got, status, part)
	}
}

// leave goes to a provider and returns the address there.
func (v *visitor) leave(path string) string {
	v.t.Helper()
	w := v.do(path, nil)
	if w.Code != http.StatusFound {
		v.t.Fatalf("%s: got %d %s", path, w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

// logInBy logs in at a provider and comes back.
func (v *visitor) logInBy(p *oidctest.Provider, path string) *httptest.ResponseRecorder {
	v.t.Helper()
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "/admin/login/"), "/")
	return v.do("/admin/login/"+name+"/callback/?"+p.LogIn(v.t, v.leave(path)).Encode(), nil)
}

// give logs in with the password of ann.
func (v *visitor) give(next string) *httptest.ResponseRecorder {
	v.t.Helper()
	v.do("/admin/login/", nil)
	return v.do("/admin/login/", url.Values{"username": {"ann"}, "password": {testPassword.Reveal()}, "next": {next}})
}

func TestOIDC_LogIn(t *testing.T) {
	t.Parallel()
	v := newFederation(t).visitor(t)
	v.want("the login page", v.do("/admin/login/?next=/admin/sessions/", nil), http.StatusOK, `href="/admin/login/corp/?next=%2Fadmin%2Fsessions%2F">Log in with Corp & Sons<`)
	v.want("the callback", v.logInBy(v.corp, "/admin/login/corp/?next=/admin/sessions/"), http.StatusFound, "/admin/sessions/")
	v.want("the sessions", v.do("/admin/sessions/", nil), http.StatusOK, "current")
	if _, kept := v.cookies["roster_login"]; kept {
		t.Error("the browser keeps the flow")
	}
	for _, next := range []string{"//evil.example/", "https://evil.example/", "/admin/login/", "/" + strings.Repeat("x", 1500)} {
		v.want(next, v.logInBy(v.corp, "/admin/login/corp/?next="+url.QueryEscape(next)), http.StatusFound, "/admin/")
	}
	v.want("the logout", v.do("/admin/logout/", url.Values{}), http.StatusOK, `content="0; url=`+v.corp.URL+"/logout?client_id=roster&id_token_hint=")
	v.want("the logout", v.do("/admin/logout/", url.Values{}), http.StatusOK, "You have been logged out in this browser.")
	v.want("an unknown provider", v.do("/admin/login/none/", nil), http.StatusNotFound, "")
	v.want("an unknown callback", v.do("/admin/login/none/callback/", nil), http.StatusNotFound, "")
}

// TestOIDC_Refused shows that a callback logs in only the browser that began, once,
// with the answer of the provider at which it began.
func TestOIDC_Refused(t *testing.T) {
	t.Parallel()
	f := newFederation(t)
	callback := func(q url.Values) string { return "/admin/login/corp/callback/?" + q.Encode() }
	for name, attempt := range map[string]func(*visitor) *httptest.ResponseRecorder{
		"without a cookie": func(v *visitor) *httptest.ResponseRecorder {
			return f.visitor(t).do(callback(f.corp.LogIn(t, v.leave("/admin/login/corp/"))), nil)
		},
		"with the state of another browser": func(v *visitor) *httptest.ResponseRecorder {
			v.leave("/admin/login/corp/")
			return v.do(callback(f.corp.LogIn(t, f.visitor(t).leave("/admin/login/corp/"))), nil)
		},
		"without a state": func(v *visitor) *httptest.ResponseRecorder {
			q := f.corp.LogIn(t, v.leave("/admin/login/corp/"))
			q.Del("state")
			return v.do(callback(q), nil)
		},
		"a second time": func(v *visitor) *httptest.ResponseRecorder {
			q := f.corp.LogIn(t, v.leave("/admin/login/corp/"))
			flow := v.cookies["roster_login"]
			v.want("the first time", v.do(callback(q), nil), http.StatusFound, "/admin/")
			v.cookies = map[string]string{"roster_login": flow}
			q.Set("code", f.corp.LogIn(t, f.visitor(t).leave("/admin/login/corp/")).Get("code"))
			return v.do(callback(q), nil)
		},
		"without the issuer": func(v *visitor) *httptest.ResponseRecorder {
			q := f.corp.LogIn(t, v.leave("/admin/login/corp/"))
			q.Del("iss")
			return v.do(callback(q), nil)
		},
		"of the other issuer": func(v *visitor) *httptest.ResponseRecorder {
			q := f.corp.LogIn(t, v.leave("/admin/login/corp/"))
			q.Set("iss", f.other.URL)
			return v.do(callback(q), nil)
		},
		"at the callback of the other provider": func(v *visitor) *httptest.ResponseRecorder {
			q := f.corp.LogIn(t, v.leave("/admin/login/corp/"))
			return v.do("/admin/login/other/callback/?"+q.Encode(), nil)
		},
		"with a code of the other provider": func(v *visitor) *httptest.ResponseRecorder {
			q := f.corp.LogIn(t, v.leave("/admin/login/corp/"))
			q.Set("code", f.other.LogIn(t, f.visitor(t).leave("/admin/login/other/")).Get("code"))
			return v.do(callback(q), nil)
		},
		"with a code of another login": func(v *visitor) *httptest.ResponseRecorder {
			q := f.corp.LogIn(t, v.leave("/admin/login/corp/"))
			q.Set("code", f.corp.LogIn(t, f.visitor(t).leave("/admin/login/corp/")).Get("code"))
			return v.do(callback(q), nil)
		},
		"after a refusal": func(v *visitor) *httptest.ResponseRecorder {
			q := f.corp.LogIn(t, v.leave("/admin/login/corp/"))
			q.Set("error", "access_denied")
			return v.do(callback(q), nil)
		},
	} {
		v := f.visitor(t)
		v.want(name, attempt(v), http.StatusBadRequest, "Login not completed")
		if _, in := v.cookies["roster_sid"]; in && name != "a second time" {
			t.Errorf("%s: the browser has a session", name)
		}
	}
	f.corp.Tamper = func(_, claims map[string]any) { claims["nonce"] = "n" }
	v := f.visitor(t)
	v.want("another nonce", v.logInBy(f.corp, "/admin/login/corp/"), http.StatusBadRequest, "The answer of the provider is not valid.")
}

// TestOIDC_Unreachable shows that a dead provider does not stand in the way of the password.
func TestOIDC_Unreachable(t *testing.T) {
	t.Parallel()
	f := newFederation(t)
	f.corp.Close()
	v := f.visitor(t)
	v.want("the login page", v.do("/admin/login/", nil), http.StatusOK, "Log in with Corp & Sons")
	v.want("the provider", v.do("/admin/login/corp/", nil), http.StatusServiceUnavailable, "Corp & Sons cannot be reached")
	v.want("the password", v.give("/admin/"), http.StatusFound, "/admin/")
}

func TestOIDC_OtherHost(t *testing.T) {
	t.Parallel()
	f := newFederation(t)
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://evil.example/admin/login/corp/", http.NoBody))
	if w.Code != http.StatusUnprocessableEntity || w.Header().Get("Location") != "" {
		t.Errorf("got %d %s", w.Code, w.Header())
	}
}

// TestOIDC_Link shows that an existing account is linked when its owner logs in and
// confirms, and not before.
func TestOIDC_Link(t *testing.T) {
	t.Parallel()
	f := newFederation(t)
	v := f.visitor(t)
	f.other.Claims["email_verified"] = false
	v.want("an unverified address", v.logInBy(f.other, "/admin/login/other/"), http.StatusForbidden, "Your address is not verified")
	f.other.Claims["email_verified"] = true
	v.want("the first login", v.logInBy(f.other, "/admin/login/other/?next=/users/"), http.StatusForbidden, "Log in and link")
	v.want("the link without a session", v.do("/admin/identities/link/", nil), http.StatusFound, "/admin/login/?next=%2Fadmin%2Fidentities%2Flink%2F")
	v.want("the login page", v.do("/admin/login/?next=/admin/identities/link/", nil), http.StatusOK, "Log in with the password of your account to link it.")
	v.want("the password", v.give("/admin/identities/link/"), http.StatusFound, "/admin/identities/link/")
	v.want("the question", v.do("/admin/identities/link/", nil), http.StatusOK, "<strong>ann@example.com</strong> at other to your account <strong>ann</strong>?")
	v.want("the link", v.do("/admin/identities/link/", url.Values{}), http.StatusFound, "/users/")
	v.want("once more", v.do("/admin/identities/link/", url.Values{}), http.StatusBadRequest, "Nothing to link")
	v.want("the list", v.do("/admin/identities/", nil), http.StatusOK, "ann@example.com <span class=\"meta\">o1</span>")

	again := f.visitor(t)
	again.want("the next login", again.logInBy(f.other, "/admin/login/other/"), http.StatusFound, "/admin/")
	again.want("the page", again.do("/admin/sessions/", nil), http.StatusOK, "ann")
	again.want("a sensitive action", again.do("/admin/identities/", url.Values{"action": {"unlink"}, "identity": {"1"}}), http.StatusFound, "/admin/reauth/?next=%2Fadmin%2Fidentities%2F")
	again.want("the confirmation", again.do("/admin/reauth/?next=/admin/identities/", nil), http.StatusOK, `href="/admin/login/other/?for=confirm&next=%2Fadmin%2Fidentities%2F"`)
	again.want("the login at the provider", again.logInBy(f.other, "/admin/login/other/?for=confirm&next=/admin/identities/"), http.StatusFound, "/admin/identities/")
	again.want("the sensitive action", again.do("/admin/identities/", url.Values{"action": {"unlink"}, "identity": {"1"}}), http.StatusFound, "/admin/identities/")
	again.want("the session that it began", again.do("/admin/sessions/", nil), http.StatusFound, "/admin/login/?next=%2Fadmin%2Fsessions%2F")

	v.want("from the list", v.logInBy(f.other, "/admin/login/other/?for=link&next=/admin/identities/"), http.StatusFound, "/admin/identities/link/")
	f.other.Claims["email"] = "bob@example.com"
	v.logInBy(f.other, "/admin/login/other/?for=link&next=/admin/identities/")
	v.want("with another address", v.do("/admin/identities/link/", url.Values{}), http.StatusConflict, "another e-mail address")
}

// TestOIDC_Administrator shows how an administrator links a person.
func TestOIDC_Administrator(t *testing.T) {
	t.Parallel()
	f := newFederation(t)
	f.change(t, auth.AccountChange{Permissions: &[]access.Permission{access.Accounts.View(), access.Accounts.Change()}})
	name, yes := "bob", true
	bob, err := f.accounts.Create(t.Context(), system, auth.AccountChange{Username: &name, IsStaff: &yes}, auth.NewPassword{})
	if err != nil {
		t.Fatal(err)
	}
	v := f.visitor(t)
	v.give("/admin/")
	page := "/admin/identities/?account=3"
	v.want("the account's page", v.do("/admin/auth/user/3/identities/", nil), http.StatusFound, page)
	v.want("the page", v.do(page, nil), http.StatusOK, "Linked logins of bob")
	form := url.Values{"account": {"3"}, "action": {"link"}, "provider": {"other"}, "subject": {" "}}
	v.want("no subject", v.do("/admin/identities/", form), http.StatusBadRequest, "Enter the subject")
	form.Set("subject", "o1")
	v.want("the link", v.do("/admin/identities/", form), http.StatusFound, page)
	b := f.visitor(t)
	f.other.Claims["email_verified"] = false
	b.want("the login", b.logInBy(f.other, "/admin/login/other/"), http.StatusFound, "/admin/")
	off := false
	if _, err := f.accounts.Update(t.Context(), system, bob.ID, auth.AccountChange{IsActive: &off}); err != nil {
		t.Fatal(err)
	}
	b.want("a deactivated account", b.logInBy(f.other, "/admin/login/other/"), http.StatusForbidden, "Your account may not log in")
}
