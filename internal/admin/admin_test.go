package admin_test

import (
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/admin"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/auth/totp"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
	"roster/internal/secret"
	"roster/internal/store/storetest"
)

const rightPassword = "Corr3ct-horse-staple"

// site is the pages on a database with the staff account "ann".
type site struct {
	http.Handler

	accounts *auth.Accounts
	account  auth.Account
	first    *auth.First
	local    bool   // visitors are on this machine
	base     string // of links in mails
	mu       sync.Mutex
	at       time.Time
	mails    []string // sent, as "address link"
	desk     desk
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *site) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}

func newSite(t *testing.T, requireTOTP bool) *site {
	t.Helper()
	s := newEmptySite(t, requireTOTP)
	var err error
	name, email, yes := "ann", "ann@example.com", true
	pw := auth.NewPassword{Text: secret.New(rightPassword)}
	if s.account, err = s.accounts.Create(t.Context(), access.System("test"), auth.AccountChange{Username: &name, Email: &email, IsStaff: &yes}, pw); err != nil {
		t.Fatal(err)
	}
	return s
}

// newEmptySite is newSite without the account.
func newEmptySite(t *testing.T, requireTOTP bool) *site {
	t.Helper()
	db := storetest.OpenSQLite(t)
	s := &site{base: "https://users.example.com", at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	log := slog.New(slog.DiscardHandler)
	limiter := password.NewLimiter(password.NewHasher(password.Weak), 2, 0)
	s.accounts = auth.NewAccounts(db, limiter, auth.NewValidators(12), s.now, log)
	sessions := auth.NewSessions(db, auth.SessionOptions{
		Limiter: limiter, Throttle: auth.NewLoginThrottle(db, auth.DefaultLoginRates(), s.now), Failures: db,
		Keys: auth.NewKeys("a secret of the tests"), RequireTOTP: requireTOTP, Now: s.now, Log: log,
	})
	s.first = auth.NewFirst(s.accounts, auth.NewKeys("a secret of the tests"))
	s.Handler = s.handler(t, sessions, auth.NewFactors(db, auth.NewKeys("a secret of the tests"), s.now, log))
	return s
}

func (s *site) handler(t *testing.T, sessions *auth.Sessions, factors *auth.Factors) http.Handler {
	t.Helper()
	assets, err := httpkit.NewAssets(admin.Static())
	if err != nil {
		t.Fatal(err)
	}
	pages, err := httpkit.NewPages(assets, admin.Templates())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	keeper := session.NewKeeper(sessions, nil, log)
	a := admin.New(admin.Options{
		Pages: pages, Keeper: keeper, Sessions: sessions,
		First: s.first, Local: func(*http.Request) bool { return s.local },
		Accounts: s.accounts, Factors: factors, Passkeys: auth.NewPasskeys(sessions), Now: s.now, Zone: time.UTC, Links: auth.NewPasswordLinks(s.accounts, sessions), LinkHosts: httpkit.Hosts{"example.com"}, LinkBase: s.base,
		Composer:   &s.desk,
		SendUnlock: func(m auth.UnlockMail, link string) { s.mails = append(s.mails, m.To+" "+link) },
		SendLink:   func(m auth.PasswordMail, link string) { s.mails = append(s.mails, m.To+" "+link) },
	})
	router := httpkit.NewRouter(pages.NotFound())
	pages.Door(keeper.Actor, log).Register(router, a.Routes())
	router.Handle("/admin/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !keeper.Actor(r).Staff() {
			a.Refuse(w, r)
		}
	}))
	return keeper.Wrap(router)
}

// browser keeps the cookies of a visitor.
type browser struct {
	*site
	t       *testing.T
	cookies map[string]string
}

func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	return &browser{s, t, map[string]string{}}
}

// do sends a request; form is nil for GET.
func (b *browser) do(path string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", "curl/8.17.0 (x)")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return w
}

// want checks the status, and for a redirect where to, otherwise a part of the text.
func (b *browser) want(w *httptest.ResponseRecorder, status int, part string) {
	b.t.Helper()
	got := html.UnescapeString(w.Body.String())
	if status == http.StatusFound {
		got = w.Header().Get("Location")
	}
	if w.Code != status || status == http.StatusFound && got != part || !strings.Contains(got, part) {
		b.t.Errorf("got %d %s, want %d with %q", w.Code, got, status, part)
	}
}

