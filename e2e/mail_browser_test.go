package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/emersion/go-smtp"
)

const (
	mailingsPath   = "/admin/mail/mailing/"
	deliveriesPath = "/admin/mail/delivery/"
	composePath    = "/admin/mail/compose/"
)

// TestMailBrowser writes, watches, pauses, stops and repeats mailings with a real
// browser and a mail server that refuses some recipients.
func TestMailBrowser(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	for name, check := range map[string]func(*testing.T, *mailSite){
		"Compose": checkCompose, "Scriptless": checkComposeScriptless, "Life": checkMailingLife, "Clicks": checkMailClicks, "Pages": checkMailPages,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refuse := func(to string) error {
				if strings.HasPrefix(to, "user-00002") {
					return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
				}
				return nil
			}
			sink := startSink(t, &sink{onRcpt: refuse})
			check(t, &mailSite{newAdminSite(browser, t, 60, sink.settings()...), sink})
		})
	}
}

// mailSite is a site with a mail server that refuses the users 20 to 29.
type mailSite struct {
	*adminSite

	sink *sink
}

// got returns how many messages an address has.
func (m *mailSite) got(address string) int {
	m.sink.mu.Lock()
	defer m.sink.mu.Unlock()
	return len(m.sink.ids[address])
}

// write fills in the form of a mailing.
func (b *tab) write(filter, subject, text, rate string) {
	b.t.Helper()
	for field, value := range map[string]string{"filter": filter, "subject": subject, "message": text, "rate": rate} {
		b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.getElementById(%q).value = %q`, field, value)))
	}
}

// send writes and starts a mailing, and waits for its page.
func (b *tab) send(filter, subject, rate string) {
	b.t.Helper()
	b.open(composePath, "#compose")
	b.write(filter, subject, "We are back at noon.", rate)
	b.click("[value=confirm]")
	b.until(`!!document.querySelector("[value=send]")`)
	b.click("[value=send]")
	b.sees("h1", subject)
}

// checkCompose writes a mailing, with an error, a preview, a test and a question, and
// follows it to the words of the mail server.
func checkCompose(t *testing.T, m *mailSite) {
	t.Helper()
	b := m.logIn(t, composePath+"?filter=username+sw+%22user-00000%22", "#compose")
	b.sees("#count", "9 users")
	b.sees(".compose-sample", "user-000001@example.com")
	b.click("[value=confirm]")
	b.sees(".field-faults", "Enter a subject.")
	b.write(`username sw`, "Maintenance", "We are back at noon.\n\nThank you.", "")
	b.click(".record-foot [value=preview]")
	b.until(`document.querySelector("#about-filter .field-faults")?.innerText.length > 0`)
	b.write(`username sw "user-00000"`, "Maintenance", "We are back at noon.\n\nThank you.", "")
	b.click(".record-foot [value=preview]")
	b.sees("#preview-title", "Preview for user-000001@example.com")
	b.sees("pre", "Hello First")
	b.until(`document.getElementById("show-html").parentElement.hidden`)
	b.until(`(() => {
		const button = document.getElementById("show-html");
		if (!window.watched) {
			window.watched = true;
			document.querySelector("iframe").addEventListener("load", () => (window.shown = true));
			button.form.requestSubmit(button);
		}
		return window.shown === true;
	})()`)
	b.shoot("mail-compose-preview")
	b.click("[value=test]")
	b.sees(".alert-good", "A test was sent to root@example.com.")
	if m.got("root@example.com") != 1 || m.sink.count() != 1 {
		t.Errorf("got %d tests and %d messages, want one", m.got("root@example.com"), m.sink.count())
	}
	b.click("[value=confirm]")
	b.sees("h1", "Send this mailing to 9 users?")
	b.click("[value=edit]")
	b.until(`document.getElementById("subject")?.value === "Maintenance"`)
	b.click("[value=confirm]")
	b.sees("[value=send]", "Send to 9 users")
	b.click("[value=send]")
	b.sees("h1", "Maintenance")
	b.sees(`[data-live=sentence]`, "9 sent")
	b.click(`.toolbar a[href$="/deliveries/"]`)
	b.sees("main [role=status]", "9 deliveries")
	b.enter("#q", "USER-000003@")
	b.click(".search .button")
	b.sees("main [role=status]", "1 delivery")
	b.sees(".admin-table", "sent")
	b.click(".admin-table tbody th a")
	b.sees(".record-form", "user-000003@example.com")
	if m.sink.count() != 10 {
		t.Errorf("got %d messages, want nine and a test", m.sink.count())
	}
	b.cleanBut("status of 422", "sandbox")
}

// checkComposeScriptless does the same steps without JavaScript.
func checkComposeScriptless(t *testing.T, m *mailSite) {
	t.Helper()
	b := m.logIn(t, composePath, "#compose")
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(b.server.url+composePath+"?filter=username+eq+%22user-000001%22"), chromedp.WaitVisible(chromedp.CSS("#compose")),
		chromedp.SendKeys(chromedp.CSS("#subject"), "Hello"), chromedp.SendKeys(chromedp.CSS("#message"), "We are open."),
		chromedp.Click(chromedp.CSS(".record-foot [value=preview]")), chromedp.WaitVisible(chromedp.CSS("#show-html")),
		chromedp.Click(chromedp.CSS("#show-html")), chromedp.WaitVisible(chromedp.CSS("iframe")),
		chromedp.Click(chromedp.CSS("[value=test]")), chromedp.WaitVisible(chromedp.CSS(".alert-good")),
		chromedp.Click(chromedp.CSS("[value=confirm]")), chromedp.WaitVisible(chromedp.CSS("[value=send]")),
		chromedp.Click(chromedp.CSS("[value=send]")), chromedp.WaitVisible(chromedp.CSS(`a[href$="/deliveries/"]`)))
	eventually(t, patience, "the message", func() bool { return m.got("user-000001@example.com") == 1 })
	b.cleanBut("sandbox")
}

// checkMailingLife pauses, resumes and stops a mailing, and sends it to the others.
func checkMailingLife(t *testing.T, m *mailSite) {
	t.Helper()
	b := m.logIn(t, "/admin/", ".apps")
	b.send(`username sw "user-00001"`, "Slowly", "1")
	b.sees(`[data-live=sentence]`, "1 sent, 8 waiting")
	b.shoot("mail-running")
	b.click(`form[action*="/pause/"] button`)
	b.sees(".alert", "Pausing was requested. It is now paused")
	b.sees(`[data-live=sentence]`, "1 sent, 8 waiting")
	b.open(tasksPath+"1/change/", ".record-form")
	b.sees(".record-form", "1 sent, 8 waiting")
	b.click(`.record-form a[href*="/mail/mailing/"]`)
	b.until(`document.activeElement === document.body && !!document.querySelector('form[action*="/resume/"] button')`)
	b.click(`form[action*="/resume/"] button`)
	b.sees(".alert", "The mailing continues.")
	b.sees(`[data-live=sentence]`, "2 sent, 7 waiting")
	b.click(`.toolbar a[href$="/stop/"]`)
	b.sees("h1", "Stop this mailing?")
	b.shoot("mail-stop")
	b.click(".button-danger")
	b.sees(".alert", "Stopping was requested.")
	b.sees(`[data-live=sentence]`, "2 sent, 7 not sent")
	b.until(`document.querySelector("[data-announce=sentence]")?.textContent === "2 sent, 7 not sent" || !document.querySelector('script[src*="live"]')`)
	b.sees(".toolbar", "Send to those not reached")
	b.open("/admin/", ".panels")
	b.sees(".panels", "2 sent, 7 not sent")
	b.clean()
}

// checkMailClicks counts the clicks of a person who has logged in and is at the home
// page. Links and buttons count one each, confirmations too.
func checkMailClicks(t *testing.T, m *mailSite) {
	t.Helper()
	b := m.logIn(t, "/admin/", ".apps")
	b.send(`username sw "user-00002"`, "Refused", "")
	b.sees(`[data-live=sentence]`, "refused")
	b.send(`username sw "user-00001"`, "Slowly", "1")
	b.sees(`[data-live=sentence]`, "1 sent")
	for name, steps := range map[string][]string{
		"failed mail, and resend":     {`.side a[href="/admin/mail/mailing/"]`, `.admin-table tbody tr:last-child th a`, `form[action*="/resend/"] button`},
		"resend to those not reached": {`.panel a[href*="/mail/mailing/1/"]`, `form[action*="/resend/"] button`},
		"stop, and its confirmation":  {`.panel a[href*="/mail/mailing/2/"]`, `.toolbar a[href$="/stop/"]`, `.button-danger`},
	} {
		b.open("/admin/", ".panels")
		for _, step := range steps {
			b.until(fmt.Sprintf(`!!document.querySelector(%q)`, step))
			b.click(step)
		}
		b.sees(".alert", "re") // "were queued", "requested"
		t.Logf("%s: %d clicks", name, len(steps))
		b.sees(`[data-live=sentence]`, map[bool]string{true: "not sent", false: "refused"}[strings.HasPrefix(name, "stop")])
	}
	b.clean()
}

// checkMailPages looks at every page about mail.
func checkMailPages(t *testing.T, m *mailSite) {
	t.Helper()
	b := m.logIn(t, mailingsPath, ".empty")
	lookAt(t, b, []shownPage{{"mailings-none", mailingsPath, ".empty", ""}, {"deliveries-none", deliveriesPath, ".empty", ""}})
	b.send("", "Maintenance on Saturday between 10 and 12 o’clock", "")
	b.sees(`[data-live=sentence]`, "refused")
	b.send(`username sw "user-00001"`, "Slowly", "1")
	b.sees(`[data-live=sentence]`, "1 sent")
	lookAt(t, b, []shownPage{
		{"mail-home", "/admin/", ".panels", ""},
		{"mail-app", "/admin/mail/", ".apps", ""},
		{"mailings", mailingsPath, ".admin-table", ""},
		{"mailing", mailingsPath + "1/change/", ".record-form", ""},
		{"mailing-running", mailingsPath + "2/change/", ".record-form", ""},
		{"mailing-stop", mailingsPath + "2/stop/", ".button-danger", ""},
		{"mailing-task", tasksPath + "1/change/", ".record-form", ""},
		{"deliveries", deliveriesPath, ".admin-table", ""},
		{"deliveries-refused", deliveriesPath + "?mailing__exact=1&state__exact=bounced", ".admin-table", ""},
		{"delivery", deliveriesPath + "20/change/", ".record-form", ""},
		{"compose", composePath, "#compose", ""},
		{"compose-faults", composePath, "#compose", pressed("[value=confirm]", ".field-faults")},
		{"compose-preview", composePath + "?subject=Hello&message=We+are+open.", "iframe", ""},
		{"compose-confirm", composePath + "?subject=Hello&message=We+are+open.", "#compose, [value=send]", pressed("[value=confirm]", "[value=send]")},
	})
	b.cleanBut("status of 422", "sandbox")
}
