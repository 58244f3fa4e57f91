package site_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/job"
	"roster/internal/task"
)

const (
	tasksPath     = "/admin/tasks/task/"
	schedulesPath = "/admin/django_celery_beat/periodictask/"
)

// wantAll checks that a page has texts.
func wantAll(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("%q is missing in\n%s", text, page)
		}
	}
}

// wantNone checks that a page does not have texts.
func wantNone(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(page, text) {
			t.Errorf("%q is in\n%s", text, page)
		}
	}
}

// start stores a task.
func (f *fixture) start(kind, args string) {
	f.t.Helper()
	if _, err := f.tasks.Start(f.t.Context(), root, kind, json.RawMessage(args), ""); err != nil {
		f.t.Fatal(err)
	}
}

// fail runs the only pending task, which fails for good.
func (f *fixture) fail(t *testing.T) {
	t.Helper()
	f.finish(t, task.Dead, "failed")
}

// finish runs the task noop that is due, and ends the run with that state and error.
func (f *fixture) finish(t *testing.T, state task.State, reason string) {
	t.Helper()
	now, err := f.store.Clock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	claimed, err := f.store.ClaimTasks(t.Context(), task.Claim{
		Lease: "lease", Worker: "worker", Now: now.Add(time.Minute), Until: now.Add(time.Hour), Limit: 1, Room: map[string]int{"noop": 1},
	})
	if err != nil || len(claimed) != 1 {
		t.Fatalf("got %v, %v, want one task", claimed, err)
	}
	run := task.Run{ID: claimed[0].ID, Number: claimed[0].Runs}
	if kept, err := f.store.FinishTask(t.Context(), "lease", run, task.Outcome{State: state, Error: reason, At: now, RunAt: now.Add(time.Hour)}); !kept || err != nil {
		t.Fatalf("got %v, %v", kept, err)
	}
}

func TestTask_Life(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		page := f.page(tasksPath + "add/?kind=noop&arguments=%7B%22seconds%22%3A+1%7D")
		wantAll(t, page, `href="?arguments=`, "Does nothing for a given time.", `<option value="noop" selected>`)
		form := formOf(t, page)
		for arguments, fault := range map[string]string{
			`{"seconds": 1}`: "unknown field", `{"milliseconds": -1}`: "must not be negative", `[1]`: "not a JSON object", "{\n]": "line 2",
		} {
			w := f.post(tasksPath+"add/", with(form, "arguments", arguments))
			if w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s: got %d", arguments, w.Code)
			}
			wantAll(t, w.Body.String(), "field-faults", fault)
		}
		if w := f.post(tasksPath+"add/", with(form, "kind", "nothing", "arguments", "{}")); !strings.Contains(w.Body.String(), `id="about_kind"`) {
			t.Errorf("a kind that there is not: got %d", w.Code)
		}
		wantSent(t, f.post(tasksPath+"add/", with(form, "arguments", `{"milliseconds": 5}`, "queue", "slow")), tasksPath+"1/change/")
		page = f.page(tasksPath + "1/change/")
		wantAll(t, page, "was started successfully", "pending", "milliseconds", "slow", "js/admin/live", `action="../cancel/"`, `data-live="state"`)
		wantNone(t, page, `action="../retry/"`, "but not change it")
		wantSent(t, f.post(tasksPath+"1/retry/", nil), tasksPath+"1/change/")
		wantAll(t, f.page(tasksPath+"1/change/"), "alert-warn", "The task is pending.")
		wantSent(t, f.post(tasksPath+"1/cancel/", nil), tasksPath+"1/change/")
		page = f.page(tasksPath + "1/change/")
		wantAll(t, page, "Cancellation was requested.", "canceled", `action="../retry/"`, `data-live="state"`)
		wantNone(t, page, "js/admin/live", `action="../cancel/"`)
		wantSent(t, f.post(tasksPath+"1/retry/", nil), tasksPath+"1/change/")
		wantAll(t, f.page(tasksPath+"1/history/"), "Created", "canceled", "pending")
		if got := f.post(tasksPath+"99/cancel/", nil).Code; got != http.StatusNotFound {
			t.Errorf("a task that there is not: got %d", got)
		}
	})
}

