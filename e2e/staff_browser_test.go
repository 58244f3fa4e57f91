package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"roster/internal/auth/totp"
)

// TestBrowser_Staff logs in and out with a real browser: by a wrong and by the
// right password, with a second factor, and until too many were wrong.
func TestBrowser_Staff(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	dir := t.TempDir()
	s := startServer(t, dir)
	settings := []string{"DB_NAME=" + dir + "/db.sqlite3"}
	addSuperuser(t, settings, "boss")
	addSuperuser(t, settings, "target")
	page := staffTab{newUsersTab(newVisitor(browser, t), t, s), readAxe(t)}
	page.open("/admin/sessions/", "#username") // which leads to the login
	page.look("login")
	page.give("boss", "wrong")
	page.sees(".alert-bad", "Please enter the correct username and password")
	page.look("login-wrong")
	page.give("boss", staffPassword)
	page.sees("h1", "Sessions")
	page.lookAtSessions(newVisitor(browser, t), s)
	page.lookAtWork()
	page.lookAtTokens()
	page.open("/admin/password_change/", "#new_password1")
	page.enter("#old_password", staffPassword)
	page.enter("#new_password1", "short")
	page.enter("#new_password2", "short")
	page.click("main .form button")
	page.sees("#fault-new_password1", "This password is too short.")
	page.look("password")
	key := page.enrol(page.look)
	page.resetOf(newVisitor(browser, t), "target")
	page.logOut()
	page.open("/admin/login/?next=/admin/totp/", "#username")
	page.give("boss", staffPassword)
	page.sees("h1", "Enter a code")
	page.look("code")
	page.enter("#code", key.Code(time.Now().Add(30*time.Second))) // the present one is used up
	page.click("main form button")
	page.sees("main", "Turn off two-factor authentication")
	page.look("totp-remove")
	page.logOut()
	page.look("logged-out")
	page.clean() // what follows is a 429, which the browser itself notes
	page.exhaust("target")
}

// staffTab is a tab on the pages of staff.
type staffTab struct {
	*tab
	axe string
}

func (p staffTab) look(name string) {
	p.t.Helper()
	p.inspect(p.axe, "html", "staff-"+name)
}

// lookAtSessions looks at the list of sessions with one and with two of them,
// and ends the other.
func (p staffTab) lookAtSessions(other context.Context, s *server) {
	p.t.Helper()
	p.look("session")
	second := staffTab{newUsersTab(other, p.t, s), p.axe}
	second.open("/admin/login/", "#username")
	second.give("boss", staffPassword)
	second.sees("h1", "Home")
	p.open("/admin/sessions/", ".button-danger")
	p.look("sessions")
	p.click(".button-danger")
	p.until(`document.querySelectorAll(".sessions tbody tr").length === 1 && !document.querySelector("main .button-danger")`)
}

// lookAtWork looks at the pages of the API about background work, and starts a
// task and a schedule with their forms.
func (p staffTab) lookAtWork() {
	p.t.Helper()
	p.open("/api/tasks/", "#panel-form")
	p.enter("#field-kind", "noop")
	p.click(`#panel-form button[data-method="POST"]`)
	p.sees(".status-line", "Created")
	p.open("/api/schedules/", "#panel-form")
	p.enter("#field-name", "Nightly")
	p.enter("#field-task", "noop")
	p.do(chromedp.SetValue(`[name="crontab.hour"]`, "3"), chromedp.SetValue(`[name="crontab.minute"]`, "30"))
	p.click(`#panel-form button[data-method="POST"]`)
	p.sees(".status-line", "Created")
	for name, path := range map[string]string{"tasks": "/api/tasks/", "task": "/api/tasks/1/", "task-stats": "/api/tasks/stats/?count=2", "schedules": "/api/schedules/", "schedule": "/api/schedules/1/"} {
		p.open(path, ".response")
		p.look("api-" + name)
	}
}

