package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// checkAdminStaff follows a group and an account from the forms that add them
// to the pages that say why it may do what it may, and lets two people change
// the group at once.
func checkAdminStaff(t *testing.T, a *adminSite) {
	t.Helper()
	page := staffTab{a.logIn(t, "/admin/auth/group/", ".empty"), readAxe(t)}
	page.open("/admin/auth/group/add/", "#id_name")
	page.enter("#id_name", "Clerks")
	page.click(`input[value="users.view_tuser"]`)
	page.enter("#id_reason", "The new desk")
	page.click("[name=_save]")
	page.sees(".alert-good", "was added successfully")
	page.open("/admin/auth/user/add/", "#id_password")
	page.enter("#id_username", "ann")
	page.enter("#id_password", "short")
	page.enter("#id_password_again", "other")
	page.click("[name=_save]")
	page.sees(".field-faults", "didn’t match")
	page.look("admin-account-faults")
	page.enter("#id_password", staffPassword)
	page.enter("#id_password_again", staffPassword)
	page.click(`input[name=groups]`)
	page.click(`input[value="users.add_tuser"]`)
	page.click("[name=_save]")
	page.sees(".alert-good", "was added successfully")
	page.do(chromedp.Click(chromedp.CSS(".admin-table tbody a")), chromedp.WaitVisible(chromedp.CSS(".record-form")))
	page.look("admin-account-form")
	page.open("/admin/auth/user/2/permissions/", ".sheet")
	page.sees("main", "Group Clerks")
	page.sees("main", "Granted to the account")
	page.look("admin-reasons")
	page.open("/admin/auth/user/1/permissions/", ".sheet")
	page.sees("main", "Superuser")
	page.open("/admin/auth/user/holders/", ".sheet")
	page.look("admin-permissions")
	page.open("/admin/auth/user/holders/?permission=users.view_tuser", ".sheet")
	page.sees("main", "Accounts found: 2.")
	page.look("admin-holders")
	page.open("/admin/auth/group/1/permissions/", ".sheet")
	page.sees("main", "ann")
	page.look("admin-group-reasons")
	page.checkPassword()
	page.checkTwoPeople(t, a)
	page.choosePermissions()
	page.cleanBut("status of 4")
}

// choosePermissions filters the long list of permissions, and takes all of a model.
func (p staffTab) choosePermissions() {
	p.t.Helper()
	const ticked = `[...document.querySelectorAll("input[name=permissions]:checked")].map((box) => box.value).sort().join(" ")`
	p.open("/admin/auth/group/add/", "#id_name")
	p.look("admin-group-add")
	p.enter("[data-filter]", "USERS tuser")
	p.until(`document.querySelectorAll("[data-set]:not([hidden])").length === 1`)
	p.click(`[data-set="Users"] [data-all]`)
	p.sees("[data-sum]", "5 of ")
	p.sees(`[data-set="Users"] .count`, "5 of 5")
	p.click(`input[value="users.delete_tuser"]`)
	if got, want := ask[string](p.tab, ticked), "users.add_tuser users.change_tuser users.mail_tuser users.view_tuser"; got != want {
		p.t.Errorf("all but one: got %q, want %q", got, want)
	}
	p.until(`document.querySelector("[data-set='Users'] [data-all]").indeterminate`)
	p.look("admin-group-filter")
	p.enter("[data-filter]", "view_")
	p.until(`document.querySelectorAll("[data-set]:not([hidden])").length > 4`)
	p.click(`[data-set="Groups"] [data-all]`) // of what is shown
	p.sees(`[data-set="Groups"] .count`, "1 of 4")
	p.enter("[data-filter]", "no such thing")
	p.sees("[data-none]", "Nothing matches")
	p.look("admin-group-none")
	p.enter("[data-filter]", "view_")
	p.enter("#id_name", "Viewers")
	p.click("[name=_continue]")
	p.sees(".alert-good", "was added successfully")
	if got, want := ask[string](p.tab, ticked), "auth.view_group users.add_tuser users.change_tuser users.mail_tuser users.view_tuser"; got != want {
		p.t.Errorf("stored: got %q, want %q", got, want)
	}
	p.look("admin-group-form")
}

// checkPassword gives the account another password.
func (p staffTab) checkPassword() {
	p.t.Helper()
	p.open("/admin/auth/user/2/password/", "#id_password")
	p.enter("#id_password", "password")
	p.enter("#id_password_again", "password")
	p.click(".record-form .button-primary")
	p.sees(".field-faults", "too common")
	p.look("admin-set-password")
	p.enter("#id_password", "another-Horse-77")
	p.enter("#id_password_again", "another-Horse-77")
	p.click(".record-form .button-primary")
	p.sees(".alert-good", "was changed successfully")
	p.open("/admin/auth/user/2/history/", ".history")
	p.sees(".history", "[secret]")
}

// checkTwoPeople lets another person change the group while its form is open.
func (p staffTab) checkTwoPeople(t *testing.T, a *adminSite) {
	t.Helper()
	const path = "/admin/auth/group/1/change/"
	p.open(path, ".record-form")
	other := a.logIn(t, path, ".record-form")
	other.click(`input[value="users.delete_tuser"]`)
	other.click("[name=_save]")
	other.sees(".alert-good", "was changed successfully")
	p.enter("#id_name", "Desk")
	p.click("[name=_save]")
	p.sees("#conflict", "Another person changed this group")
	p.sees("#conflict", "users.delete_tuser")
	p.look("admin-group-conflict")
	p.click("[name=_save]")
	p.sees(".alert-good", "was changed successfully")
	p.open(path, ".record-form")
	p.until(`document.getElementById("id_name").value === "Desk" && document.querySelector('input[value="users.delete_tuser"]').checked`)
	other.clean()
}