func (b *browser) logIn() {
	b.t.Helper()
	w := b.do("/admin/login/", credentials(rightPassword, ""))
	b.want(w, http.StatusFound, "/admin/")
}

func credentials(pw, next string) url.Values {
	return url.Values{"username": {"ann"}, "password": {pw}, "next": {next}}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	b := newSite(t, false).browser(t)
	b.want(b.do("/admin/?a=b", nil), http.StatusFound, "/admin/login/?next=%2Fadmin%2F%3Fa%3Db")
	w := b.do("/admin/login/?next=%2Fusers%2F", nil)
	b.want(w, http.StatusOK, `name="next" value="/users/"`)
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("got Cache-Control %q", got)
	}
	wrong := credentials("wrong", "/users/")
	wrong.Set("username", `<b>"ann`)
	w = b.do("/admin/login/", wrong)
	b.want(w, http.StatusOK, "Please enter the correct username and password for a staff account.")
	b.want(w, http.StatusOK, `name="next" value="/users/"`)
	if strings.Contains(w.Body.String(), "<b>") || b.cookies["roster_sid"] != "" {
		t.Errorf("got %s and the cookies %v", w.Body, b.cookies)
	}
	w = b.do("/admin/login/", credentials(rightPassword, "/users/"))
	b.want(w, http.StatusFound, "/users/")
	cookie := w.Result().Cookies()[0]
	if cookie.Name != "roster_sid" || !cookie.HttpOnly || cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.MaxAge != 0 {
		t.Errorf("got the cookie %v", cookie)
	}
	b.want(b.do("/admin/", nil), http.StatusOK, "")
	b.want(b.do("/admin/login/?next=/users/", nil), http.StatusFound, "/users/")
	b.want(b.do("/admin/login/code/", nil), http.StatusFound, "/admin/")
	b.want(b.do("/admin/login/code/", url.Values{}), http.StatusFound, "/admin/")
	b.want(b.do("/admin/logout/", nil), http.StatusMethodNotAllowed, "Method not allowed")
	b.want(b.do("/admin/logout/", url.Values{}), http.StatusOK, "Logged out")
	if b.cookies["roster_sid"] != "" {
		t.Error("the browser keeps the cookie")
	}
	b.cookies["roster_sid"] = cookie.Value
	b.want(b.do("/admin/", nil), http.StatusFound, "/admin/login/")
}

// Anybody can send texts of any length, which as HTML would be five times as long.
func TestLogin_LongTextsAreNotShownAgain(t *testing.T) {
	t.Parallel()
	b := newSite(t, false).browser(t)
	long := strings.Repeat(`"`, 1<<20)
	for _, form := range []url.Values{{"username": {long}}, {"username": {"ann"}, "next": {"/" + long}}} {
		w := b.do("/admin/login/", form)
		if w.Code != http.StatusOK || w.Body.Len() > 64<<10 {
			t.Errorf("got %d with %d bytes, want 200 and a page as for short texts", w.Code, w.Body.Len())
		}
	}
}

func TestLogin_Throttled(t *testing.T) {
	t.Parallel()
	b := newSite(t, false).browser(t)
	for range 10 {
		b.want(b.do("/admin/login/", credentials("wrong", "")), http.StatusOK, "Please enter")
	}
	w := b.do("/admin/login/", credentials(rightPassword, ""))
	b.want(w, http.StatusTooManyRequests, "Too many login attempts.")
	if got := w.Header().Get("Retry-After"); got != "300" {
		t.Errorf("got Retry-After %q, want 300", got)
	}
}