// lookAtTokens creates a token for a program, uses it outside of the browser,
// rotates it and revokes it.
func (p staffTab) lookAtTokens() {
	p.t.Helper()
	p.open("/admin/tokens/", "#name")
	p.look("tokens-none")
	p.enter("#name", "nightly export of a rather long name")
	p.click(`[name=scope][value="users:read"]`)
	p.click("main .button-primary")
	p.sees(".alert-good", "“nightly export of a rather long name” was created.")
	p.look("tokens-new")
	text := ask[string](p.tab, `document.getElementById("token").innerText`)
	if command := ask[string](p.tab, `document.getElementById("curl").innerText`); command != "curl "+p.server.url+`/api/users/ -H "Authorization: Bearer `+text+`"` {
		p.t.Errorf("got the command %s", command)
	}
	p.uses(text, http.StatusOK)
	p.click("[value=rotate]")
	p.until(`document.querySelectorAll(".tokens tbody tr").length === 2`)
	p.open("/admin/tokens/", ".tokens")
	p.look("tokens")
	p.click(".tokens tbody tr:last-child [value=revoke]")
	p.until(`document.querySelectorAll(".tokens tbody tr").length === 1`)
	p.uses(text, http.StatusUnauthorized)
	p.open("/admin/auth/user/2/tokens/", "#name")
	p.sees("h1", "API tokens of target")
}

// uses asks for the users with a token and wants that status.
func (p staffTab) uses(token string, want int) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.server.url+"/api/users/", http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != want {
		p.t.Errorf("with the token: got %d, want %d", answer.StatusCode, want)
	}
}

// give fills the login form in.
func (p staffTab) give(username, password string) {
	p.t.Helper()
	p.enter("#username", username)
	p.enter("#password", password)
	p.click("main form button")
}

// resetOf resets the second factor of another account, in three clicks from the
// home page and a question. Its owner then logs in with the password alone.
func (p staffTab) resetOf(visitor context.Context, username string) {
	p.t.Helper()
	owner := staffTab{newUsersTab(visitor, p.t, p.server), p.axe}
	owner.open("/admin/login/", "#username")
	owner.give(username, staffPassword)
	owner.sees("h1", "Home")
	owner.enrol(func(string) {})
	p.open("/admin/", "main h1")
	p.click(`main a[href="/admin/auth/user/"]`)
	p.follow(username)
	p.sees(".record-form", "Authenticator app, 10 unused recovery codes")
	p.everywhere("factors-of-another")
	p.follow("Reset two-factor authentication")
	p.sees("h1", "Reset two-factor authentication of "+username+"?")
	p.everywhere("reset-factors")
	p.click("main .button-danger")
	p.sees(".alert-good", "Two-factor authentication was reset.")
	p.sees(".record-form", "Not set up")
	owner.logOut()
	owner.open("/admin/login/", "#username")
	owner.give(username, staffPassword)
	owner.sees("h1", "Home")
}

// follow clicks the link with that text.
func (p staffTab) follow(text string) {
	p.t.Helper()
	const find = `[...document.querySelectorAll("main a")].find(a => a.innerText.trim() === %q)`
	p.until(fmt.Sprintf("!!"+find, text))
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(find+".click()", text)))
}

// enrol sets up an authenticator app, and looks at each page.
func (p staffTab) enrol(look func(name string)) totp.Key {
	p.t.Helper()
	p.open("/admin/totp/", "main h1")
	look("totp")
	p.click("main .form button")
	p.sees("main", "Scan this code")
	look("totp-key")
	key, err := totp.ParseKey(ask[string](p.tab, `document.querySelector(".code").innerText.trim()`))
	if err != nil {
		p.t.Fatal(err)
	}
	p.enter("#code", key.Code(time.Now()))
	p.click("main .form button")
	p.sees("main", "Recovery codes")
	look("totp-codes")
	return key
}

func (p staffTab) logOut() {
	p.t.Helper()
	p.open("/admin/totp/", ".account")
	p.click(".account summary")
	p.click(".account .menu-panel button")
	p.sees("h1", "Logged out")
}

// exhaust gives wrong passwords until no more are looked at.
func (p staffTab) exhaust(username string) {
	p.t.Helper()
	p.open("/admin/login/", "#username")
	for range 10 {
		p.give(username, "wrong")
		p.sees(".alert-bad", "Please enter")
		p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector(".alert-bad").remove()`))
	}
	p.give(username, staffPassword)
	p.sees(".alert-bad", "Too many login attempts.")
	p.look("throttled")
	p.click(".alert-bad a")
	p.sees("h1", "Unlock your login")
	p.look("unlock")
	p.enter("#username", username)
	p.click("main form button")
	p.sees("main", "a message with a link is on its way")
	p.look("unlock-sent")
}
