package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// checkNoScript reads, sorts, searches and pages without JavaScript.
func checkNoScript(visitor context.Context, t *testing.T) {
	t.Helper()
	s := startServer(t, t.TempDir())
	for i := range 12 {
		s.create(fmt.Sprintf("user-%02d", i))
	}
	page := newUsersTab(visitor, t, s)
	if _, err := chromedp.Call(page.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	page.open("/users/", "#results")
	if got := ask[string](page, `[...document.querySelectorAll(".scripted")].filter(e => e.checkVisibility()).map(e => e.id).join(" ")`); got != "" {
		t.Errorf("without scripts the page shows %s, which does nothing", got)
	}
	page.click("#page-next")
	page.lists("user-01", "user-00")
	page.click("#sort-username")
	page.sees("#results", "user-00")
	page.do(chromedp.SendKeys(chromedp.CSS("#search"), "user-1"))
	page.click("#filters .unscripted")
	page.lists("user-10", "user-11")
	page.sees("#results", "Active")

	page.open("/api/users/", "#panel-form")
	page.do(chromedp.SendKeys(chromedp.CSS("#field-username"), "by-form"), chromedp.SendKeys(chromedp.CSS("#field-email"), "by-form@example.com"))
	page.click(`#panel-form [data-method="POST"]`)
	page.answered(http.StatusCreated)
	page.clean()
}

// checkSwagger sends a request from Swagger UI after the users page has set its cookie.
func checkSwagger(visitor context.Context, t *testing.T) {
	t.Helper()
	s := startServer(t, t.TempDir())
	s.create("ada")
	page := newUsersTab(visitor, t, s)
	page.users("")
	page.open("/swagger/", ".opblock-post")
	page.click(".opblock-post .opblock-summary-control")
	page.click(".opblock-post .try-out__btn")
	page.click(".opblock-post .execute")
	page.sees(".opblock-post .live-responses-table tbody .response-col_status", "201")
	page.clean()
}

// checkFigures sees the figures of the welcome page change, and the server go.
func checkFigures(visitor context.Context, t *testing.T) {
	t.Helper()
	s := startServer(t, t.TempDir())
	page := newUsersTab(visitor, t, s)
	page.open("/", "#figures")
	page.sees("#figures", "No new users in the last 30 days.")
	s.create("ada")
	const look = `document.dispatchEvent(new Event("visibilitychange")) && `
	page.until(look + `[...document.querySelectorAll("#figures dd")].map(d => d.textContent).join() === "1,1,1"`)
	page.until(`document.querySelectorAll("#figures .chart-day").length === 30 && document.querySelectorAll("#figures .chart-empty").length === 29`)
	s.stop()
	page.until(look + `document.getElementById("state-text").textContent === "The server does not answer"`)
	page.cleanBut("ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET", "status of 503")
}

// checkReadOnly offers nothing to somebody who may not see the users.
func checkReadOnly(visitor context.Context, t *testing.T) {
	t.Helper()
	page := newUsersTab(visitor, t, startServer(t, t.TempDir(), "API_PERMISSION=IsAuthenticated"))
	page.open("/users/", "main h1")
	page.sees("main h1", "Access denied")
	page.open("/", "main h1")
	if got := ask[bool](page, `document.getElementById("figures") !== null`); got {
		t.Error("the welcome page shows figures to somebody who may not see users")
	}
	page.cleanBut("status of 403")
}