func TestTask_Permissions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.start("noop", "{}")
	f.handler = f.handlerFor(staff(access.Schedules.View()))
	wantNone(t, f.page(tasksPath+"1/change/"), `action="../cancel/"`)
	wantNone(t, f.page(tasksPath), "Run task", "cancel_selected")
	for _, path := range []string{tasksPath + "1/cancel/", tasksPath + "add/", schedulesPath + "add/"} {
		if got := f.post(path, nil).Code; got != http.StatusForbidden {
			t.Errorf("%s: got %d", path, got)
		}
	}
	wantAll(t, f.page("/admin/"), "Overview of background work", tasksPath)
	f.handler = f.handlerFor(staff(access.ViewUser))
	wantNone(t, f.page("/admin/"), "background work", tasksPath)
	if got := f.get("/admin/tasks/overview/").Code; got != http.StatusForbidden {
		t.Errorf("the overview: got %d", got)
	}
}

func TestTasks_List(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		f.start("noop", `{"milliseconds": 111}`)
		f.start("noop", `{"milliseconds": 222}`)
		f.start("cleanup_inactive_users", `{"days": 30}`)
		if err := f.tasks.Cancel(t.Context(), root, 1); err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]string{
			"":                       "3 tasks",
			"state__exact=pending":   "2 tasks",
			"state__exact=canceled":  "1 task",
			"kind__exact=noop":       "2 tasks",
			"queue__exact=default":   "3 tasks",
			"queue__exact=other":     "0 tasks",
			"q=DAYS":                 "1 task",
			"q=milliseconds+222":     "1 task",
			"q=100%25":               "0 tasks",
			"at__year=2026":          "3 tasks",
			"at__year=2025":          "0 tasks",
			"kind__exact=noop&q=222": "1 task",
		} {
			wantAll(t, f.page(tasksPath+"?"+query), `<p role="status">`+want+"</p>")
		}
		wantAll(t, f.page(tasksPath+"?kind__exact=noop"),
			`<span>canceled</span><span class="count">1</span>`, `<span>dead</span><span class="count">0</span>`, `<span>cleanup_inactive_users</span><span class="count">1</span>`)
		if got := f.get(tasksPath + "?state__exact=asleep").Header().Get("Location"); got != tasksPath+"?e=1" {
			t.Errorf("a state that there is not: sent to %q", got)
		}
		w := f.get(tasksPath + "export/csv/?kind__exact=noop")
		wantAll(t, w.Body.String(), "name,state,queue,progress", "noop 2,pending,default", "noop 1,canceled,default")
		wantAll(t, f.get(tasksPath+"export/json/").Body.String(), `"state":"canceled"`)
	})
}

// TestTasks_Across cancels all tasks that match, beyond the page and a step.
// The queue that roster task run makes for its one task is no choice, and can
// be looked into where a link leads to it.
func TestTasks_QueuesOfOneRun(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.start("noop", "{}")
	for _, queue := range []string{"cli:host:1", "cli:host:2"} {
		if _, err := f.tasks.Start(t.Context(), root, "noop", json.RawMessage("{}"), queue); err != nil {
			t.Fatal(err)
		}
	}
	page := f.page(tasksPath)
	wantAll(t, page, "queue__exact=default", `data-label="Queue">cli:host:1</td>`)
	wantNone(t, page, "queue__exact=cli")
	if got := rowNames(f.page(tasksPath + "?queue__exact=cli%3Ahost%3A2")); len(got) != 1 || got[0] != "noop 3" {
		t.Errorf("a queue of one run: got %v, want noop 3", got)
	}
}

// A message about a task is followed by the state that the task has now, which the
// page keeps up to date.
func TestTask_StateAfterRetry(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		f.start("noop", "{}")
		w := f.post(tasksPath+"1/cancel/", nil)
		wantAll(t, f.page(w.Header().Get("Location")), `Cancellation was requested. It is now <span data-live="state"><span class="badge badge-warn">canceled</span></span>`)
		w = f.post(tasksPath+"1/retry/", nil)
		f.fail(t)
		page := f.page(w.Header().Get("Location"))
		wantAll(t, page, `<div class="alert alert-warn" role="status">The task was queued again. It is now <span data-live="state"><span class="badge badge-bad">dead</span></span></div>`)
		wantNone(t, f.page(tasksPath+"1/change/"), "queued again")
	})
}

