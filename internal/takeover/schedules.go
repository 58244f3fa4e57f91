package takeover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/internal/fault"
	"roster/internal/task/schedule"
	"roster/internal/user"
)

const beatTable = "django_celery_beat_periodictask"

// beatColumns are the columns of a periodic task. The last ones refer to the
// tables of beatKinds, in their order.
var beatColumns = [...]string{
	"name", "task", "enabled", "args", "kwargs", "expires",
	"crontab_id", "interval_id", "clocked_id", "solar_id",
}

const firstKind = 6

// beatKind is a kind of schedule: where its rows are, and how to read one.
type beatKind struct {
	table   string
	columns []string
	parse   func(values []user.Text) (schedule.Schedule, error)
}

var beatKinds = [...]beatKind{
	{"django_celery_beat_crontabschedule",
		[]string{"minute", "hour", "day_of_week", "day_of_month", "month_of_year", "timezone"}, parseCrontab},
	{"django_celery_beat_intervalschedule", []string{"every", "period"}, parseInterval},
	{"django_celery_beat_clockedschedule", []string{"clocked_time"}, parseClocked},
	{"django_celery_beat_solarschedule", []string{"event", "latitude", "longitude"}, parseSolar},
}

// tasks are the tasks of the system that Roster has, by the names of Celery.
var tasks = []string{
	"users.tasks.send_welcome_email_task",
	"users.tasks.cleanup_inactive_users",
	"users.tasks.generate_daily_report",
	"users.tasks.send_bulk_notification",
	"users.tasks.scheduled_backup_reminder",
}

// housekeeping is the task that beat puts into the table by itself.
const housekeeping = "celery.backend_cleanup"

func parseCrontab(v []user.Text) (schedule.Schedule, error) {
	return schedule.ParseCrontab(schedule.CrontabSpec{
		Minute: v[0].String, Hour: v[1].String, DayOfWeek: v[2].String, DayOfMonth: v[3].String, MonthOfYear: v[4].String,
		Timezone: v[5].String,
	})
}

func parseInterval(v []user.Text) (schedule.Schedule, error) {
	every, err := strconv.ParseInt(v[0].String, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the number every is %q", v[0].String)
	}
	return schedule.ParseInterval(every, v[1].String)
}

func parseClocked(v []user.Text) (schedule.Schedule, error) {
	at, ok := parseTime(v[0].String)
	if !ok {
		return nil, fmt.Errorf("the clocked_time %q is not a date and time", v[0].String)
	}
	return schedule.ParseClocked(at)
}

func parseSolar([]user.Text) (schedule.Schedule, error) {
	return nil, errors.New("schedules by the sun are not run by Roster")
}

// judgeSchedules reads the schedules of django-celery-beat.
func (r *Report) judgeSchedules(ctx context.Context, source Source, d Database, now time.Time) error {
	if !d.has(beatTable, beatColumns[:]) {
		return nil // the columns, or the table, are a finding already
	}
	j := scheduleJudge{now: now, useless: make(map[string]*examples), sleeping: make(map[string]*examples)}
	for i, kind := range beatKinds {
		j.kinds[i] = make(map[string]parsed)
		if !d.has(kind.table, kind.columns) {
			continue
		}
		err := source.Each(ctx, kind.table, kind.columns, func(row Row) error {
			s, err := kind.parse(row.Values)
			j.kinds[i][strconv.FormatInt(row.ID, 10)] = parsed{s, err}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := source.Each(ctx, beatTable, beatColumns[:], j.judge); err != nil {
		return err
	}
	j.report(r)
	return nil
}

// parsed is a schedule, or why it is none.
type parsed struct {
	schedule.Schedule
	err error
}

type scheduleJudge struct {
	now               time.Time
	kinds             [len(beatKinds)]map[string]parsed // by id
	runnable, ignored examples
	useless, sleeping map[string]*examples // by reason; those that are disabled apart
}

func (j *scheduleJudge) judge(row Row) error {
	example := fmt.Sprintf("%d (%s)", row.ID, row.Values[0].String)
	if row.Values[1].String == housekeeping {
		j.ignored.add(example)
		return nil
	}
	why := j.reason(row.Values)
	if why == "" {
		j.runnable.add(example)
		return nil
	}
	reasons := j.useless
	if row.Values[2].String != "1" {
		reasons = j.sleeping
	}
	if reasons[why] == nil {
		reasons[why] = new(examples)
	}
	reasons[why].add(example)
	return nil
}

// reason says why Roster cannot run a schedule, or "".
func (j *scheduleJudge) reason(v []user.Text) string {
	if !slices.Contains(tasks, v[1].String) {
		return fmt.Sprintf("the task %q is none that Roster has", v[1].String)
	}
	if !isJSON[[]any](v[3].String) {
		return "its args are not a list in JSON"
	}
	if !isJSON[map[string]any](v[4].String) {
		return "its kwargs are not an object in JSON"
	}
	found, why := j.scheduleOf(v[firstKind:])
	if why != "" {
		return why
	}
	if found.err != nil {
		return explain(found.err)
	}
	next, ok := found.Next(j.now)
	if !ok {
		return "it has no moment that is still to come"
	}
	if v[5].Valid {
		if expires, ok := parseTime(v[5].String); !ok || !expires.After(next) {
			return "it expires before it would run next"
		}
	}
	return ""
}

func isJSON[T any](text string) bool {
	var value T
	return json.Unmarshal([]byte(text), &value) == nil && strings.TrimSpace(text) != "null"
}

// scheduleOf returns the one schedule that the references name.
func (j *scheduleJudge) scheduleOf(references []user.Text) (found parsed, why string) {
	n := 0
	for i, reference := range references {
		if !reference.Valid {
			continue
		}
		n++
		var ok bool
		if found, ok = j.kinds[i][reference.String]; !ok {
			return parsed{}, "its schedule is missing"
		}
	}
	if n != 1 {
		return parsed{}, fmt.Sprintf("it has %d schedules where one is needed", n)
	}
	return found, ""
}

// explain returns what is wrong with a schedule, without the end of a sentence.
func explain(err error) string {
	invalid, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err.Error()
	}
	var messages []string
	for _, field := range invalid.Fields {
		messages = append(messages, field.Messages...)
	}
	return strings.TrimSuffix(strings.Join(messages, " "), ".")
}

func (j *scheduleJudge) report(r *Report) {
	r.noted(j.runnable, Finding{
		ID: "schedules.runnable", Severity: Info, Title: "Schedules that Roster runs",
		Detail: "They go on where they are, from their last run. Stop Celery beat first: the two do not know of each other.",
	})
	r.noted(j.ignored, Finding{
		ID: "schedules.ignored", Severity: Info, Title: "Schedules that are not needed",
		Detail: housekeeping + " deletes old results of Celery. Roster keeps its results elsewhere, and tidies up by itself.",
	})
	for _, why := range sortedKeys(j.useless) {
		r.noted(*j.useless[why], Finding{
			ID: "schedules.unrunnable", Severity: Warning, Title: "Schedules that Roster cannot run: " + why,
			Detail: "They are left in the table and do not run.", Remedy: "Mend or disable them, or run them elsewhere.",
		})
	}
	for _, why := range sortedKeys(j.sleeping) {
		r.noted(*j.sleeping[why], Finding{
			ID: "schedules.disabled", Severity: Info, Title: "Disabled schedules that Roster could not run: " + why,
			Detail: "They are left in the table. Nothing runs them now either.",
		})
	}
}
