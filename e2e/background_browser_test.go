package e2e_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const (
	tasksPath     = "/admin/tasks/task/"
	schedulesPath = "/admin/django_celery_beat/periodictask/"
)

// runTask starts a task by the form, and waits for its page.
func (b *tab) runTask(kind, arguments string) {
	b.t.Helper()
	b.open(tasksPath+"add/?"+url.Values{"kind": {kind}, "arguments": {arguments}}.Encode(), ".record-form")
	b.click("[name=_save]")
	b.sees(".alert-good", "was started successfully")
}

// checkBackgroundPages looks at every page about background work.
func checkBackgroundPages(t *testing.T, a *adminSite) {
	t.Helper()
	b := a.logIn(t, tasksPath+"add/?kind=noop", ".record-form")
	b.shoot("background-run-noop")
	b.runTask("generate_daily_report", `{"recipients": []}`)
	b.sees(".record-form", "done")
	b.runTask("noop", `{"milliseconds": 600000}`)
	b.runTask("cleanup_inactive_users", `{"dry_run": false, "days": 1, "max_share": 0}`)
	b.sees(".record-form", "dead")
	b.runTask("send_bulk_notification", `{"subject": "Maintenance", "message": "We are back at noon.", "user_filter": {"is_active": true}, "per_minute": 1}`)
	b.addSchedule("Cleanup every night", "cleanup_inactive_users", map[string]string{"on.time": "03:00", "crontab.timezone": "Europe/Berlin", "kwargs": `{"days": 365}`})
	b.open("/admin/tasks/report/", ".admin-table")
	report := ask[string](b, `new URL(document.querySelector(".admin-table tbody a").href).pathname`)
	lookAt(t, b, []shownPage{
		{"background", "/admin/tasks/overview/", ".panels", `document.querySelectorAll(".panel").length === 6`},
		{"tasks-app", "/admin/tasks/", ".apps", ""},
		{"tasks", tasksPath, ".admin-table", ""},
		{"tasks-narrowed", tasksPath + "?state__exact=done&kind__exact=generate_daily_report&q=recipients", ".admin-table", ""},
		{"task-add", tasksPath + "add/?kind=noop", ".presets", ""},
		{"task-add-faults", tasksPath + "add/?kind=noop&arguments=%7B%22seconds%22%3A1%7D", ".record-form", pressed("[name=_save]", ".field-faults")},
		{"task-done", tasksPath + "1/change/", ".record-form", ""},
		{"task-running", tasksPath + "2/change/", ".record-form", ""},
		{"task-progress", tasksPath + "4/change/", "progress", ""},
		{"task-history", tasksPath + "1/history/", ".history", ""},
		{"reports", "/admin/tasks/report/", ".admin-table", ""},
		{"report", report, ".chart", ""},
		{"schedules", schedulesPath, ".admin-table", ""},
		{"schedule", schedulesPath + "1/change/", ".preview-items", ""},
		{"schedule-faults", schedulesPath + "add/", ".record-form", pressed("[name=_save]", ".field-faults")},
		{"schedule-delete", schedulesPath + "1/delete/", ".record-form", ""},
	})
	b.cleanBut("status of 422")
}

// pressed is a step that presses a button once, and waits for what comes of it.
func pressed(button, shown string) string {
	return `!!document.querySelector("` + shown + `") || (window.sent ||= (document.querySelector("` + button + `").click(), true)) && false`
}

// addSchedule adds a schedule by the form.
func (b *tab) addSchedule(name, task string, values map[string]string) {
	b.t.Helper()
	query := url.Values{"name": {name}, "task": {task}}
	for field, value := range values {
		query.Set(field, value)
	}
	b.open(schedulesPath+"add/?"+query.Encode(), ".record-form")
	b.click("[name=_continue]")
	b.sees(".alert-good", "was added successfully")
}

// checkTaskLife follows a task that takes a while, cancels it, and runs it again.
func checkTaskLife(t *testing.T, a *adminSite) {
	t.Helper()
	b := a.logIn(t, "/admin/", ".apps")
	b.click(`.models a[href="/admin/tasks/task/add/"]`)
	b.until(`!!document.querySelector(".presets")`)
	b.click(`.presets a[href*="kind=noop"]`)
	b.until(`document.getElementById("id_kind")?.value === "noop" && document.getElementById("id_arguments").value.includes("milliseconds")`)
	b.runTask("noop", `{"milliseconds": 1}`)
	b.sees(".record-form", "done")
	b.runTask("send_bulk_notification", `{"subject": "S", "message": "M", "per_minute": 600}`)
	b.until(`document.querySelector("progress")?.value > 0 && document.querySelector("progress").value < 100`)
	b.until(`window.bar = document.querySelector("progress")`)
	seen := ask[float64](b, `document.querySelector("progress").value`)
	b.shoot("task-moving")
	b.until(`document.querySelector("progress").value > ` + ask[string](b, `String(document.querySelector("progress").value)`))
	if moved := ask[bool](b, `window.bar === document.querySelector("progress")`); !moved {
		t.Errorf("the bar was replaced after %v %%, instead of moving", seen)
	}
	b.click(`form[action*="/cancel/"] button`)
	b.sees(".alert", "Cancellation was requested.")
	b.sees(".alert", "It is now canceled")
	b.sees(".record-form", "canceled")
	b.until(`document.documentElement.dataset.settled === "true" || !document.querySelector('script[src*="live"]')`)
	b.click(`form[action*="/retry/"] button`)
	b.sees(".alert", "queued again")
	b.sees(".alert", "It is now done")
	b.sees(".record-form", "done")
	b.click(`a[href*="/history/"]`)
	b.sees(".history", "canceled")
	b.open(tasksPath+"?kind__exact=send_bulk_notification&state__exact=done", ".admin-table")
	b.sees("main [role=status]", "1 task")
	b.open("/admin/tasks/overview/", ".panels")
	b.sees(".panels", "s ago")
	b.checkScriptlessProgress()
	b.clean()
}

