package store

import (
	"context"
	"database/sql/driver"
	"strings"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/task/schedule"
)

const (
	selectSchedules = "SELECT p.id, p.name, p.task, p.args, p.kwargs, p.queue, p.priority, p.one_off, p.enabled," +
		" CAST(p.start_time AS CHAR), CAST(p.expires AS CHAR), p.expire_seconds, CAST(p.date_changed AS CHAR), CAST(p.last_run_at AS CHAR), p.total_run_count," +
		" c.minute, c.hour, c.day_of_week, c.day_of_month, c.month_of_year, c.timezone," +
		" i.every, i.period, s.event, s.latitude, s.longitude, CAST(k.clocked_time AS CHAR), p.description" +
		" FROM django_celery_beat_periodictask p" +
		" LEFT JOIN django_celery_beat_crontabschedule c ON c.id = p.crontab_id" +
		" LEFT JOIN django_celery_beat_intervalschedule i ON i.id = p.interval_id" +
		" LEFT JOIN django_celery_beat_solarschedule s ON s.id = p.solar_id" +
		" LEFT JOIN django_celery_beat_clockedschedule k ON k.id = p.clocked_id"
	selectEnabled  = selectSchedules + " WHERE p.enabled = 1 ORDER BY p.id"
	selectSchedule = selectSchedules + " WHERE p.id = ?"
	lockSchedule   = "SELECT id FROM django_celery_beat_periodictask WHERE id = ?"

	selectLastEdit = "SELECT CAST(last_update AS CHAR) FROM django_celery_beat_periodictasks WHERE ident = 1"
	updateLastEdit = "UPDATE django_celery_beat_periodictasks SET last_update = ? WHERE ident = 1"
	insertLastEdit = "INSERT INTO django_celery_beat_periodictasks (last_update, ident) VALUES (?, 1)"

	selectEditor = "SELECT actor, CAST(created_at AS CHAR) FROM roster_audit_entries WHERE object_type = 'schedule' AND object_id = ? ORDER BY id DESC LIMIT 1"

	insertSlot = "INSERT INTO roster_task_slots (schedule_id, slot) VALUES (?, ?)"
	updateRun  = "UPDATE django_celery_beat_periodictask SET last_run_at = ?, total_run_count = ?, enabled = ? WHERE id = ?"
)

// LastEdit implements task.Timetable.
func (s *Store) LastEdit(ctx context.Context) (string, error) {
	return read(ctx, s, "look for edited schedules", func(c sqldb.Conn) (string, error) {
		texts, err := sqldb.Texts(c, selectLastEdit)
		return strings.Join(texts, ""), err
	})
}

// ListSchedules implements task.Timetable.
func (s *Store) ListSchedules(ctx context.Context) ([]schedule.Row, error) {
	return read(ctx, s, "list schedules", func(c sqldb.Conn) ([]schedule.Row, error) {
		return all(c, s.unreadable.schedules(), selectEnabled)
	})
}

// FindSchedule implements task.Tx and periodic.Tx. Of the joined rows, it only
// locks the entry's.
func (t *tx) FindSchedule(id int64) (schedule.Row, error) {
	if _, err := sqldb.Texts(t, lockSchedule+t.forUpdate, id); err != nil {
		return schedule.Row{}, err
	}
	return one(t, t.unreadable.schedules(), selectSchedule, id)
}

// ClaimSlot implements task.Tx.
func (t *tx) ClaimSlot(id int64, slot time.Time) error {
	return exec(t, insertSlot, id, sqldb.FormatTime(slot))
}

// ScheduleEditor implements task.Tx.
func (t *tx) ScheduleEditor(id int64) (name string, at time.Time, err error) {
	err = t.Query(selectEditor, func(row []driver.Value) error { return sqldb.Scan(row, &name, &at) }, id)
	return name, at, err
}

// SaveRun implements task.Tx. Disabling an entry is an edit, which other
// schedulers must notice, as with django-celery-beat.
func (t *tx) SaveRun(before, after schedule.Entry) error {
	err := exec(t, updateRun, timeOrNull(after.LastRunAt), after.TotalRunCount, flag(after.Enabled), after.ID)
	if err != nil || before.Enabled == after.Enabled {
		return err
	}
	return t.TouchSchedules(time.Now())
}

// TouchSchedules implements periodic.Tx.
func (t *tx) TouchSchedules(at time.Time) error {
	if n, err := change(t, updateLastEdit, sqldb.FormatTime(at)); err != nil || n > 0 {
		return err
	}
	return exec(t, insertLastEdit, sqldb.FormatTime(at))
}

// scanSchedule reads a row of selectSchedules.
func scanSchedule(row []driver.Value) (r schedule.Row, err error) {
	var priority int
	var crontab schedule.CrontabSpec
	var interval schedule.IntervalSpec
	var solar schedule.SolarSpec
	err = sqldb.Scan(row, &r.ID, &r.Name, &r.Task, &r.Args, &r.Kwargs, &r.Queue, &priority, &r.OneOff, &r.Enabled,
		&r.StartTime, &r.Expires, &r.ExpireSeconds, &r.Changed, &r.LastRunAt, &r.TotalRunCount,
		&crontab.Minute, &crontab.Hour, &crontab.DayOfWeek, &crontab.DayOfMonth, &crontab.MonthOfYear, &crontab.Timezone,
		&interval.Every, &interval.Period, &solar.Event, &solar.Latitude, &solar.Longitude, &r.Clocked, &r.Description)
	r.Unreadable = err != nil
	if row[6] != nil {
		r.Priority = &priority
	}
	switch {
	case row[15] != nil:
		r.Crontab = &crontab
	case row[21] != nil:
		r.Interval = &interval
	case row[23] != nil:
		r.Solar = &solar
	}
	return r, err
}
