package tasks

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strconv"
	"time"

	"roster/internal/fault"
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
func (s *Store) LastEdit(ctx context.Context) (edit string, err error) {
	err = s.db.Read(ctx, "look for edited schedules", func(c sqldb.Conn) error {
		texts, err := sqldb.Texts(c, selectLastEdit)
		if len(texts) > 0 {
			edit = texts[0]
		}
		return err
	})
	return edit, err
}

// ListSchedules implements task.Timetable.
func (s *Store) ListSchedules(ctx context.Context) (rows []schedule.Row, err error) {
	err = s.db.Read(ctx, "list schedules", func(c sqldb.Conn) error {
		rows, err = listSchedules(c, selectEnabled)
		return err
	})
	return rows, err
}

// FindSchedule implements task.BeatTx. Of the joined rows only the entry's is
// locked.
func (t tx) FindSchedule(id int64) (schedule.Row, error) {
	if _, err := sqldb.Texts(t, lockSchedule+t.o.ForUpdate, id); err != nil {
		return schedule.Row{}, err
	}
	return findSchedule(t, id)
}

func findSchedule(c sqldb.Conn, id int64) (schedule.Row, error) {
	rows, err := listSchedules(c, selectSchedule, id)
	if err == nil && len(rows) == 0 {
		err = fault.New(fault.NotFound, "Not found.")
	}
	if err != nil {
		return schedule.Row{}, err
	}
	return rows[0], nil
}

// ClaimSlot implements task.BeatTx.
func (t tx) ClaimSlot(id int64, slot time.Time) error {
	_, err := t.Exec(insertSlot, id, sqldb.FormatTime(slot))
	return err
}

// SaveRun implements task.BeatTx. An entry that is disabled is an edit, which
// other schedulers are to see, as django-celery-beat's own does it.
func (t tx) SaveRun(before, after schedule.Entry) error {
	_, err := t.Exec(updateRun, timeOrNull(after.LastRunAt), after.TotalRunCount, flag(after.Enabled), after.ID)
	if err != nil || before.Enabled == after.Enabled {
		return err
	}
	return t.TouchSchedules(time.Now())
}

// TouchSchedules implements periodic.Tx.
func (t tx) TouchSchedules(at time.Time) error {
	at = at.UTC().Truncate(time.Microsecond)
	result, err := t.Exec(updateLastEdit, sqldb.FormatTime(at))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	_, err = t.Exec(insertLastEdit, sqldb.FormatTime(at))
	return err
}

func listSchedules(c sqldb.Conn, query string, args ...driver.Value) (rows []schedule.Row, err error) {
	err = c.Query(query, func(row []driver.Value) error {
		r, err := scanSchedule(row)
		rows = append(rows, r)
		return err
	}, args...)
	return rows, err
}

// scanSchedule reads a row of selectSchedules.
func scanSchedule(row []driver.Value) (r schedule.Row, err error) {
	text := func(i int) string { return sqldb.TextOf(row[i]).String }
	integer := func(i int) int64 { n, _ := row[i].(int64); return n }
	r.ID, r.Name, r.Task, r.Args, r.Kwargs, r.Queue = integer(0), text(1), text(2), text(3), text(4), text(5)
	if row[6] != nil {
		priority := intOf(row[6])
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
		var ok bool
		if *at, ok = sqldb.ParseTime(text(i)); !ok && row[i] != nil {
			return r, fault.Wrap(fault.Internal, "A stored schedule cannot be read.",
				fmt.Errorf("django_celery_beat_periodictask, id %d: column %d is no time", r.ID, i))
		}
	}
	return r, nil
}
