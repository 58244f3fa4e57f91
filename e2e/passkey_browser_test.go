package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// TestBrowser_Passkeys registers passkeys in Chromium's virtual authenticator, and
// logs in with them: after the password, alone, with a copy that is refused, and
// with a recovery code instead.
func TestBrowser_Passkeys(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	dir := t.TempDir()
	s := startServer(t, dir)
	addSuperuser(t, []string{"DB_NAME=" + dir + "/db.sqlite3"}, "boss")
	// Passkeys are bound to a host name.
	named := &server{t: t, url: strings.Replace(s.url, "127.0.0.1", "localhost", 1)}
	page := passkeyTab{staffTab: staffTab{newUsersTab(newVisitor(browser, t), t, named), readAxe(t)}}
	page.plug()

	page.open("/admin/login/?next=/admin/totp/", "#username")
	page.everywhere("passkey-login")
	page.give("boss", staffPassword)
	page.sees("h1", "Two-factor authentication")
	page.everywhere("passkeys-none")
	code := page.add("Work laptop with a rather long name that has to wrap somewhere")
	page.everywhere("passkey-codes")
	page.refusesTwo()

	page.logOut()
	page.open("/admin/login/?next=/admin/totp/", "#username")
	page.give("boss", staffPassword)
	page.sees("main .lead", "Use your passkey, or enter one of your recovery codes.")
	page.everywhere("passkey-code")
	page.click("[data-passkey] button")
	page.sees(".passkeys", "last used")

	page.logOut()
	page.loginAlone()
	page.sees(".passkeys", "last used")
	page.rename()
	page.everywhere("passkeys")
	code = page.renewCodes(code)
	page.clone()

	page.open("/admin/login/?next=/admin/totp/", "#username")
	page.give("boss", staffPassword)
	page.sees("main .lead", "Use your passkey, or enter one of your recovery codes.")
	page.enter("#code", code)
	page.click("form:has(#code) button")
	page.sees(".passkeys", "Security key")
	page.click(".passkeys .button-danger")
	page.sees("main .lead", "Protect your account")
	page.logOut()
	page.open("/admin/login/?next=/admin/totp/", "[data-passkey]")
	page.click("[data-passkey] button")
	page.sees("[data-passkey] [role=alert], .alert-bad", "passkey")
	page.clean()
	page.withoutScript()
}

// passkeyTab is a tab with a virtual authenticator.
type passkeyTab struct {
	staffTab

	key webauthn.AuthenticatorID
}

// plug adds an authenticator that verifies its owner.
func (p *passkeyTab) plug() {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		p.t.Fatal(err)
	}
	added, err := chromedp.Call(p.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportUsb,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		p.t.Fatal(err)
	}
	p.key = added.AuthenticatorID
}

// add adds the first passkey, and returns a recovery code.
func (p *passkeyTab) add(name string) string {
	p.t.Helper()
	p.click("#add-passkey")
	p.sees("h2", "Add a passkey")
	p.until(`!document.querySelector("[data-passkey]").hidden`)
	p.everywhere("passkey-add")
	p.enter("#name", name)
	p.click("[data-passkey] button")
	p.sees("main", "Recovery codes")
	return ask[string](p.tab, `document.querySelector(".code li").innerText`)
}

// refusesTwo tries to add the same authenticator again, which the browser refuses.
func (p *passkeyTab) refusesTwo() {
	p.t.Helper()
	p.open("/admin/totp/", "#add-passkey")
	p.click("#add-passkey")
	p.until(`document.querySelector("[data-passkey]")?.hidden === false`)
	p.enter("#name", "Again")
	p.click("[data-passkey] button")
	p.sees("[data-passkey] [role=alert]", "This device already has a passkey for your account.")
	p.everywhere("passkey-again")
}

// loginAlone logs in without a password.
func (p *passkeyTab) loginAlone() {
	p.t.Helper()
	p.open("/admin/login/?next=/admin/totp/", "[data-passkey] button")
	p.click("[data-passkey] button")
	p.sees("h1", "Two-factor authentication")
}

func (p *passkeyTab) rename() {
	p.t.Helper()
	p.click(".passkeys summary")
	p.enter(".passkeys input[name=name]", "Security key")
	p.look("passkey-rename")
	p.click(".passkeys details button")
	p.sees(".passkeys strong", "Security key")
}

// renewCodes generates new recovery codes, and returns one.
func (p *passkeyTab) renewCodes(old string) string {
	p.t.Helper()
	p.sees("main", "You have 10 unused codes.")
	p.click("#renew-codes")
	p.sees(".alert-good", "You have new recovery codes.")
	p.everywhere("passkey-new-codes")
	code := ask[string](p.tab, `document.querySelector(".code li").innerText`)
	if code == old {
		p.t.Error("got an old code")
	}
	p.open("/admin/totp/", "#renew-codes")
	return code
}

// clone logs in with a copy of the passkey whose counter is behind.
func (p *passkeyTab) clone() {
	p.t.Helper()
	found, err := chromedp.Call(p.ctx, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: p.key})
	if err != nil || len(found.Credentials) != 1 {
		p.t.Fatalf("got %+v, %v, want one passkey", found, err)
	}
	copied := found.Credentials[0]
	p.logOut()
	p.loginAlone() // the original counts on
	p.logOut()
	if _, err := chromedp.Call(p.ctx, webauthn.ClearCredentials, webauthn.ClearCredentialsParams{AuthenticatorID: p.key}); err != nil {
		p.t.Fatal(err)
	}
	behind := addedCopy{p.key, map[string]any{
		"credentialId": copied.CredentialID, "isResidentCredential": true, "rpId": "localhost", "privateKey": copied.PrivateKey,
		"userHandle": copied.UserHandle, "signCount": 1,
	}}
	if _, err := chromedp.Call(p.ctx, addCopy, behind); err != nil {
		p.t.Fatal(err)
	}
	p.open("/admin/login/?next=/admin/totp/", "[data-passkey] button")
	p.click("[data-passkey] button")
	p.sees(".alert-bad", "it may have been copied")
	p.everywhere("passkey-cloned")
}

// addCopy is webauthn.AddCredential without the fields that only some
// authenticators take.
var addCopy = cdp.Command[addedCopy, cdp.Empty]{Method: webauthn.CommandAddCredential}

type addedCopy struct {
	AuthenticatorID webauthn.AuthenticatorID `json:"authenticatorId"`
	Credential      map[string]any           `json:"credential"`
}

// withoutScript: passkeys are not offered, and the rest works.
func (p *passkeyTab) withoutScript() {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		p.t.Fatal(err)
	}
	p.open("/admin/login/?next=/admin/totp/", "#username")
	shown := func(selector string) bool {
		p.t.Helper()
		return ask[bool](p.tab, fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.checkVisibility())`, selector))
	}
	if shown("[data-passkey]") {
		p.t.Error("the login offers passkeys without scripts")
	}
	p.give("boss", staffPassword)
	p.sees("h1", "Two-factor authentication")
	if shown("#add-passkey") || !shown(".unscripted") {
		p.t.Error("the page offers passkeys without scripts")
	}
}
