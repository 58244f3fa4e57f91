package e2e_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// softBreak is a line break of quoted-printable, which a long line has.
var softBreak = regexp.MustCompile(`=\r?\n`)

// mailed waits for a mail in a folder that has not been seen, with a link that
// begins with a path, and returns the path of the link.
func mailed(t *testing.T, folder, path string, seen *[]string) string {
	t.Helper()
	pattern := regexp.MustCompile(`http://127\.0\.0\.1:\d+(` + regexp.QuoteMeta(path) + `[\w./-]+)`)
	var link string
	eventually(t, patience, "a mail with a link", func() bool {
		files, _ := filepath.Glob(filepath.Join(folder, "*"))
		for _, file := range files {
			text, err := os.ReadFile(file)
			found := pattern.FindSubmatch(softBreak.ReplaceAll(text, nil))
			if err == nil && found != nil && !slices.Contains(*seen, string(found[1])) {
				link = string(found[1])
				*seen = append(*seen, link)
				return true
			}
		}
		return false
	})
	return link
}

// TestStaff_Reset: a link of a mail sets another password, once, on two servers, and
// the log has no token.
func TestStaff_Reset(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		mails := t.TempDir()
		settings = append(settings, "AUTO_MIGRATE=true", "EMAIL_BACKEND=file", "EMAIL_FILE_PATH="+mails, signing)
		s, other := startServer(t, t.TempDir(), settings...), startServer(t, t.TempDir(), settings...)
		commanded(t, append(settings, "DJANGO_SUPERUSER_PASSWORD="+staffPassword), "createsuperuser", "--noinput", "--username", "boss", "--email", "boss@example.com")
		const fresh = "Another-horse-9"
		v := s.visitor("203.0.113.1")
		send := func(v *visitor, path string, form url.Values) received {
			t.Helper()
			got, err := v.send(path, nil)
			if err == nil && form != nil {
				token := formToken.FindStringSubmatch(got.body)
				if token == nil {
					t.Fatalf("%s: got %d %s", path, got.status, got.body)
				}
				form.Set("csrfmiddlewaretoken", token[1])
				got, err = v.send(path, form)
			}
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		unknown := send(v, "/admin/password_reset/", url.Values{"email": {"stranger@example.com"}})
		known := send(v, "/admin/password_reset/", url.Values{"email": {"boss@example.com"}})
		if unknown.status != http.StatusFound || known.status != unknown.status || known.header.Get("Location") != unknown.header.Get("Location") {
			t.Errorf("got %d %v and %d %v", unknown.status, unknown.header, known.status, known.header)
		}
		link := mailed(t, mails, "/admin/reset/", new([]string))
		opened := send(v, link, nil)
		form := opened.header.Get("Location")
		if opened.status != http.StatusFound || !strings.HasSuffix(form, "/set-password/") {
			t.Fatalf("got %d %s", opened.status, form)
		}
		if got := send(v, form, url.Values{"new_password1": {fresh}, "new_password2": {fresh}}); got.status != http.StatusFound {
			t.Fatalf("got %d %s", got.status, got.body)
		}
		again := other.visitor("203.0.113.2")
		if got := send(again, link, nil); got.status != http.StatusOK || !strings.Contains(got.body, "already used") {
			t.Errorf("a second use: got %d %s", got.status, got.body)
		}
		if got, err := again.logIn("boss", fresh); err != nil || got.status != http.StatusFound {
			t.Errorf("got %d %s, %v", got.status, got.body, err)
		}
		if trail := commanded(t, settings, "audit", "export"); !strings.Contains(trail, "password reset by mail") {
			t.Errorf("the trail does not name the reset: %s", trail)
		}
		token := strings.Split(link, "/")[4]
		s.awaitLog("/admin/reset/MQ/…")
		if strings.Contains(s.logged(), token) || strings.Contains(other.logged(), token) {
			t.Error("the log has the token")
		}
	})
}

// TestBrowser_Reset: from the login page through the mail to a login, and an
// invitation to another account.
func TestBrowser_Reset(t *testing.T) {
	t.Parallel()
	dir, mails := t.TempDir(), t.TempDir()
	s := startServer(t, dir, "EMAIL_BACKEND=file", "EMAIL_FILE_PATH="+mails)
	commanded(t, []string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3"), "DJANGO_SUPERUSER_PASSWORD=" + staffPassword},
		"createsuperuser", "--noinput", "--username", "boss", "--email", "boss@example.com")
	browser := startBrowser(t)
	page := staffTab{newTab(newVisitor(browser, t), t, s), readAxe(t)}
	const fresh = "Another-horse-9"
	var seen []string
	page.open("/admin/login/", "#username")
	page.everywhere("login-forgot")
	page.click(`a[href="/admin/password_reset/"]`)
	page.until(`!!document.querySelector("#email")`)
	page.everywhere("reset")
	page.do(chromedp.SendKeys(chromedp.CSS("#email"), "Boss@example.com"), chromedp.Click(chromedp.CSS("main .button-primary")))
	page.until(`location.pathname === "/admin/password_reset/done/"`)
	page.everywhere("reset-sent")
	page.setPassword(mailed(t, mails, "/admin/reset/", &seen), fresh)
	page.open(seen[0], "main h1")
	page.sees("main", "This link has expired or was already used.")
	page.everywhere("reset-void")
	page.open("/admin/login/", "#username")
	page.give("boss", fresh)
	page.until(`location.pathname === "/admin/"`)

	page.open("/admin/auth/user/add/", ".record-form")
	page.enter("#id_username", "ann")
	page.enter("#id_email", "ann@example.com")
	page.click("#id_invite")
	page.everywhere("invite")
	page.click("[name=_save]")
	page.sees(".alert", "was added successfully")
	invited := staffTab{newTab(newVisitor(browser, t), t, s), page.axe}
	invited.setPassword(mailed(t, mails, "/admin/reset/", &seen), staffPassword)
	invited.click("main .button-primary")
	invited.until(`!!document.querySelector("#username")`)
	invited.give("ann", staffPassword)
	invited.until(`location.pathname === "/admin/"`)
	page.clean()
	invited.clean()
}

// setPassword opens the link of a mail and sets a password, first a weak one.
func (p staffTab) setPassword(link, pw string) {
	p.t.Helper()
	p.open(link, "#new_password1")
	if got := ask[string](p.tab, "location.pathname"); !strings.HasSuffix(got, "/set-password/") {
		p.t.Errorf("the form is at %s", got)
	}
	p.everywhere("new-password")
	fill := func(text string) {
		p.do(chromedp.SendKeys(chromedp.CSS("#new_password1"), text), chromedp.SendKeys(chromedp.CSS("#new_password2"), text),
			chromedp.Click(chromedp.CSS("main .button-primary")))
	}
	fill("short")
	p.until(`!!document.querySelector("#fault-new_password1")`)
	p.everywhere("new-password-faults")
	fill(pw)
	p.until(`location.pathname === "/admin/reset/done/"`)
	p.everywhere("reset-done")
}