// What a button does is done by POST; a login in between leads back with GET.
func TestTask_ButtonByGet(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.start("noop", "{}")
	for _, button := range []string{"cancel/", "retry/"} {
		w := f.get(tasksPath + "1/" + button)
		if got := w.Header().Get("Location"); w.Code != http.StatusFound || got != tasksPath+"1/change/" {
			t.Errorf("%s: got %d to %q, want the task", button, w.Code, got)
		}
	}
	wantAll(t, f.page(tasksPath+"1/change/"), "pending")
}

// Lists without records say how some come to be, and lead there those who may go.
func TestLists_Origin(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const run, schedule = `href="/admin/tasks/task/add/?arguments=`, `href="/admin/django_celery_beat/periodictask/add/?name=Daily&#43;report&amp;on.time=23%3A55`
	wantAll(t, f.page("/admin/tasks/report/"), "The task generate_daily_report counts the users", run, schedule)
	for path, text := range map[string]string{
		tasksPath: "Schedules and some changes", schedulesPath: "A schedule starts a task", "/admin/users/tuser/": "Users are added here",
		"/admin/auth/user/": "createsuperuser", "/admin/auth/group/": "A group grants its permissions", "/admin/admin/logentry/": "is recorded here",
	} {
		wantAll(t, f.page(path), text)
		wantNone(t, f.page(path+"?e=1&q=nothing"), text)
	}
	f.handler = f.handlerFor(staff(access.ViewUser))
	page := f.page("/admin/tasks/report/")
	wantAll(t, page, "The task generate_daily_report counts the users")
	wantNone(t, page, run, schedule)
}

func TestTasks_Across(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for range 55 {
		f.start("noop", "{}")
	}
	if err := f.tasks.Cancel(t.Context(), root, 7); err != nil {
		t.Fatal(err)
	}
	list := tasksPath + "?kind__exact=noop"
	page := f.page(list)
	wantAll(t, page, "All 55 tasks, not only this page")
	w := f.post(list, with(formOf(t, page), "action", "cancel_selected", "select_across", "1"))
	for range 2 {
		question := f.page(w.Header().Get("Location"))
		w = f.post(tasksPath+"actions/cancel_selected/", formOf(t, question))
	}
	wantAll(t, f.page(w.Header().Get("Location")), "54 tasks were canceled, 1 not changed.")
	wantAll(t, f.page(tasksPath+"?state__exact=canceled"), "55 tasks")
	w = f.post(tasksPath, url.Values{"action": {"retry_selected"}, "_selected_action": {"7", "8"}})
	w = f.post(tasksPath+"actions/retry_selected/", formOf(t, f.page(w.Header().Get("Location"))))
	wantAll(t, f.page(w.Header().Get("Location")), "2 tasks were queued again.")
}

