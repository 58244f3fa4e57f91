package e2e_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var unlockLink = regexp.MustCompile(`http://127\.0\.0\.1:\d+(/admin/login/unlock/\?token=(?:3D)?[\w.-]+)`)

// TestStaff_Unlock: a browser that has logged in is not locked out by others, and
// another one gets in by a mail.
func TestStaff_Unlock(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		mails := t.TempDir()
		s := startServer(t, t.TempDir(), append(settings, "AUTO_MIGRATE=true", "EMAIL_BACKEND=file", "EMAIL_FILE_PATH="+mails)...)
		commanded(t, append(settings, "DJANGO_SUPERUSER_PASSWORD="+staffPassword), "createsuperuser", "--noinput", "--username", "boss", "--email", "boss@example.com")
		known, stranger, fresh := s.visitor("203.0.113.1"), s.visitor("203.0.113.2"), s.visitor("203.0.113.3")
		enter := func(v *visitor, pw string, want int) {
			t.Helper()
			if got, err := v.logIn("boss", pw); err != nil || got.status != want {
				t.Fatalf("got %d %s, %v, want %d", got.status, got.body, err, want)
			}
		}
		enter(known, staffPassword, http.StatusFound)
		for range 10 {
			enter(stranger, "wrong", http.StatusOK)
		}
		enter(fresh, staffPassword, http.StatusTooManyRequests)
		submitFrom := func(v *visitor, from, path string, form url.Values) received {
			t.Helper()
			page, err := v.send(from, nil)
			if err != nil {
				t.Fatal(err)
			}
			form.Set("csrfmiddlewaretoken", formToken.FindStringSubmatch(page.body)[1])
			got, err := v.send(path, form)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		submit := func(v *visitor, path string, form url.Values) received { return submitFrom(v, path, path, form) }
		if got := submit(known, "/admin/reauth/", url.Values{"password": {staffPassword}}); got.status != http.StatusFound {
			t.Errorf("the open session: got %d %s", got.status, got.body)
		}
		submitFrom(known, "/admin/sessions/", "/admin/logout/", url.Values{})
		enter(known, staffPassword, http.StatusFound)
		if got := submit(fresh, "/admin/login/unlock/", url.Values{"username": {"boss"}}); got.status != http.StatusOK {
			t.Fatalf("got %d %s", got.status, got.body)
		}
		var link string
		eventually(t, patience, "the mail to be sent", func() bool {
			files, _ := filepath.Glob(filepath.Join(mails, "*"))
			for _, file := range files {
				text, err := os.ReadFile(file)
				if found := unlockLink.FindSubmatch(regexp.MustCompile(`=\r?\n`).ReplaceAll(text, nil)); err == nil && found != nil {
					link = string(found[1])
				}
			}
			return link != ""
		})
		link = regexp.MustCompile(`token=3D`).ReplaceAllString(link, "token=")
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if got := submit(fresh, link, url.Values{"token": {u.Query().Get("token")}}); got.status != http.StatusFound {
			t.Fatalf("got %d %s", got.status, got.body)
		}
		enter(fresh, staffPassword, http.StatusFound)
	})
}
