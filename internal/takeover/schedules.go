package takeover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/internal/fault"
	"roster/internal/finding"
	"roster/internal/form"
	"roster/internal/task/schedule"
)

const beatTable = "django_celery_beat_periodictask"

// beatColumns are the columns of a periodic task. The last ones refer to the
// tables of beatKinds, in their order.
var beatColumns = [...]string{
	"name", "task", "enabled", "args", "kwargs", "one_off", "total_run_count", "start_time", "expires", "last_run_at", "date_changed",
	"crontab_id", "interval_id", "clocked_id", "solar_id",
}

// The indexes of columns in a row of beatColumns.
const (
	atName = iota
	atTask
	atEnabled
	atArgs
	atKwargs
	atOneOff
	atRuns
	atStart
	atExpires
	atLastRun
	atChanged
	atKinds
)

// beatKind is a kind of schedule: its table, and how to parse a row.
type beatKind struct {
	table   string
	columns []string
	parse   func(values []form.Text) (schedule.Schedule, error)
}

var beatKinds = [...]beatKind{
	{"django_celery_beat_crontabschedule",
		[]string{"minute", "hour", "day_of_week", "day_of_month", "month_of_year", "timezone"}, parseCrontab},
	{"django_celery_beat_intervalschedule", []string{"every", "period"}, parseInterval},
	{"django_celery_beat_clockedschedule", []string{"clocked_time"}, parseClocked},
	{"django_celery_beat_solarschedule", []string{"event", "latitude", "longitude"}, parseSolar},
}

func parseCrontab(v []form.Text) (schedule.Schedule, error) {
	return schedule.ParseCrontab(schedule.CrontabSpec{
		Minute: v[0].String, Hour: v[1].String, DayOfWeek: v[2].String, DayOfMonth: v[3].String, MonthOfYear: v[4].String,
		Timezone: v[5].String,
	})
}

func parseInterval(v []form.Text) (schedule.Schedule, error) {
	every, err := strconv.ParseInt(v[0].String, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the number every is %q", v[0].String)
	}
	return schedule.ParseInterval(every, v[1].String)
}

func parseClocked(v []form.Text) (schedule.Schedule, error) {
	at, ok := parseTime(v[0].String)
	if !ok {
		return nil, fmt.Errorf("the clocked_time %q is not a date and time", v[0].String)
	}
	return schedule.ParseClocked(at)
}

func parseSolar(v []form.Text) (schedule.Schedule, error) {
	latitude, err := strconv.ParseFloat(v[1].String, 64)
	if err != nil {
		return nil, fmt.Errorf("the latitude %q is not a number", v[1].String)
	}
	longitude, err := strconv.ParseFloat(v[2].String, 64)
	if err != nil {
		return nil, fmt.Errorf("the longitude %q is not a number", v[2].String)
	}
	return schedule.ParseSolar(v[0].String, latitude, longitude)
}

