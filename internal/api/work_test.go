package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/api"
	"roster/internal/api/work"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/query"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

// noon is the time of these tests.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

type chores struct {
	N int `json:"n"`
}

func (c chores) Check() error {
	if c.N < 0 {
		return fault.New(fault.Invalid, "The argument n may not be below 0.")
	}
	return nil
}

// newWorkFixture returns the API for a superuser at noon, with a kind of task
// named chore.
func newWorkFixture(t *testing.T, db *store.Store) *fixture {
	t.Helper()
	kinds := task.NewRegistry(task.Define(task.Kind{Name: "chore", Version: 1},
		func(context.Context, *task.Job, chores) (any, error) { return nil, nil }))
	boss := access.NewActor(access.Account{ID: 1, Username: "boss", IsSuperuser: true})
	return newFixture(t, db, setup{pageSize: 2, now: func() time.Time { return noon }, actor: boss, kinds: kinds})
}

// ask sends a request, such as "GET /api/tasks/", and returns the answer, which has
// to have that status.
func (f *fixture) ask(t *testing.T, want int, request, body string, headers ...string) map[string]any {
	t.Helper()
	method, target, _ := strings.Cut(request, " ")
	got := f.do(t, method, target, body, headers...)
	if got.Code != want {
		t.Fatalf("%s %s %s: got %d %s, want %d", method, target, body, got.Code, got.Body, want)
	}
	var answer map[string]any
	if got.Body.Len() > 0 {
		if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s %s: %v", method, target, err)
		}
	}
	return answer
}

// wantAt checks values of an answer, by paths such as "progress.done".
func wantAt(t *testing.T, answer map[string]any, want map[string]any) {
	t.Helper()
	for path, value := range want {
		var found any = answer
		for part := range strings.SplitSeq(path, "/") {
			switch at := found.(type) {
			case map[string]any:
				found = at[part]
			case []any:
				var i int
				if _, err := fmt.Sscan(part, &i); err != nil || i >= len(at) {
					found = nil
				} else {
					found = at[i]
				}
			}
		}
		if fmt.Sprint(found) != fmt.Sprint(value) {
			t.Errorf("%s: got %v, want %v, in %v", path, found, value, answer)
		}
	}
}

// onEngines runs a test on an empty database of each engine.
func onEngines(t *testing.T, test func(t *testing.T, db *store.Store)) {
	t.Helper()
	for name, open := range storetest.Engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func TestTasks_Story(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		f := newWorkFixture(t, db)
		for n := range 3 {
			made := f.ask(t, 201, "POST /api/tasks/", fmt.Sprintf(`{"kind":"chore","args":{"n":%d},"queue":"q%d"}`, n, n))
			wantAt(t, made, map[string]any{
				"id": n + 1, "kind": "chore", "state": "pending", "args/n": n, "actor": "boss", "queue": fmt.Sprint("q", n),
				"created_at": "2026-11-23T12:00:00Z", "worker": nil, "result": nil, "error": nil, "progress/done": 0, "progress/total": nil, "finished_at": nil,
			})
		}
		page := f.ask(t, 200, "GET /api/tasks/?page=2", "")
		wantAt(t, page, map[string]any{"count": 3, "next": nil, "previous": "http://example.com/api/tasks/", "results/0/id": 1})
		for query, count := range map[string]int{
			"state=pending": 3, "state=done": 0, "queue=q1": 1, "kind=chore": 3, "kind=other": 0,
			"created_after=2026-11-23T12:00:00Z": 3, "created_before=2026-11-23+12:00": 0, "state=pending&queue=q2&created_after=2026-11-22": 1,
		} {
			wantAt(t, f.ask(t, 200, "GET /api/tasks/?"+query, ""), map[string]any{"count": count})
		}
		wantAt(t, f.ask(t, 200, "POST /api/tasks/2/cancel/", ""), map[string]any{"state": "canceled", "id": 2})
		wantAt(t, f.ask(t, 409, "POST /api/tasks/2/cancel/", ""), map[string]any{"detail": "The task has ended."})
		wantAt(t, f.ask(t, 200, "GET /api/tasks/2/", ""), map[string]any{"state": "canceled"})
		wantAt(t, f.ask(t, 200, "POST /api/tasks/2/retry/", ""), map[string]any{"state": "pending"})
		wantAt(t, f.ask(t, 409, "POST /api/tasks/2/retry/", ""), map[string]any{"detail": "The task is pending."})
		wantAt(t, f.ask(t, 409, "POST /api/tasks/2/resend/", ""), map[string]any{"detail": "The task is not a mailing."})
		stats := f.ask(t, 200, "GET /api/tasks/stats/?step=minute&count=3", "")
		wantAt(t, stats, map[string]any{
			"kinds/0": "chore", "states/pending": 3, "states/dead": 0, "queues/1/name": "q1", "queues/1/pending": 1, "step": "minute", "rates/2/done": 0, "rates/3": nil,
		})
		wantAt(t, f.ask(t, 200, "GET /api/tasks/workers/", ""), map[string]any{"results/0": nil})
		wantAt(t, f.ask(t, 200, "GET /api/tasks/?page=last", ""), map[string]any{"count": 3, "next": nil, "results/0/id": 1})
		f.ask(t, 404, "GET /api/tasks/99/", "")
		f.ask(t, 404, "GET /api/tasks/?page=3", "")
		f.ask(t, 404, "GET /api/tasks/?page=9223372036854775807", "")
	})
}