func TestSchedule_Life(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		form := formOf(t, f.page(schedulesPath+"add/"))
		form = with(form, "name", "Nightly", "task", "noop", "on.time", "03:30", "kwargs", `{"milliseconds": 1}`)
		w := f.post(schedulesPath+"add/", with(form, "_preview", "1"))
		wantAll(t, w.Body.String(), "Every day at 03:30 (UTC).", "24 Nov 2026, 03:30", "28 Nov 2026, 03:30")
		wantNone(t, w.Body.String(), "field-faults", "29 Nov 2026")
		wantFaults(t, f, schedulesPath+"add/", form)
		wantSent(t, f.post(schedulesPath+"add/", form), schedulesPath)
		if w := f.post(schedulesPath+"add/", form); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("the same name again: got %d", w.Code)
		}
		wantAll(t, f.page(schedulesPath+"?q=night&enabled__exact=1&type__exact=crontab"), "1 schedule", "every day at 03:30 (UTC)", `title="2026-11-24 03:30:00 UTC">in 15 hours</time>`)
		wantAll(t, f.page(schedulesPath+"?type__exact=solar"), "0 schedules")

		record := schedulesPath + "1/change/"
		first, second := formOf(t, f.page(record)), formOf(t, f.page(record))
		wantSent(t, f.post(record, with(first, "type", "interval", "interval.every", "10", "interval.period", "minutes")), schedulesPath)
		conflict := f.post(record, with(second, "description", "Mine"))
		if conflict.Code != http.StatusConflict {
			t.Errorf("a form that is outdated: got %d", conflict.Code)
		}
		wantAll(t, conflict.Body.String(), "Changed meanwhile", "interval")
		wantAll(t, f.page(record), "Every 10 minutes.", "23 Nov 2026, 12:10", "23 Nov 2026, 12:50")

		wantSent(t, f.post(schedulesPath+"1/run/", nil), record)
		wantAll(t, f.page(record), "The schedule was started as", tasksPath+"1/change/")
		for action, said := range map[string]string{"disable_tasks": "1 schedule was disabled.", "run_tasks": "1 schedule was started."} {
			w := f.post(schedulesPath, url.Values{"action": {action}, "_selected_action": {"1"}})
			w = f.post(schedulesPath+"actions/"+action+"/", formOf(t, f.page(w.Header().Get("Location"))))
			wantAll(t, f.page(w.Header().Get("Location")), said)
		}
		wantAll(t, f.page(record), "It is disabled")
		question := f.page(schedulesPath + "1/delete/")
		wantAll(t, question, "interval", "minutes")
		wantNone(t, question, "Latitude", "Day of week")
		everything := f.handler
		f.handler = f.handlerFor(staff(access.Schedules.View()))
		readOnly := f.page(record)
		wantAll(t, readOnly, "not change it", "preview-items")
		wantNone(t, readOnly, "Latitude", "_preview", "_save", "js/admin/form")
		f.handler = everything
		wantAll(t, f.page(schedulesPath+"1/history/"), "Created", "Changed", "every 10 minutes")
		wantSent(t, f.post(schedulesPath+"1/delete/", formOf(t, f.page(schedulesPath+"1/delete/"))), schedulesPath)
		wantAll(t, f.page(schedulesPath+"1/history/"), "Deleted", "This schedule was deleted.")
	})
}

// wantFaults checks that what is wrong is said beside the fields.
func wantFaults(t *testing.T, f *fixture, path string, form url.Values) {
	t.Helper()
	for name, c := range map[string]struct {
		pairs []string
		id    string // of the field's faults
		text  string
	}{
		"minute":   {[]string{"type", "crontab", "crontab.minute", "61"}, "about_crontab.minute", "61"},
		"time":     {[]string{"type", "weekly", "on.time", "25:00"}, "about_on.time", "time of day"},
		"date":     {[]string{"type", "monthly", "on.day", "32"}, "about_on.day", "from 1 to 31"},
		"weekday":  {[]string{"type", "nth", "on.weekday", "1-5"}, "about_on.weekday", "single"},
		"week":     {[]string{"type", "nth", "on.week", "29-31"}, "about_on.week", "single"},
		"hourly":   {[]string{"type", "hourly", "on.minute", "-1"}, "about_on.minute", "from 0 to 59"},
		"zone":     {[]string{"crontab.timezone", "Mars/Olympus"}, "about_crontab.timezone", "Mars/Olympus"},
		"every":    {[]string{"type", "interval", "interval.every", "often"}, "about_interval.every", "A valid integer"},
		"zero":     {[]string{"type", "interval", "interval.every", "0"}, "about_interval.every", "must be positive"},
		"moment":   {[]string{"type", "clocked", "clocked", "tomorrow"}, "about_clocked", "Enter a time"},
		"none":     {[]string{"type", "clocked"}, "about_clocked", "required"},
		"latitude": {[]string{"type", "solar", "solar.latitude", "91", "solar.longitude", "0"}, "about_solar.latitude", "90"},
		"degrees":  {[]string{"type", "solar", "solar.latitude", "north"}, "about_solar.latitude", "A valid number"},
		"kind":     {[]string{"type", "moon"}, "about_type", "Choose one"},
		"kwargs":   {[]string{"kwargs", `{"seconds": 1}`}, "about_kwargs", "seconds"},
		"json":     {[]string{"args", `nothing`}, "about_args", "JSON"},
		"priority": {[]string{"priority", "300"}, "about_priority", "255"},
		"expires":  {[]string{"expires", "2027-01-01", "expire_seconds", "9"}, "about_expire_seconds", "expire"},
		"name":     {[]string{"name", " "}, "about_name", "blank"},
	} {
		w := f.post(path, with(form, c.pairs...))
		_, after, found := strings.Cut(w.Body.String(), `id="`+c.id+`"`)
		said, _, _ := strings.Cut(after, "</div>")
		if w.Code != http.StatusUnprocessableEntity || !found || !strings.Contains(said, c.text) {
			t.Errorf("%s: got %d and %q, want %q beside the field", name, w.Code, said, c.text)
		}
	}
}

