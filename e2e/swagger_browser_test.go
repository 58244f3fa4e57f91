package e2e_test

import (
	"fmt"
	"path/filepath"
	"testing"
)

// listUsers is the part of Swagger UI that lists users.
const listUsers = `.opblock-get:has([data-path="/api/users/"])`

// TestBrowser_Authorize: on a protected server, the button Authorize of Swagger UI
// takes an API token, with which its requests succeed.
func TestBrowser_Authorize(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	settings := []string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3"), signing}
	s := startServer(t, dir, append(settings, "API_PERMISSION=DjangoModelPermissions")...)
	addSuperuser(t, settings, "boss")
	token := apiToken.FindString(commanded(t, settings, "token", "create", "boss", "--name", "Swagger UI"))
	page := newUsersTab(newVisitor(startBrowser(t), t), t, s)
	page.open("/swagger/", listUsers)
	page.click(listUsers + " .opblock-summary-control")
	page.click(listUsers + " .try-out__btn")
	page.executes("401", "403")
	page.authorize("api_token", "rst_wrong")
	page.executes("401")
	page.authorize("api_token", token)
	page.executes("200")
	page.shoot("swagger-authorized")
	page.cleanBut("status of 401", "status of 403")
}

// authorize enters a credential of that scheme, in place of an earlier one.
func (b *tab) authorize(scheme, credential string) {
	b.t.Helper()
	const form = `[...document.querySelectorAll(".modal-ux .auth-container")].find(c => c.querySelector("h4").innerText.includes(%q))`
	part := fmt.Sprintf(form, scheme)
	b.click(".auth-wrapper .authorize")
	b.until("!!" + part)
	if ask[bool](b, part+`.querySelector("input") === null`) { // an earlier one is entered
		ask[bool](b, part+`.querySelector(".auth-btn-wrapper .btn").click() ?? true`)
	}
	b.until(part + `?.querySelector("input")?.focus() ?? document.activeElement.matches(".auth-container input")`)
	b.keys(credential)
	ask[bool](b, part+`.querySelector(".auth-btn-wrapper .authorize").click() ?? true`)
	b.until(part + `?.querySelector("input") === null`)
	b.click(".modal-ux .btn-done")
}

// executes sends the request, and wants one of the statuses.
func (b *tab) executes(statuses ...string) {
	b.t.Helper()
	if ask[bool](b, fmt.Sprintf(`document.querySelector(%q) !== null`, listUsers+" .btn-clear")) {
		b.click(listUsers + " .btn-clear")
	}
	b.click(listUsers + " .execute")
	status := fmt.Sprintf(`document.querySelector(%q)?.innerText`, listUsers+" .live-responses-table tbody .response-col_status")
	b.until(status + ` !== undefined`)
	got := ask[string](b, status+`.slice(0, 3)`)
	for _, want := range statuses {
		if got == want {
			return
		}
	}
	b.t.Errorf("got %s, want one of %v", got, statuses)
}
