package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// certified is a certified provider, as e2e/testdata/oidc/provider.mjs starts it.
type certified struct {
	t   *testing.T
	url string
}

func startCertified(t *testing.T) certified {
	t.Helper()
	folder := installed(t, "TEST_OIDC_PROVIDER")
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join(folder, "provider.mjs"))
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = input.Close() // which ends it
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return certified{t, strings.TrimSpace(line)}
}

// set changes the provider.
func (c certified) set(change map[string]any) {
	c.t.Helper()
	text, err := json.Marshal(change)
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.url+"/test", bytes.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		c.t.Fatalf("got %d", answer.StatusCode)
	}
}

// known sets who logs in, with these groups.
func (c certified) known(name string, verified bool, groups ...string) {
	c.t.Helper()
	person := map[string]any{"email": name + "@example.com", "email_verified": verified, "preferred_username": name, "groups": groups}
	c.set(map[string]any{"person": name, "people": map[string]any{name: person}})
}

// TestBrowser_OIDC logs in and out at a certified provider with a real browser.
func TestBrowser_OIDC(t *testing.T) {
	t.Parallel()
	provider := startCertified(t)
	dir := t.TempDir()
	s := startServer(t, dir, "OIDC_PROVIDERS=corp", "OIDC_CORP_ISSUER="+provider.url, "OIDC_CORP_CLIENT_ID=roster",
		"OIDC_CORP_CLIENT_SECRET=a secret of the tests", "OIDC_CORP_LABEL=Corp", "OIDC_CORP_SCOPES=openid email profile groups",
		"OIDC_CORP_GROUPS_CLAIM=groups", "OIDC_CORP_STAFF_GROUPS=staff", "OIDC_CORP_SUPERUSER_GROUPS=admins", "OIDC_CORP_CREATE=true")
	settings := []string{"DB_NAME=" + dir + "/db.sqlite3"}
	addSuperuser(t, append(settings, "DJANGO_SUPERUSER_EMAIL=boss@example.com"), "boss")
	provider.set(map[string]any{"redirect": s.url})
	page := oidcTab{staffTab{newUsersTab(newVisitor(startBrowser(t), t), t, s), readAxe(t)}, provider}
	page.story()
	page.cleanBut("request to another origin: "+provider.url, "status of 400", "status of 403")
}

// oidcTab is a tab of a person with an account at the provider.
type oidcTab struct {
	staffTab

	provider certified
}

func (p oidcTab) story() {
	p.t.Helper()
	p.provider.known("carol", true, "staff")
	p.logInBy("/admin/sessions/", "Sessions")
	p.sees("main", "Linked logins")
	p.open("/admin/", "main h1")
	p.sees("main", "has no permission to view anything")
	p.end()

	for name, value := range map[string]string{"nonce": "another-nonce", "state": "another-state"} {
		p.provider.set(map[string]any{"tamper": map[string]string{name: value}})
		p.logInBy("/admin/", "Login not completed")
		p.open("/admin/sessions/", "#username")
		p.forget()
	}

	p.provider.set(map[string]any{"rotate": true})
	p.logInBy("/admin/", "Home")
	p.end()

	p.provider.known("carol", true, "staff", "admins")
	p.logInBy("/admin/auth/user/", "Staff accounts")
	p.end()
	p.provider.known("carol", true)
	p.logInBy("/admin/", "Your account may not log in")
	p.forget()

	p.provider.known("dave", false, "staff")
	p.logInBy("/admin/", "Your address is not verified")
	p.forget()
	p.link()
}

// link links the login of the owner of an account with a password.
func (p oidcTab) link() {
	p.t.Helper()
	p.provider.known("boss", true, "staff", "admins")
	p.logInBy("/admin/identities/", "No account is linked")
	p.look("oidc-not-linked")
	p.click("main .button-primary")
	p.sees("main", "Log in with the password of your account to link it.")
	p.look("oidc-login-to-link")
	p.give("boss", staffPassword)
	p.sees("h1", "Link your login")
	p.look("oidc-link")
	p.click("main .button-primary")
	p.sees("h1", "Linked logins")
	p.sees("main", "boss@example.com")
	p.look("oidc-identities")
	p.open("/admin/auth/user/2/identities/", "#subject")
	p.look("oidc-identities-of-another")
	p.logOut()
	p.sees("h1", "Logged out")
	p.forget()
	p.logInBy("/admin/identities/", "Linked logins")
	p.click(".identities .button-danger")
	p.until(`!document.querySelector(".identities")`)
}

// logInBy opens a page, logs in at the provider, and sees a title.
func (p oidcTab) logInBy(path, title string) {
	p.t.Helper()
	p.open("/admin/login/?next="+path, ".other-logins a")
	p.click(".other-logins a")
	p.sees("h1", "Log in at the provider")
	p.click("form button")
	p.sees("h1", title)
}

// end logs out, here and at the provider.
func (p oidcTab) end() {
	p.t.Helper()
	p.open("/admin/sessions/", ".account")
	p.click(".account summary")
	p.click(".account .menu-panel button")
	p.sees("h1", "Log out at the provider")
	p.click("button")
	p.until(`location.pathname === "/admin/login/"`)
	p.open("/admin/sessions/", "#username")
}

// forget ends the session at the provider alone.
func (p oidcTab) forget() {
	p.t.Helper()
	p.do(chromedp.Navigate(p.provider.url + "/session/end"))
	p.click("button")
	p.until(`!document.querySelector("button")`)
}

// TestBrowser_Providers looks at the buttons of providers, none of which answers.
func TestBrowser_Providers(t *testing.T) {
	t.Parallel()
	settings := []string{"OIDC_PROVIDERS=corp,google"}
	for name, label := range map[string]string{"CORP": "Corporation of a Rather Long Name & Sons Limited", "GOOGLE": "Google"} {
		settings = append(settings, "OIDC_"+name+"_ISSUER=http://127.0.0.1:1", "OIDC_"+name+"_CLIENT_ID=roster", "OIDC_"+name+"_CLIENT_SECRET=s", "OIDC_"+name+"_LABEL="+label)
	}
	page := staffTab{newUsersTab(newVisitor(startBrowser(t), t), t, startServer(t, t.TempDir(), settings...)), readAxe(t)}
	page.open("/admin/login/", ".other-logins")
	page.look("oidc-buttons")
	for _, width := range []int64{768, 1920} {
		page.do(chromedp.EmulateViewport(width, 900))
		for _, scheme := range []string{"light", "dark"} {
			page.prefer(scheme)
			page.fits("oidc-buttons", width)
			page.shoot(fmt.Sprintf("staff-oidc-buttons-%d-%s", width, scheme))
		}
	}
	page.click(".other-logins a")
	page.sees("h1", "cannot be reached")
	page.look("oidc-unreachable")
	page.cleanBut("status of 503")
}