// judgeSchedules checks the schedules of django-celery-beat.
func (r *Report) judgeSchedules(ctx context.Context, source Source, d Database, o Options) error {
	if !d.has(beatTable, beatColumns[:]) {
		return nil // the columns or the table are already a finding
	}
	j := scheduleJudge{now: o.Now, tasks: o.Kinds, useless: make(map[string]*examples), sleeping: make(map[string]*examples)}
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

// parsed is a schedule, or why it is invalid.
type parsed struct {
	schedule.Schedule
	err error
}

type scheduleJudge struct {
	now                    time.Time
	tasks                  []string                          // kinds of Roster
	kinds                  [len(beatKinds)]map[string]parsed // by id
	runnable, due, ignored examples
	useless, sleeping      map[string]*examples // by reason; disabled ones separately
}

func (j *scheduleJudge) judge(row Row) error {
	example := fmt.Sprintf("%d (%s)", row.ID, row.Values[atName].String)
	if target, known := schedule.Find(row.Values[atTask].String); known && target.Kind == "" {
		j.ignored.add(example)
		return nil
	}
	enabled := row.Values[atEnabled].String == "1"
	due, why := j.judgeEntry(row.Values)
	switch {
	case why != "" && enabled:
		note(j.useless, why, example)
	case why != "":
		note(j.sleeping, why, example)
	default:
		j.runnable.add(example)
	}
	if due && enabled {
		j.due.add(example)
	}
	return nil
}

// judgeEntry returns why Roster cannot run a schedule, or whether it is due at
// once. It treats disabled schedules as enabled.
func (j *scheduleJudge) judgeEntry(v []form.Text) (due bool, why string) {
	target, known := schedule.Find(v[atTask].String)
	if !known && !slices.Contains(j.tasks, v[atTask].String) {
		return false, fmt.Sprintf("Roster has no task %q", v[atTask].String)
	}
	if _, err := target.Arguments(v[atArgs].String, v[atKwargs].String); err != nil {
		return false, explain(err)
	}
	found, why := j.scheduleOf(v[atKinds:])
	if why != "" {
		return false, why
	}
	if found.err != nil {
		return false, explain(found.err)
	}
	entry, why := entryOf(v, found.Schedule)
	if why != "" {
		return false, why
	}
	if why := entry.Idle(j.now); why != "" {
		why, _, _ = strings.Cut(strings.TrimSuffix(why, "."), ". ") // without the remedy
		return false, strings.ToLower(why[:1]) + why[1:]
	}
	slots, _ := entry.Due(j.now)
	return len(slots) > 0, ""
}

// entryOf returns a row as an enabled entry.
func entryOf(v []form.Text, s schedule.Schedule) (entry schedule.Entry, why string) {
	entry = schedule.Entry{Enabled: true, Schedule: s, OneOff: v[atOneOff].String == "1"}
	entry.TotalRunCount, _ = strconv.ParseInt(v[atRuns].String, 10, 64) // invalid numbers count as 0
	for i, into := range []*time.Time{&entry.StartTime, &entry.Expires, &entry.LastRunAt, &entry.Changed} {
		at := atStart + i
		if !v[at].Valid {
			continue
		}
		var ok bool
		if *into, ok = parseTime(v[at].String); !ok {
			return entry, fmt.Sprintf("the %s %q is not a date and time", beatColumns[at], v[at].String)
		}
	}
	return entry, ""
}

// scheduleOf returns the only schedule among the references.
func (j *scheduleJudge) scheduleOf(references []form.Text) (found parsed, why string) {
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

// explain returns what is wrong with a schedule, without the final period.
func explain(err error) string {
	invalid, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err.Error()
	}
	var messages []string
	for _, field := range invalid.Fields {
		messages = append(messages, field.Messages...)
	}
	return bounded(strings.TrimSuffix(strings.Join(messages, " "), "."))
}

// maxReason is the maximum length of a reason, in characters, which may quote a
// column.
const maxReason = 200

func bounded(text string) string {
	if runes := []rune(text); len(runes) > maxReason {
		return string(runes[:maxReason-1]) + "…"
	}
	return text
}

func (j *scheduleJudge) report(r *Report) {
	r.noted(j.runnable, finding.Finding{
		ID: "schedules.runnable", Severity: finding.Info, Title: "Schedules that Roster runs",
		Detail: "They continue from their last run. Stop Celery beat first: each is unaware of the other's runs.",
	})
	r.noted(j.due, finding.Finding{
		ID: "schedules.due", Severity: finding.Info, Title: "Schedules that are due at once",
		Detail: "They have become due since their last run and their last edit. Each runs once, even if several slots were missed.",
		Remedy: "Disable those that should not run, or start with --no-beat.",
	})
	r.noted(j.ignored, finding.Finding{
		ID: "schedules.ignored", Severity: finding.Info, Title: "Schedules that are not needed",
		Detail: "celery.backend_cleanup deletes old results of Celery. Roster stores results elsewhere, and cleans up by itself.",
	})
	for _, why := range sortedKeys(j.useless) {
		r.noted(*j.useless[why], finding.Finding{
			ID: "schedules.unrunnable", Severity: finding.Warning, Title: "Schedules that Roster cannot run: " + why,
			Detail: "They stay in the table and do not run.", Remedy: "Fix or disable them, or run them elsewhere.",
		})
	}
	for _, why := range sortedKeys(j.sleeping) {
		r.noted(*j.sleeping[why], finding.Finding{
			ID: "schedules.disabled", Severity: finding.Info, Title: "Disabled schedules that Roster could not run: " + why,
			Detail: "They stay in the table. They do not run now either.",
		})
	}
}