// checkScriptlessProgress shows how far a task is without JavaScript, and cancels
// all tasks that match there.
func (b *tab) checkScriptlessProgress() {
	b.t.Helper()
	b.runTask("send_bulk_notification", `{"subject": "S", "message": "M", "per_minute": 60}`)
	b.until(`document.querySelector("progress")?.value > 0`)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.t.Fatal(err)
	}
	path := ask[string](b, "location.pathname")
	b.do(chromedp.Navigate(b.server.url+path), chromedp.WaitVisible(chromedp.CSS("progress")),
		chromedp.Navigate(b.server.url+tasksPath+"?state__exact=running"), chromedp.WaitVisible(chromedp.CSS(".admin-table")),
		chromedp.Click(chromedp.CSS("[name=_selected_action]")), chromedp.SetValue(chromedp.CSS("#action"), "cancel_selected"),
		chromedp.Click(chromedp.CSS(".action-bar .button")), chromedp.WaitVisible(chromedp.CSS(".button-danger-solid")),
		chromedp.Click(chromedp.CSS(".button-danger-solid")), chromedp.WaitVisible(chromedp.CSS(".alert-good")))
}

// typedBeforeTheScript changes a field without an event, as for a script that is
// not loaded yet, and then loads the form's script.
const typedBeforeTheScript = `{
	document.querySelector('[name="type"]').value = "hourly";
	document.querySelector('[name="on.minute"]').value = "7";
	const late = document.createElement("script");
	late.type = "module";
	late.src = document.querySelector('script[src*="js/admin/form"]').src + "?late";
	document.head.append(late);
}`

// choose sets a select as a person does.
func (b *tab) choose(id, value string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{
		const select = document.getElementById(%q);
		select.value = %q;
		select.dispatchEvent(new Event("input", { bubbles: true }));
		select.dispatchEvent(new Event("change", { bubbles: true }));
	}`, id, value)))
}

// checkScheduleLife adds a schedule, watches its next runs while it is edited,
// runs it, and deletes it.
func checkScheduleLife(t *testing.T, a *adminSite) {
	t.Helper()
	b := a.logIn(t, schedulesPath+"add/", ".preview-items")
	// The script of the page must not answer after the one that the test loads.
	b.until(`performance.getEntriesByType("resource").some(e => e.initiatorType === "fetch")`)
	b.do(chromedp.Evaluate[chromedp.Void](typedBeforeTheScript))
	b.sees("#preview", "minute 7 of every hour")
	b.enter("#id_name", "Every night")
	b.enter(`[name="on.minute"]`, "99")
	b.sees("#preview", "from 0 to 59")
	b.click("[name=_save]")
	b.sees(".field-faults", "from 0 to 59")
	b.choose("id_type", "nth")
	b.until(`document.getElementById("id_on.week").checkVisibility() && !document.getElementById("id_on.minute").checkVisibility()`)
	b.sees("#preview", "Monday, days 1 to 7 of the month at 03:00 (UTC).")
	b.choose("id_type", "daily")
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("id_on.time").value = "03:30"`))
	b.choose("id_type", "daily") // an event that the script hears
	b.sees("#preview", "Every day at 03:30 (UTC).")
	b.until(`document.querySelectorAll(".preview-items li").length === 5`)
	b.do(chromedp.SetValue(chromedp.CSS("#id_task"), "noop"))
	b.enter("#id_kwargs", `{"seconds": 1}`)
	b.click("[name=_save]")
	b.sees(".field-faults", "seconds")
	b.enter("#id_kwargs", `{"milliseconds": 1}`)
	b.click("[name=_continue]")
	b.sees(".alert-good", "“Every night” was added successfully")
	b.click(`form[action*="/run/"] button`)
	b.sees(".alert-good", "The schedule was started as")
	b.click(".alert-good a")
	b.sees(".record-form", "done")
	b.open(schedulesPath, ".admin-table")
	b.sees(".admin-table", "every day at 03:30 (UTC)")
	b.click("[name=_selected_action]")
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("action").value = "disable_tasks"`))
	b.click(".action-bar .button")
	b.until(`document.querySelector(".record-form .button-primary")`)
	b.click(".record-form .button-primary")
	b.sees(".alert-good", "1 schedule was disabled.")
	b.open(schedulesPath+"1/change/", ".record-form")
	b.sees("#preview", "It is disabled")
	b.click(`a[href*="/history/"]`)
	b.sees(".history", "by root")
	b.open(schedulesPath+"1/delete/", ".record-form")
	b.click(".button-danger-solid")
	b.sees(".alert-good", "was deleted successfully")
	b.cleanBut("status of 422")
}