// A page counts only enough tasks to know whether another page follows.
func TestTasks_Counted(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]int64{
		{1, 20, 10_000}, {0, 20, 10_000}, {499, 20, 10_000}, {500, 20, 10_001}, {1000, 20, 20_001},
		{query.LastPage, 20, math.MaxInt64}, {math.MaxInt64, 20, math.MaxInt64}, {math.MaxInt64 / 20, 20, math.MaxInt64},
	} {
		if got := api.Counted(c[0], c[1]); got != c[2] {
			t.Errorf("page %d of %d each: got %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

func TestTasks_Workers(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	f := newWorkFixture(t, db)
	now := time.Now().UTC().Truncate(time.Microsecond)
	for name, seen := range map[string]time.Time{"here": now, "gone": now.Add(-time.Hour)} {
		w := task.WorkerInfo{ID: name, Name: name, Queues: "a,b", Concurrency: 4, Running: 1, Started: seen, Seen: seen}
		if err := db.SaveWorker(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	wantAt(t, f.ask(t, 200, "GET /api/tasks/workers/", ""), map[string]any{
		"results/0/name": "here", "results/0/queues": "a,b", "results/0/concurrency": 4, "results/0/running": 1, "results/1": nil,
	})
}

func TestTasks_BadInput(t *testing.T) {
	t.Parallel()
	f := newWorkFixture(t, storetest.OpenSQLite(t))
	for _, c := range []struct{ method, target, body, field, want string }{
		{"POST", "/api/tasks/", `{}`, "kind", "This field is required."},
		{"POST", "/api/tasks/", `{"kind":null}`, "kind", "This field may not be null."},
		{"POST", "/api/tasks/", `{"kind":[]}`, "kind", "Not a valid string."},
		{"POST", "/api/tasks/", `{"kind":"play"}`, "kind", `There is no task "play". The tasks are chore.`},
		{"POST", "/api/tasks/", `{"kind":"chore","args":{"n":"x"}}`, "args", "The arguments of chore cannot be read: n is a string, want a whole number."},
		{"POST", "/api/tasks/", `{"kind":"chore","args":{"n":null}}`, "args", "The arguments of chore cannot be read: n is null, want a whole number."},
		{"POST", "/api/tasks/", `{"kind":"chore","args":null}`, "args", "This field may not be null."},
		{"POST", "/api/tasks/", `{"kind":"chore","args":{"m":1}}`, "args", `The arguments of chore cannot be read: unknown field "m".`},
		{"POST", "/api/tasks/", `{"kind":"chore","args":{"n":-1}}`, "args", "The argument n may not be below 0."},
		{"POST", "/api/tasks/", `{"kind":"chore","args":"{"}`, "args", "The arguments are not valid JSON."},
		{"POST", "/api/tasks/", `{"kind":"chore","args":5}`, "args", "The arguments of chore cannot be read: got a number, want an object."},
		{"POST", "/api/tasks/", `{"kind":"chore","queue":"` + strings.Repeat("q", 101) + `"}`, "queue", "Ensure this field has no more than 100 characters."},
		{"GET", "/api/tasks/?state=waiting", "", "state", `"waiting" is not a state. The states are pending, running, paused, done, dead, canceled and parked.`},
		{"GET", "/api/tasks/?created_after=noon", "", "created_after", `"noon" is not a time such as 2027-01-31T13:45:00Z.`},
		{"GET", "/api/tasks/stats/?step=week", "", "step", `"week" is not minute, hour or day.`},
		{"GET", "/api/tasks/stats/?count=many", "", "count", `"many" is not a whole number.`},
		{"GET", "/api/tasks/stats/?count=0", "", "count", "0 is not a number from 1 to 400."},
	} {
		wantAt(t, f.ask(t, 400, c.method+" "+c.target, c.body), map[string]any{c.field + "/0": c.want})
	}
}

// Null is refused for every field that may not be null, whatever its type, when it is
// created and when it is changed.
func TestNull(t *testing.T) {
	t.Parallel()
	f := newWorkFixture(t, storetest.OpenSQLite(t))
	f.ask(t, 201, "POST /api/users/", `{"username":"ann","email":"ann@example.com"}`)
	f.ask(t, 201, "POST /api/schedules/", nightly)
	schedules := periodic.Table().Fields()
	for target, fields := range map[string][]form.Field{
		"POST /api/users/": user.Table().Writable(), "PATCH /api/users/1/": user.Table().Writable(), "PUT /api/users/1/": user.Table().Writable(),
		"POST /api/schedules/": schedules, "PATCH /api/schedules/1/": schedules, "POST /api/schedules/preview/": schedules, "POST /api/tasks/": work.TaskFields(),
	} {
		method, path, _ := strings.Cut(target, " ")
		for _, field := range fields {
			body := `{"` + field.Name + `":null}`
			if group, member := work.Grouped(field.Name); group != "" {
				body = `{"` + group + `":{"` + member + `":null}}`
			}
			got := f.do(t, method, path, body)
			if refused := strings.Contains(got.Body.String(), "This field may not be null."); refused == field.Nullable || got.Code >= 500 {
				t.Errorf("%s %s: got %d %s", target, body, got.Code, got.Body)
			}
		}
	}
}

const nightly = `{"name":"Nightly","task":"chore","crontab":{"minute":"30","hour":"3","timezone":"Europe/Berlin"},"kwargs":{"n":1}}`

func TestSchedules_Story(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		f := newWorkFixture(t, db)
		made := f.ask(t, 201, "POST /api/schedules/", nightly)
		wantAt(t, made, map[string]any{
			"id": 1, "name": "Nightly", "enabled": true, "crontab/hour": "3", "crontab/day_of_week": "*", "interval": nil, "args": "[]", "kwargs/n": 1,
			"when": "every day at 03:30 (Europe/Berlin)", "next_runs/0": "2026-11-24T02:30:00Z", "next_runs/4": "2026-11-28T02:30:00Z", "problem": nil,
			"last_run_at": nil, "total_run_count": 0, "date_changed": "2026-11-23T12:00:00Z", "queue": nil, "priority": nil,
		})
		tag := f.do(t, "GET", "/api/schedules/1/", "").Header().Get("Etag")
		patched := f.ask(t, 200, "PATCH /api/schedules/1/", `{"crontab":{"hour":"4"},"priority":2,"queue":"night","expires":"2026-11-25T00:00:00+01:00"}`, "If-Match", tag)
		wantAt(t, patched, map[string]any{"crontab/hour": "4", "crontab/minute": "30", "priority": 2, "queue": "night", "expires": "2026-11-24T23:00:00Z", "next_runs/1": nil})
		f.ask(t, 412, "PATCH /api/schedules/1/", `{"enabled":false}`, "If-Match", tag)
		f.ask(t, 412, "DELETE /api/schedules/1/", "", "If-Match", `"2-abc"`)
		wantAt(t, f.ask(t, 200, "PATCH /api/schedules/1/", `{"interval":{"every":2,"period":"hours"}}`, "If-Match", "*"),
			map[string]any{"crontab": nil, "interval/every": 2, "when": "every 2 hours"})
		replaced := f.ask(t, 200, "PUT /api/schedules/1/", `{"name":"Once","task":"chore","clocked":"2026-12-24T18:00","one_off":true}`)
		wantAt(t, replaced, map[string]any{"interval": nil, "clocked": "2026-12-24T18:00:00Z", "priority": nil, "expires": nil, "next_runs/0": "2026-12-24T18:00:00Z", "next_runs/1": nil})
		wantAt(t, f.ask(t, 201, "POST /api/schedules/1/run/", ""), map[string]any{"kind": "chore", "state": "pending", "actor": "boss"})
		f.ask(t, 201, "POST /api/schedules/", strings.Replace(nightly, "Nightly", "Second", 1))
		f.ask(t, 201, "POST /api/schedules/", strings.Replace(nightly, "Nightly", "Third", 1))
		wantAt(t, f.ask(t, 200, "GET /api/schedules/", ""), map[string]any{"count": 3, "results/0/id": 1, "results/2": nil, "next": "http://example.com/api/schedules/?page=2"})
		wantAt(t, f.ask(t, 200, "GET /api/schedules/?search=SECOND&enabled=true&task=chore", ""), map[string]any{"count": 1, "results/0/name": "Second"})
		wantAt(t, f.ask(t, 400, "GET /api/schedules/?enabled=bogus", ""), map[string]any{"enabled/0": "Must be a valid boolean.", "is_active": nil})
		f.ask(t, 204, "DELETE /api/schedules/1/", "")
		for _, line := range [][2]string{{"GET", ""}, {"DELETE", ""}, {"PATCH", `{}`}, {"PUT", `{}`}} {
			f.ask(t, 404, line[0]+" /api/schedules/1/", line[1])
		}
		f.ask(t, 404, "POST /api/schedules/1/run/", "")
	})
}

func TestSchedules_Preview(t *testing.T) {
	t.Parallel()
	f := newWorkFixture(t, storetest.OpenSQLite(t))
	got := f.ask(t, 200, "POST /api/schedules/preview/", `{"task":"chore","interval":{"every":90,"period":"minutes"},"start_time":"2026-11-23T13:00:00Z"}`)
	wantAt(t, got, map[string]any{"when": "every 90 minutes", "next_runs/0": "2026-11-23T13:00:00Z", "next_runs/1": "2026-11-23T14:30:00Z", "problem": nil})
	wantAt(t, f.ask(t, 400, "POST /api/schedules/preview/", `{"task":"chore","solar":{"event":"moonrise"}}`), map[string]any{
		"solar.event/0": `The event "moonrise" is not one of dawn_astronomical, dawn_nautical, dawn_civil, sunrise, solar_noon, sunset, dusk_civil, dusk_nautical and dusk_astronomical.`,
	})
	wantAt(t, f.ask(t, 200, "GET /api/schedules/", ""), map[string]any{"count": 0})
}

func TestSchedules_BadInput(t *testing.T) {
	t.Parallel()
	f := newWorkFixture(t, storetest.OpenSQLite(t))
	f.ask(t, 201, "POST /api/schedules/", nightly)
	wantAt(t, f.ask(t, 400, "POST /api/schedules/", `{}`), map[string]any{
		"name/0": "This field is required.", "task/0": "This field is required.", "crontab/0": "A schedule is required: one of crontab, interval, solar and clocked.",
	})
	for body, want := range map[string]map[string]any{
		`{"name":"Nightly"}`:                             {"name/0": "A schedule with this name already exists."},
		`{"crontab":"daily"}`:                            {"crontab/0": "Enter an object."},
		`{"crontab":{"minute":7,"hour":true}}`:           {"crontab.hour/0": "Not a valid string."},
		`{"crontab":{"minute":"x"}}`:                     {"crontab.minute/0": `The minute "x" is invalid: "x" is not a number from 0 to 59.`},
		`{"interval":{"every":"x","period":"days"}}`:     {"interval.every/0": "A valid integer is required."},
		`{"interval":{"every":1.5,"period":"days"}}`:     {"interval.every/0": "A valid integer is required."},
		`{"solar":{"event":"sunset","latitude":"n"}}`:    {"solar.latitude/0": "A valid number is required."},
		`{"clocked":"tomorrow"}`:                         {"clocked/0": "Enter a time such as 2027-01-31 14:30 or 2027-01-31T13:45:00Z."},
		`{"clocked":"2027-01-01"}`:                       {"one_off/0": "A clocked task runs once: one_off must be true."},
		`{"enabled":"perhaps"}`:                          {"enabled/0": "Must be a valid boolean."},
		`{"priority":99999999999999999999}`:              {"priority/0": "A valid integer is required."},
		`{"priority":256}`:                               {"priority/0": "Ensure this value is from 0 to 255."},
		`{"kwargs":{"n":"x"}}`:                           {"kwargs/0": "The arguments of chore cannot be read: n is a string, want a whole number."},
		`{"kwargs":"{"}`:                                 {"kwargs/0": "Enter a JSON object, such as {}."},
		`{"args":5}`:                                     {"args/0": `The args "5" are not a JSON array.`},
		`{"task":"play"}`:                                {"task/0": `There is no task "play". The tasks are chore.`},
		`{"start_time":"2027-02-01","expires":"2027-1"}`: {"expires/0": "Enter a time such as 2027-01-31 14:30 or 2027-01-31T13:45:00Z."},
	} {
		given := map[string]any{"name": "Another", "task": "chore"}
		var more map[string]any
		if err := json.Unmarshal([]byte(body), &more); err != nil {
			t.Fatal(err)
		}
		for name, value := range more {
			given[name] = value
		}
		if more["crontab"] == nil && more["interval"] == nil && more["solar"] == nil && more["clocked"] == nil {
			given["interval"] = map[string]any{"every": 1, "period": "days"}
		}
		text, err := json.Marshal(given)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(body, "99999999999999999999") {
			text = []byte(`{"name":"Another","task":"chore","interval":{"every":1,"period":"days"},"priority":99999999999999999999}`)
		}
		answer := f.ask(t, 400, "POST /api/schedules/", string(text))
		wantAt(t, answer, want)
		if len(answer) != 1 {
			t.Errorf("%s: got %v, want one fault", body, answer)
		}
	}
}

// A form is read as well, as the page for people sends it.
func TestSchedules_Form(t *testing.T) {
	t.Parallel()
	f := newWorkFixture(t, storetest.OpenSQLite(t))
	form := "name=Nightly&task=chore&description=&crontab.minute=30&crontab.hour=3&crontab.day_of_week=*&crontab.day_of_month=*&crontab.month_of_year=*" +
		"&crontab.timezone=UTC&interval.every=&interval.period=&solar.event=&solar.latitude=&solar.longitude=&clocked=&start_time=&expires=" +
		"&expire_seconds=&args=%5B%5D&kwargs=%7B%22n%22%3A1%7D&queue=&priority="
	made := f.ask(t, 201, "POST /api/schedules/", form, "Content-Type", "application/x-www-form-urlencoded")
	wantAt(t, made, map[string]any{"enabled": false, "crontab/hour": "3", "interval": nil, "solar": nil, "kwargs/n": 1, "next_runs/0": nil})
	page := f.do(t, "GET", "/api/schedules/1/", "", "Accept", "text/html").Body.String()
	for _, want := range []string{`name="crontab.hour" type="text" value="3"`, "Change this schedule", `<a href="/api/schedules/1/">1</a>`, "Delete this schedule?", `&#34;kwargs&#34;: {&#34;n&#34;:1}`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	refused := f.do(t, "POST", "/api/schedules/", form, "Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html")
	if refused.Code != http.StatusBadRequest || !strings.Contains(refused.Body.String(), "A schedule with this name already exists.") {
		t.Errorf("got %d, want the page with what was sent", refused.Code)
	}
	for _, path := range []string{"/api/tasks/", "/api/tasks/stats/", "/api/tasks/workers/", "/api/schedules/", "/api/schedules/1/", "/api/schedules/1/run/"} {
		f.do(t, "OPTIONS", path, "")
		f.do(t, "GET", path, "", "Accept", "text/html")
	}
}

// Anonymous callers cannot use tasks and schedules, even if the policy allows them
// everything on users.
func TestWork_Anonymous(t *testing.T) {
	t.Parallel()
	f := newFixture(t, storetest.OpenSQLite(t), setup{})
	for _, line := range [][3]string{
		{"GET", "/api/tasks/"}, {"POST", "/api/tasks/", `{"kind":"chore"}`}, {"GET", "/api/tasks/1/"}, {"POST", "/api/tasks/1/cancel/"},
		{"GET", "/api/tasks/stats/"}, {"GET", "/api/schedules/"}, {"POST", "/api/schedules/", nightly}, {"POST", "/api/schedules/1/run/"}, {"OPTIONS", "/api/schedules/1/run/"},
	} {
		f.ask(t, 403, line[0]+" "+line[1], line[2])
	}
	if index := f.ask(t, 200, "GET /api/", ""); len(index) != 1 {
		t.Errorf("got %v, want the users alone", index)
	}
	boss := newWorkFixture(t, storetest.OpenSQLite(t))
	wantAt(t, boss.ask(t, 200, "GET /api/", ""), map[string]any{"tasks": "http://example.com/api/tasks/", "schedules": "http://example.com/api/schedules/"})
}

// What a database cannot store or compare is refused before it is asked, and
// with the same words on both.
func TestWork_UnfitForTheDatabase(t *testing.T) {
	t.Parallel()
	for _, db := range []*store.Store{storetest.OpenSQLite(t), storetest.OpenMySQL(t)} {
		f := newWorkFixture(t, db)
		for queue, want := range map[string]string{
			`\ud800`: "Surrogate characters are not allowed: U+D800.", `a\u0000b`: "Null characters are not allowed.",
		} {
			wantAt(t, f.ask(t, 400, "POST /api/tasks/", `{"kind":"chore","queue":"`+queue+`"}`), map[string]any{"queue/0": want})
		}
		for _, at := range []string{"9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00%2B12:00"} {
			f.ask(t, 400, "GET /api/tasks/?created_before="+at, "")
		}
	}
}
