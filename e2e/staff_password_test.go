package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestStaff_PasswordOfAnother: who gives another account a password ends its
// sessions on every server, keeps their own, and leaves the password nowhere.
func TestStaff_PasswordOfAnother(t *testing.T) {
	t.Parallel()
	onBoth(t, passwordOfAnother)
}

// The passwords of the test: none may be found anywhere.
const (
	newPassword   = "Another-h0rse-77"
	mistyped      = "Another-h0rse-78"
	tooLikelyWord = "iloveyou"
)

func passwordOfAnother(t *testing.T, settings []string) {
	t.Helper()
	settings = append(slices.Clone(settings), signing, "LOG_LEVEL=DEBUG")
	here := startServer(t, t.TempDir(), settings...)
	addSuperuser(t, settings, "boss")
	addSuperuser(t, settings, "ann")
	there := startServer(t, t.TempDir(), settings...)
	boss, elsewhere := here.loggedIn(t, "boss"), there.loggedIn(t, "boss")
	devices := []*visitor{here.loggedIn(t, "ann"), here.loggedIn(t, "ann"), there.loggedIn(t, "ann")}
	const path = "/admin/auth/user/2/password/"
	for _, tt := range []struct{ field, first, second, want string }{
		{"password", "", "", "This field is required."},
		{"password_again", newPassword, mistyped, "The two password fields didn’t match."},
		{"password", tooLikelyWord, tooLikelyWord, "This password is too common."},
	} {
		got := boss.submit(path, url.Values{"password": {tt.first}, "password_again": {tt.second}})
		if beside := besideField(got.body, tt.field); got.status != http.StatusUnprocessableEntity || !strings.Contains(beside, tt.want) {
			t.Errorf("%q, %q: got %d and %q beside %s, want 422 and %q", tt.first, tt.second, got.status, beside, tt.field, tt.want)
		}
		wantNoPassword(t, "the form", got.body)
	}
	for _, device := range devices {
		device.wantIn(true)
	}
	if got := boss.submit(path, url.Values{"password": {newPassword}, "password_again": {newPassword}}); got.status != http.StatusSeeOther {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	for _, device := range devices {
		device.wantIn(false)
	}
	boss.wantIn(true)
	elsewhere.wantIn(true)
	if got, err := there.visitor("203.0.113.9").logIn("ann", staffPassword); err != nil || got.status != http.StatusOK {
		t.Errorf("with the old password: got %d, %v, want the form again", got.status, err)
	}
	if got, err := there.visitor("203.0.113.9").logIn("ann", newPassword); err != nil || got.status != http.StatusFound {
		t.Errorf("with the new password: got %d, %v, want to be in", got.status, err)
	}
	wantNoPassword(t, "the log of one server", here.logged())
	wantNoPassword(t, "the log of the other", there.logged())
	wantNoPassword(t, "the audit trail", commanded(t, settings, "audit", "export"))
	wantNoPassword(t, "Django's log", djangoLog(t, settings))
}

// loggedIn is a visitor who has logged in as a superuser.
func (s *server) loggedIn(t *testing.T, username string) *visitor {
	t.Helper()
	v := s.visitor("203.0.113.8")
	if got, err := v.logIn(username, staffPassword); err != nil || got.status != http.StatusFound {
		t.Fatalf("%s: got %d, %v, want to be in", username, got.status, err)
	}
	return v
}

// submit opens a page and sends its form.
func (v *visitor) submit(path string, form url.Values) received {
	v.t.Helper()
	page, err := v.send(path, nil)
	token := formToken.FindStringSubmatch(page.body)
	if err != nil || token == nil {
		v.t.Fatalf("GET %s: got %d, %v, want a form", path, page.status, err)
	}
	form.Set("csrfmiddlewaretoken", token[1])
	answer, err := v.send(path, form)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer
}

// wantIn checks whether the visitor's session counts.
func (v *visitor) wantIn(want bool) {
	v.t.Helper()
	got, err := v.send("/admin/sessions/", nil)
	if in := got.status == http.StatusOK; err != nil || in != want {
		v.t.Errorf("got %d, %v, want to be logged in: %t", got.status, err, want)
	}
}

// besideField is what a form says beside a field.
func besideField(page, field string) string {
	found := regexp.MustCompile(`(?s)<div id="about_` + field + `">.*?</div>`).FindString(page)
	_, faults, _ := strings.Cut(found, `class="field-faults"`)
	return faults
}

// wantNoPassword checks that a text has none of the passwords.
func wantNoPassword(t *testing.T, what, text string) {
	t.Helper()
	if text == "" {
		t.Errorf("%s is empty", what)
	}
	for _, password := range []string{staffPassword, newPassword, mistyped, tooLikelyWord} {
		if at := strings.Index(text, password); at >= 0 {
			t.Errorf("%s has the password %s: …%s", what, password, text[max(0, at-100):at+len(password)])
		}
	}
}

// djangoLog is the content of Django's admin log.
func djangoLog(t *testing.T, settings []string) (text string) {
	t.Helper()
	db := openDB(t, settings)
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), "SELECT object_repr, change_message FROM django_admin_log")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var object, message string
		if err := rows.Scan(&object, &message); err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintln(object, message)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return text
}