func TestLogin_SecureCookie(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	r := httptest.NewRequest(http.MethodPost, "https://example.com/admin/login/", strings.NewReader(credentials(rightPassword, "").Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if c := w.Result().Cookies(); len(c) != 2 || c[0].Name != "__Host-sid" || !c[0].Secure || c[0].Domain != "" ||
		c[1].Name != "__Host-device" || !c[1].Secure || !c[1].HttpOnly || c[1].Domain != "" {
		t.Errorf("got the cookies %v", c)
	}
}

var keyOnPage = regexp.MustCompile(`secret=([A-Z2-7]+)`)

// enrol sets up an authenticator app and returns its key.
func (b *browser) enrol() totp.Key {
	b.t.Helper()
	page := b.do("/admin/totp/", url.Values{"action": {"enrol"}}).Body.String()
	found := keyOnPage.FindStringSubmatch(html.UnescapeString(page))
	if found == nil {
		b.t.Fatal("the page has no key")
	}
	if typed := "<span>" + found[1][:4] + "</span><wbr><span>" + found[1][4:8] + "</span>"; !strings.Contains(page, typed) {
		b.t.Errorf("got %s, want the key in groups: %s", page, typed)
	}
	key, err := totp.ParseKey(found[1])
	if err != nil {
		b.t.Fatal(err)
	}
	b.want(b.do("/admin/totp/", url.Values{"action": {"activate"}, "code": {"000000"}}), http.StatusOK, "This code is wrong")
	b.want(b.do("/admin/totp/", url.Values{"action": {"activate"}, "code": {key.Code(b.now())}}), http.StatusOK, "Recovery codes")
	b.advance(time.Minute)
	return key
}

func TestLogin_SecondFactor(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	b := s.browser(t)
	b.logIn()
	b.want(b.do("/admin/totp/", nil), http.StatusOK, "Set up")
	key := b.enrol()
	b.want(b.do("/admin/totp/", nil), http.StatusOK, "Turn off two-factor authentication")

	other := s.browser(t)
	other.want(other.do("/admin/login/", credentials(rightPassword, "/users/")), http.StatusFound, "/admin/login/code/?next=%2Fusers%2F")
	other.want(other.do("/admin/sessions/", nil), http.StatusFound, "/admin/login/code/?next=%2Fadmin%2Fsessions%2F")
	other.want(other.do("/admin/login/code/?next=/users/", nil), http.StatusOK, `value="/users/"`)
	other.want(other.do("/admin/login/code/", url.Values{"code": {"000000"}}), http.StatusOK, "This code is wrong")
	other.want(other.do("/admin/login/code/", url.Values{"code": {key.Code(s.now())}, "next": {"/users/"}}), http.StatusFound, "/users/")
	other.want(other.do("/admin/sessions/", nil), http.StatusOK, "current")

	b.want(b.do("/admin/totp/", url.Values{"action": {"remove"}}), http.StatusFound, "/admin/totp/")
	third := s.browser(t)
	third.logIn()
}

func TestLogin_SecondFactorRequired(t *testing.T) {
	t.Parallel()
	b := newSite(t, true).browser(t)
	b.logIn()
	b.want(b.do("/admin/", nil), http.StatusFound, "/admin/totp/")
	b.want(b.do("/admin/totp/", nil), http.StatusOK, "Two-factor authentication is required for staff.")
	b.enrol()
	b.want(b.do("/admin/", nil), http.StatusOK, "")
}

// Sensitive actions ask for the password again, ten minutes after it was given.
func TestReauth(t *testing.T) {
	t.Parallel()
	b := newSite(t, false).browser(t)
	b.logIn()
	b.advance(10 * time.Minute)
	b.want(b.do("/admin/totp/", url.Values{"action": {"enrol"}}), http.StatusFound, "/admin/reauth/?next=%2Fadmin%2Ftotp%2F")
	b.want(b.do("/admin/reauth/?next=/admin/totp/", nil), http.StatusOK, `value="/admin/totp/"`)
	b.want(b.do("/admin/reauth/", url.Values{"password": {"wrong"}, "next": {"/admin/totp/"}}), http.StatusOK, "Please enter the correct")
	b.want(b.do("/admin/reauth/", url.Values{"password": {rightPassword}, "next": {"/admin/totp/"}}), http.StatusFound, "/admin/totp/")
	b.enrol()
}

func TestPasswordChange(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	b, other := s.browser(t), s.browser(t)
	b.logIn()
	other.logIn()
	form := func(old, first, second string) url.Values {
		return url.Values{"old_password": {old}, "new_password1": {first}, "new_password2": {second}}
	}
	const fresh = "Another-horse-77"
	b.want(b.do("/admin/password_change/", nil), http.StatusOK, "at least 12 characters")
	for part, f := range map[string]url.Values{
		"This field is required.":                        form(rightPassword, "", ""),
		"The two password fields didn’t match.":          form(rightPassword, fresh, fresh+"x"),
		"Your old password was entered incorrectly.":     form("wrong", fresh, fresh),
		"This password is too short. It must contain at": form(rightPassword, "Ah-9", "Ah-9"),
	} {
		b.want(b.do("/admin/password_change/", f), http.StatusOK, part)
	}
	b.want(b.do("/admin/password_change/", form(rightPassword, fresh, fresh)), http.StatusFound, "/admin/password_change/done/")
	b.want(b.do("/admin/password_change/done/", nil), http.StatusOK, "Password changed")
	other.want(other.do("/admin/sessions/", nil), http.StatusFound, "/admin/login/?next=%2Fadmin%2Fsessions%2F")
	other.want(other.do("/admin/login/", credentials(fresh, "")), http.StatusFound, "/admin/")
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	b, other, third := s.browser(t), s.browser(t), s.browser(t)
	for _, who := range []*browser{b, other, third} {
		who.logIn()
		who.advance(time.Second)
	}
	page := b.do("/admin/sessions/", nil)
	b.want(page, http.StatusOK, ">23 Nov 2026, 12:00</time>")
	b.want(page, http.StatusOK, `<span title="curl/8.17.0 (x)">curl</span>`)
	b.want(page, http.StatusOK, "End all other sessions")
	if n := strings.Count(page.Body.String(), "192.0.2.1</td>"); n != 3 {
		t.Errorf("the page shows %d sessions, want 3", n)
	}
	b.want(b.do("/admin/sessions/", url.Values{"session": {"x"}}), http.StatusFound, "/admin/sessions/")
	b.want(b.do("/admin/sessions/", url.Values{"session": {"2"}}), http.StatusFound, "/admin/sessions/")
	other.want(other.do("/admin/", nil), http.StatusFound, "/admin/login/")
	third.want(third.do("/admin/", nil), http.StatusOK, "")
	b.want(b.do("/admin/sessions/", url.Values{"session": {"all"}}), http.StatusFound, "/admin/sessions/")
	third.want(third.do("/admin/", nil), http.StatusFound, "/admin/login/")
	if page := b.do("/admin/sessions/", nil); strings.Contains(page.Body.String(), "End all other sessions") {
		t.Error("the page offers to end others, and there are none")
	}
	b.want(b.do("/admin/sessions/", url.Values{"session": {"1"}}), http.StatusFound, "/admin/sessions/")
	b.want(b.do("/admin/", nil), http.StatusFound, "/admin/login/")
}

func TestRefuse_NotAllowed(t *testing.T) {
	t.Parallel()
	b := newSite(t, false).browser(t)
	if w := b.do("/admin/logout/", nil); w.Header().Get("Allow") != "POST" {
		t.Errorf("got Allow %q, want POST", w.Header().Get("Allow"))
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/admin/login/", http.NoBody))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("got %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

// FuzzIsLocal: wherever a browser goes for an address that counts as local, it
// stays on this site.
func FuzzIsLocal(f *testing.F) {
	for _, seed := range []string{
		"/users/?q=a#b", "//evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example", "/\t/evil.example", "/ /evil",
		"javascript:alert(1)", "", "/admin/login/?next=/", "/%2f/evil.example", "/..//evil.example", "/users/../../x", "\x01/x", "///evil.example",
	} {
		f.Add(seed)
	}
	base, _ := url.Parse("https://here.example/admin/login/")
	f.Fuzz(func(t *testing.T, next string) {
		if !admin.IsLocal(next) {
			return
		}
		// WHATWG's URL standard: tabs and newlines go, backslashes are slashes.
		seen := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(strings.TrimFunc(next, func(r rune) bool { return r <= ' ' }))
		u, err := base.Parse(seen)
		if err != nil || u.Scheme != "https" || u.Host != "here.example" || strings.HasPrefix(seen, "//") {
			t.Errorf("%q leads to %v, %v", next, u, err)
		}
		if strings.ContainsAny(next, "\r\n") {
			t.Errorf("%q would split a header", next)
		}
	})
}

func TestIsLocal(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]bool{
		"/": true, "/users/?q=a&b=c": true, "/admin/users/tuser/1/change/": true, "": false, "//evil.example": false, `/\evil.example`: false,
		"https://here.example/": false, "users/": false, "/a\nb": false, "/admin/login/": false, "/a b": false,
	} {
		if got := admin.IsLocal(next); got != want {
			t.Errorf("%q: got %v, want %v", next, got, want)
		}
	}
}
