package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"

	"roster/internal/store/sqldb"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

const (
	countPeriodic     = "SELECT COUNT(*) FROM django_celery_beat_periodictask p"
	takenScheduleName = "SELECT EXISTS (SELECT 1 FROM django_celery_beat_periodictask WHERE name = ? AND id <> ?)"

	// The assignments of the next two statements, in the order of
	// periodicColumns.
	insertPeriodic = "INSERT INTO django_celery_beat_periodictask (name, task, description, args, kwargs, queue, priority, enabled, one_off," +
		" start_time, expires, expire_seconds, date_changed, last_run_at, total_run_count, crontab_id, interval_id, solar_id, clocked_id, headers)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}')"
	updatePeriodic = "UPDATE django_celery_beat_periodictask SET name = ?, task = ?, description = ?, args = ?, kwargs = ?, queue = ?," +
		" priority = ?, enabled = ?, one_off = ?, start_time = ?, expires = ?, expire_seconds = ?, date_changed = ?, last_run_at = ?," +
		" total_run_count = ?, crontab_id = ?, interval_id = ?, solar_id = ?, clocked_id = ? WHERE id = ?"

	// Text columns may have any collation, so results are compared again.
	selectCrontab = "SELECT id, minute, hour, day_of_week, day_of_month, month_of_year, timezone FROM django_celery_beat_crontabschedule" +
		" WHERE minute = ? AND hour = ? AND day_of_week = ? AND day_of_month = ? AND month_of_year = ? AND timezone = ? ORDER BY id"
	insertCrontab = "INSERT INTO django_celery_beat_crontabschedule (minute, hour, day_of_week, day_of_month, month_of_year, timezone)" +
		" VALUES (?, ?, ?, ?, ?, ?)"
	selectInterval = "SELECT id, every, period FROM django_celery_beat_intervalschedule WHERE every = ? AND period = ? ORDER BY id"
	insertInterval = "INSERT INTO django_celery_beat_intervalschedule (every, period) VALUES (?, ?)"
	selectSolar    = "SELECT id, event FROM django_celery_beat_solarschedule WHERE event = ? AND latitude = ? AND longitude = ? ORDER BY id"
	insertSolar    = "INSERT INTO django_celery_beat_solarschedule (event, latitude, longitude) VALUES (?, ?, ?)"
	selectClocked  = "SELECT id FROM django_celery_beat_clockedschedule WHERE clocked_time = ? ORDER BY id"
	insertClocked  = "INSERT INTO django_celery_beat_clockedschedule (clocked_time) VALUES (?)"
)

// FindPeriodic implements periodic.Store.
func (s *Store) FindPeriodic(ctx context.Context, id int64) (schedule.Row, error) {
	return read(ctx, s, "find schedule", func(c sqldb.Conn) (schedule.Row, error) { return one(c, s.unreadable.schedules(), selectSchedule, id) })
}

// ListPeriodic implements periodic.Store.
func (s *Store) ListPeriodic(ctx context.Context, f periodic.Filter, offset int64, limit int) ([]schedule.Row, error) {
	w := s.periodicFilter(f)
	return read(ctx, s, "list schedules", func(c sqldb.Conn) ([]schedule.Row, error) {
		return all(c, s.unreadable.schedules(), selectSchedules+w.String()+" ORDER BY p.id LIMIT ? OFFSET ?", w.with(int64(limit), offset)...)
	})
}

// CountPeriodic implements periodic.Store.
func (s *Store) CountPeriodic(ctx context.Context, f periodic.Filter) (int64, error) {
	w := s.periodicFilter(f)
	return s.readInteger(ctx, "count schedules", countPeriodic+w.String(), w.args...)
}

// periodicFilter returns the condition of a filter.
func (d *dialect) periodicFilter(f periodic.Filter) (w where) {
	w.addFlag("p.enabled", f.Enabled)
	if f.Task != "" {
		names := schedule.TaskNames(f.Task)
		w.add("(p.task = ? OR p.task = ?)", names[0], names[len(names)-1])
	}
	d.addWords(&w, f.Words, "p.name", "p.task", "p.description")
	return w
}

