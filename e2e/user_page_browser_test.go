package e2e_test

import "testing"

// userPages are the pages of one user and of the trash.
var userPages = []shownPage{
	{"user-details", "/admin/users/tuser/7/change/?_changelist_filters=q%3Duser", ".record-tabs", ""},
	{"user-timeline", "/admin/users/tuser/7/change/?tab=timeline&_changelist_filters=q%3Duser", ".timeline", ""},
	{"user-mail", "/admin/users/tuser/7/change/?tab=mail", ".panel-table", ""},
	{"user-related", "/admin/users/tuser/7/change/?tab=related", ".empty", ""},
	{"user-compose", "/admin/users/tuser/7/mail/", ".record-form", ""},
	{"trash", "/admin/users/trash/", ".admin-table", ""},
	{"trash-none", "/admin/users/trash/?q=none", ".empty", ""},
	{"trash-user", "/admin/users/trash/9/change/", ".record-form", ""},
	{"trash-restore", "/admin/users/trash/9/restore/", ".record-form", ""},
	{"trash-empty", "/admin/users/trash/empty/", ".record-form", ""},
}

// checkUserPage changes a user, mails it, follows its timeline, deletes it, and undoes
// that.
func checkUserPage(t *testing.T, a *adminSite) {
	t.Helper()
	b := a.logIn(t, "/admin/users/tuser/?q=user", ".admin-table")
	b.open("/admin/users/tuser/7/change/", ".record-form")
	b.enter("#id_phone", "+44 20 7946 0000")
	b.click("[name=_continue]")
	b.sees(".alert", "was changed successfully")
	b.click(`form[action^="../deactivate/"] button`)
	b.sees(".alert", "The user was deactivated.")
	b.sees(".headline", "Inactive")
	b.click(`form[action^="../activate/"] button`)
	b.sees(".headline", "Active")

	b.open("/admin/users/tuser/7/mail/", ".record-form")
	b.enter("#id_subject", "Maintenance tonight")
	b.enter("#id_message", "We are back at noon.")
	b.click(".record-foot .button-primary")
	b.sees(".alert", "The mail was queued")
	b.click(`.tab-links a[href*="tab=timeline"]`)
	b.sees(".timeline", "root changed the phone from “+49 7” to “+44 20 7946 0000”")
	b.sees(".timeline", "root deactivated this user")
	b.sees(".timeline", "The mail “Maintenance tonight”")

	for _, id := range []string{"9", "8"} {
		b.open("/admin/users/tuser/"+id+"/delete/", ".record-form")
		b.sees(".record-part", "moved to the trash")
		b.click(".button-danger-solid")
		b.sees(".alert-good", "was deleted successfully")
	}
	b.shoot("admin-user-deleted")
	b.click(".undo .button")
	b.sees(".alert-good", "1 user was restored.")
	lookAt(t, b, userPages)
	b.open("/admin/users/trash/9/restore/", ".record-form")
	b.enter("#id_username", "another_name")
	b.click(".record-foot .button-primary")
	b.sees("h1", "another_name")
	b.sees(".alert-good", "The user was restored.")
	b.clean()
}
