package store

import (
	"context"
	"database/sql/driver"
	"strconv"
	"strings"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/task/schedule"
)

const (
	selectSchedules = "SELECT p.id, p.name, p.task, p.args, p.kwargs, p.queue, p.priority, p.one_off, p.enabled," +
		" p.start_time || '', p.expires || '', p.expire_seconds, p.date_changed || '', p.last_run_at || '', p.total_run_count," +
		" c.minute, c.hour, c.day_of_week, c.day_of_month, c.month_of_year, c.timezone," +
		" i.every, i.period, s.event, s.latitude, s.longitude, k.clocked_time || '', p.description" +
		" FROM django_celery_beat_periodictask p" +
		" LEFT JOIN django_celery_beat_crontabschedule c ON c.id = p.crontab_id" +
		" LEFT JOIN django_celery_beat_intervalschedule i ON i.id = p.interval_id" +
		" LEFT JOIN django_celery_beat_solarschedule s ON s.id = p.solar_id" +
		" LEFT JOIN django_celery_beat_clockedschedule k ON k.id = p.clocked_id"
	selectEnabled  = selectSchedules + " WHERE p.enabled = 1 ORDER BY p.id"
	selectSchedule = selectSchedules + " WHERE p.id = ?"
	lockSchedule   = "SELECT id FROM django_celery_beat_periodictask WHERE id = ?"

	selectLastEdit = "SELECT last_update || '' FROM django_celery_beat_periodictasks WHERE ident = 1"
	updateLastEdit = "UPDATE django_celery_beat_periodictasks SET last_update = ? WHERE ident = 1"
	insertLastEdit = "INSERT INTO django_celery_beat_periodictasks (last_update, ident) VALUES (?, 1)"

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
	return read(ctx, s, "list schedules", func(c sqldb.Conn) ([]schedule.Row, error) { return all(c, scanSchedule, selectEnabled) })
}

// FindSchedule implements task.Tx and periodic.Tx. Of the joined rows, it only
// locks the entry's.
func (t *tx) FindSchedule(id int64) (schedule.Row, error) {
	if _, err := sqldb.Texts(t, lockSchedule+t.forUpdate, id); err != nil {
		return schedule.Row{}, err
	}
	return one(t, scanSchedule, selectSchedule, id)
}

// ClaimSlot implements task.Tx.
func (t *tx) ClaimSlot(id int64, slot time.Time) error {
	return exec(t, insertSlot, id, sqldb.FormatTime(slot))
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
	text := func(i int) string { return textOf(row[i]) }
	integer := func(i int) int64 { return int64Of(row[i]) }
	r.ID, r.Name, r.Task, r.Args, r.Kwargs, r.Queue = integer(0), text(1), text(2), text(3), text(4), text(5)
	if row[6] != nil {
		priority := int(integer(6))
		r.Priority = &priority
	}
	r.Description = text(27)
	r.OneOff, r.Enabled = sqldb.IsTrue(row[7]), sqldb.IsTrue(row[8])
	r.ExpireSeconds, r.TotalRunCount = integer(11), integer(14)
	switch {
	case row[15] != nil:
		r.Crontab = &schedule.CrontabSpec{
			Minute: text(15), Hour: text(16), DayOfWeek: text(17), DayOfMonth: text(18), MonthOfYear: text(19), Timezone: text(20),
		}
	case row[21] != nil:
		r.Interval = &schedule.IntervalSpec{Every: integer(21), Period: text(22)}
	case row[23] != nil:
		r.Solar = &schedule.SolarSpec{Event: text(23)}
		if r.Solar.Latitude, err = strconv.ParseFloat(text(24), 64); err != nil {
			return r, err
		}
		if r.Solar.Longitude, err = strconv.ParseFloat(text(25), 64); err != nil {
			return r, err
		}
	}
	for i, at := range map[int]*time.Time{9: &r.StartTime, 10: &r.Expires, 12: &r.Changed, 13: &r.LastRunAt, 26: &r.Clocked} {
		if *at, err = timeOf(row[i], "django_celery_beat_periodictask"); err != nil {
			return r, err
		}
	}
	return r, nil
}
