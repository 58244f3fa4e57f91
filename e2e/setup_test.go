package e2e_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

var setupLink = regexp.MustCompile(`setup="?http[^ ]*?(/admin/setup/[^ "\s]*)`)

// A server that others reach logs a link. Of several visitors who have it, one
// creates the account.
func TestSetup_Link(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		s := startServer(t, t.TempDir(), append(settings, "AUTO_MIGRATE=true", "ALLOWED_HOSTS=users.example.com,127.0.0.1", signing)...)
		s.awaitLog("msg=\"there is no staff account; open this address")
		link := setupLink.FindStringSubmatch(s.logged())
		if link == nil {
			t.Fatalf("no link in %s", s.logged())
		}
		const visitors = 6
		answers := make([]received, visitors)
		var group sync.WaitGroup
		shown := make(chan struct{}) // closed when all visitors have the form
		for n := range visitors {
			v := s.visitor("198.51.100.7")
			page, err := v.send(link[1], nil)
			token := formToken.FindStringSubmatch(page.body)
			if err != nil || token == nil {
				t.Fatalf("got %d %s, %v", page.status, page.body, err)
			}
			group.Go(func() {
				<-shown
				u, _ := url.Parse(link[1])
				answers[n], _ = v.send("/admin/setup/", url.Values{
					"csrfmiddlewaretoken": {token[1]}, "token": u.Query()["token"], "username": {"boss" + string(rune('a'+n))},
					"password": {staffPassword}, "password_again": {staffPassword},
				})
			})
		}
		close(shown)
		group.Wait()
		statuses := map[int]int{}
		for _, answer := range answers {
			statuses[answer.status]++
			if answer.status == http.StatusServiceUnavailable && !strings.Contains(answer.body, `value="boss`) {
				t.Errorf("a busy server loses the input: %s", answer.body)
			}
		}
		busy := statuses[http.StatusServiceUnavailable] // too many hashes from one address
		if statuses[http.StatusFound] != 1 || statuses[http.StatusGone]+busy != visitors-1 {
			t.Errorf("got the statuses %v, want 302 once and 410 for the others", statuses)
		}
		if got := strings.Count(commanded(t, settings, "audit", "export"), ",system:setup,"); got != 1 {
			t.Errorf("the trail has %d accounts from the setup, want 1", got)
		}
	})
}

// From the welcome page of an empty database to the admin site.
func TestBrowser_FirstAccount(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	exposed := startServer(t, t.TempDir(), "ALLOWED_HOSTS=users.example.com,127.0.0.1", signing)
	stranger := staffTab{newTab(newVisitor(browser, t), t, exposed), readAxe(t)}
	stranger.open("/admin/setup/?token=bad", "main h1")
	stranger.sees("main", "This link is not complete or has expired.")
	stranger.everywhere("setup-bad-link")
	page := staffTab{newTab(newVisitor(browser, t), t, startServer(t, t.TempDir())), readAxe(t)}
	page.open("/", ".alert-action")
	page.everywhere("welcome-first")
	page.click(".alert-action a")
	page.until(`!!document.querySelector("#password_again")`)
	page.everywhere("setup")
	page.do(chromedp.SendKeys(chromedp.CSS("#username"), "boss"), chromedp.SendKeys(chromedp.CSS("#password"), "short"),
		chromedp.SendKeys(chromedp.CSS("#password_again"), "short"), chromedp.Click(chromedp.CSS("main .button-primary")))
	page.until(`!!document.querySelector("#fault-password")`)
	page.everywhere("setup-faults")
	page.do(chromedp.SendKeys(chromedp.CSS("#password"), staffPassword), chromedp.SendKeys(chromedp.CSS("#password_again"), staffPassword),
		chromedp.Click(chromedp.CSS("main .button-primary")))
	page.until(`location.pathname === "/admin/"`)
	page.sees(".account summary", "boss")
	page.open("/", "main h1")
	if ask[bool](page.tab, `!!document.querySelector(".alert-action")`) {
		t.Error("the page still leads to the first account")
	}
	page.clean()
}