// TakenScheduleName implements periodic.Tx.
func (t *tx) TakenScheduleName(name string, except int64) (bool, error) {
	return exists(t, takenScheduleName, name, except)
}

// InsertSchedule implements periodic.Tx.
func (t *tx) InsertSchedule(r schedule.Row) (int64, error) {
	values, err := t.periodicColumns(r)
	if err != nil {
		return 0, err
	}
	return insert(t, insertPeriodic, values...)
}

// UpdateSchedule implements periodic.Tx. It keeps columns that only Celery
// uses.
func (t *tx) UpdateSchedule(r schedule.Row) error {
	values, err := t.periodicColumns(r)
	if err != nil {
		return err
	}
	return exec(t, updatePeriodic, append(values, r.ID)...)
}

// DeleteSchedule implements periodic.Tx. As with django-celery-beat, the
// referenced schedule stays, because other entries may use it.
func (t *tx) DeleteSchedule(id int64) error {
	return t.deleteRow("django_celery_beat_periodictask", id)
}

// periodicColumns returns the values of an entry, in the order of insertPeriodic.
func (t *tx) periodicColumns(r schedule.Row) ([]driver.Value, error) {
	var priority, expireSeconds driver.Value
	if r.Priority != nil {
		priority = int64(*r.Priority)
	}
	if r.ExpireSeconds > 0 {
		expireSeconds = r.ExpireSeconds
	}
	values := []driver.Value{
		r.Name, r.Task, r.Description, r.Args, r.Kwargs, textOrNull(r.Queue), priority, flag(r.Enabled), flag(r.OneOff),
		timeOrNull(r.StartTime), timeOrNull(r.Expires), expireSeconds, sqldb.FormatTime(r.Changed), timeOrNull(r.LastRunAt), r.TotalRunCount,
	}
	ids, err := t.scheduleIDs(r)
	return append(values, ids...), err
}

// scheduleIDs returns the ids of the crontab, interval, solar and clocked
// schedule of an entry, of which it has exactly one.
func (t *tx) scheduleIDs(r schedule.Row) ([]driver.Value, error) {
	ids := make([]driver.Value, 4)
	var place int
	var query, statement string
	var args []driver.Value
	switch {
	case r.Crontab != nil:
		c := r.Crontab
		query, statement = selectCrontab, insertCrontab
		args = []driver.Value{c.Minute, c.Hour, c.DayOfWeek, c.DayOfMonth, c.MonthOfYear, c.Timezone}
	case r.Interval != nil:
		place, query, statement = 1, selectInterval, insertInterval
		args = []driver.Value{r.Interval.Every, r.Interval.Period}
	case r.Solar != nil:
		place, query, statement = 2, selectSolar, insertSolar
		args = []driver.Value{r.Solar.Event, degrees(r.Solar.Latitude), degrees(r.Solar.Longitude)}
	case !r.Clocked.IsZero():
		place, query, statement = 3, selectClocked, insertClocked
		args = []driver.Value{sqldb.FormatTime(r.Clocked)}
	default:
		return nil, errors.New("the entry has no schedule")
	}
	id, err := t.sameOrNew(query, statement, args)
	ids[place] = id
	return ids, err
}

// degrees formats an angle as stored.
func degrees(angle float64) string { return strconv.FormatFloat(angle, 'f', 6, 64) }

// sameOrNew returns the id of the row with those values, and adds it if
// necessary.
func (t *tx) sameOrNew(query, statement string, args []driver.Value) (id int64, err error) {
	err = t.Query(query, func(row []driver.Value) error {
		for i, value := range row[1:] {
			if textOf(value) != fmt.Sprint(args[i]) {
				return nil
			}
		}
		return sqldb.FirstError(sqldb.Scan(row, &id), sqldb.ErrEnough)
	}, args...)
	if err != nil || id > 0 {
		return id, err
	}
	return insert(t, statement, args...)
}