// TestSchedule_Kinds adds one of each kind and reads it back in the form.
func TestSchedule_Kinds(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		form := formOf(t, f.page(schedulesPath+"add/"))
		for id, pairs := range [][]string{
			{"type", "crontab", "crontab.day_of_week", "mon-fri", "crontab.timezone", "Europe/Berlin", "start_time", "2026-12-01 08:00", "priority", "3"},
			{"type", "interval", "interval.every", "90", "interval.period", "seconds", "expire_seconds", "60"},
			{"type", "clocked", "clocked", "2027-01-31 14:30:00", "queue", "slow"},
			{"type", "solar", "solar.event", "sunset", "solar.latitude", "52.52", "solar.longitude", "13.4", "expires", "2027-01-31 00:00:00"},
		} {
			record := schedulesPath + string(rune('1'+id)) + "/change/"
			wantSent(t, f.post(schedulesPath+"add/", with(with(form, pairs...), "name", pairs[1], "task", "noop", "_continue", "1")), record)
			page := f.page(record)
			kept := formOf(t, page)
			for i := 0; i < len(pairs); i += 2 {
				if got, want := kept.Get(pairs[i]), pairs[i+1]; !strings.HasPrefix(got, want) {
					t.Errorf("%s: %s is %q, want %q", pairs[1], pairs[i], got, want)
				}
			}
			wantAll(t, page, "preview-items", "Next runs ("+[]string{"Europe/Berlin", "UTC"}[min(id, 1)]+")")
			wantSent(t, f.post(record, kept), schedulesPath) // nothing was changed
		}
		// The zone of the schedule comes first, and each time names its zone.
		wantAll(t, f.page(schedulesPath+"1/change/"), `title="2026-12-01 09:00:00 Europe/Berlin (UTC&#43;01:00)">1 Dec 2026, 09:00 Europe/Berlin (08:00 UTC)</time>`)
		wantAll(t, f.page(schedulesPath+"2/change/"), " UTC\">23 Nov 2026, 12:01 UTC</time>")
		wantAll(t, f.page("/admin/tasks/overview/"), "1 Dec 2026, 09:00 Europe/Berlin (08:00 UTC)")
		wantAll(t, f.page(schedulesPath+"?type__exact=solar"), "1 schedule", "at sunset")
		wantAll(t, f.page(schedulesPath), "4 schedules", `<span>clocked</span><span class="count">1</span>`)
		wantAll(t, f.page("/admin/tasks/overview/"), "solar", "23 Nov 2026")
	})
}

func TestReports(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		wantAll(t, f.page("/admin/tasks/report/"), "No daily reports yet")
		r := job.Report{Day: "2026-11-23", Total: 1200, Active: 1000, Inactive: 200, New: 3, Trend: []job.DayCount{{Day: "2026-11-22", New: 1}, {Day: "2026-11-23", New: 3}}}
		if err := f.store.SaveReport(t.Context(), r, now); err != nil {
			t.Fatal(err)
		}
		wantAll(t, f.page("/admin/tasks/report/"), "1 daily report", "/admin/tasks/report/20261123/change/", "1200")
		wantAll(t, f.page("/admin/tasks/report/20261123/change/"), "Report of 23 Nov 2026", "<svg", "23 November: 3", "4 total, 3 at most")
		for _, id := range []string{"20261124", "7", "99999999"} {
			if got := f.get("/admin/tasks/report/" + id + "/change/").Code; got != http.StatusNotFound {
				t.Errorf("%s: got %d", id, got)
			}
		}
	})
}

func TestOverview(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		wantAll(t, f.page("/admin/tasks/overview/"), "No tasks are pending or running.", "No worker is running", "No tasks have failed permanently.", "No schedules are enabled.")
		f.start("noop", "{}")
		page := f.page("/admin/tasks/overview/")
		wantAll(t, page, `data-live="panels"`, tasksPath+"?queue__exact=default", "Per minute, the last hour")
		f.fail(t) // the queue has nothing left but a dead letter
		page = f.page("/admin/tasks/overview/")
		wantAll(t, page, "No tasks are pending or running.")
		wantNone(t, page, tasksPath+"?queue__exact=default")
	})
}
