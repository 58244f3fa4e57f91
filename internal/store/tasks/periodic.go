package tasks

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"roster/internal/store/sqldb"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

const (
	countPeriodic     = "SELECT COUNT(*) FROM django_celery_beat_periodictask p"
	byID              = " ORDER BY p.id LIMIT ? OFFSET ?"
	takenScheduleName = "SELECT EXISTS (SELECT 1 FROM django_celery_beat_periodictask WHERE name = ? AND id <> ?)"

	// What both of the next two set, in the order of periodicColumns.
	insertPeriodic = "INSERT INTO django_celery_beat_periodictask (name, task, description, args, kwargs, queue, priority, enabled, one_off," +
		" start_time, expires, expire_seconds, date_changed, last_run_at, total_run_count, crontab_id, interval_id, solar_id, clocked_id, headers)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}')"
	updatePeriodic = "UPDATE django_celery_beat_periodictask SET name = ?, task = ?, description = ?, args = ?, kwargs = ?, queue = ?," +
		" priority = ?, enabled = ?, one_off = ?, start_time = ?, expires = ?, expire_seconds = ?, date_changed = ?, last_run_at = ?," +
		" total_run_count = ?, crontab_id = ?, interval_id = ?, solar_id = ?, clocked_id = ? WHERE id = ?"
	deletePeriodic = "DELETE FROM django_celery_beat_periodictask WHERE id = ?"

	// The columns of texts may have any collation: what is found is compared again.
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
func (s *Store) FindPeriodic(ctx context.Context, id int64) (r schedule.Row, err error) {
	err = s.db.Read(ctx, "find schedule", func(c sqldb.Conn) error {
		r, err = findSchedule(c, id)
		return err
	})
	return r, err
}

// ListPeriodic implements periodic.Store.
func (s *Store) ListPeriodic(ctx context.Context, f periodic.Filter, offset int64, limit int) (rows []schedule.Row, err error) {
	where, args := s.filterPeriodic(f)
	err = s.db.Read(ctx, "list schedules", func(c sqldb.Conn) error {
		rows, err = listSchedules(c, selectSchedules+where+byID, append(args, int64(limit), offset)...)
		return err
	})
	return rows, err
}

// CountPeriodic implements periodic.Store.
func (s *Store) CountPeriodic(ctx context.Context, f periodic.Filter) (n int64, err error) {
	where, args := s.filterPeriodic(f)
	err = s.db.Read(ctx, "count schedules", func(c sqldb.Conn) error {
		n, err = sqldb.Integer(c, countPeriodic+where, args...)
		return err
	})
	return n, err
}

// filterPeriodic returns the WHERE clause of a filter, "" for none, and its
// arguments.
func (s *Store) filterPeriodic(f periodic.Filter) (where string, args []driver.Value) {
	var conditions []string
	if f.Enabled != nil {
		conditions, args = append(conditions, "p.enabled = ?"), append(args, flag(*f.Enabled))
	}
	if f.Task != "" {
		conditions, args = append(conditions, "p.task = ?"), append(args, f.Task)
	}
	for _, word := range f.Words {
		condition, pattern := s.o.HasWord(word, "p.name", "p.task", "p.description")
		conditions, args = append(conditions, condition), append(args, pattern)
	}
	if len(conditions) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

// TakenScheduleName implements periodic.Tx.
func (t tx) TakenScheduleName(name string, except int64) (bool, error) {
	n, err := sqldb.Integer(t, takenScheduleName, name, except)
	return n == 1, err
}

// InsertSchedule implements periodic.Tx.
func (t tx) InsertSchedule(r schedule.Row) (int64, error) {
	values, err := t.periodicColumns(r)
	if err != nil {
		return 0, err
	}
	result, err := t.Exec(insertPeriodic, values...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// UpdateSchedule implements periodic.Tx. Columns that Celery alone uses stay.
func (t tx) UpdateSchedule(r schedule.Row) error {
	values, err := t.periodicColumns(r)
	if err != nil {
		return err
	}
	_, err = t.Exec(updatePeriodic, append(values, r.ID)...)
	return err
}

// DeleteSchedule implements periodic.Tx. The schedule that it refers to stays, as
// with django-celery-beat: other entries may refer to it.
func (t tx) DeleteSchedule(id int64) error {
	_, err := t.Exec(deletePeriodic, id)
	return err
}

// periodicColumns returns the values of an entry, in the order of insertPeriodic.
func (t tx) periodicColumns(r schedule.Row) ([]driver.Value, error) {
	var queue, priority, expireSeconds driver.Value
	if r.Queue != "" {
		queue = r.Queue
	}
	if r.Priority != nil {
		priority = int64(*r.Priority)
	}
	if r.ExpireSeconds > 0 {
		expireSeconds = r.ExpireSeconds
	}
	values := []driver.Value{
		r.Name, r.Task, r.Description, r.Args, r.Kwargs, queue, priority, flag(r.Enabled), flag(r.OneOff),
		timeOrNull(r.StartTime), timeOrNull(r.Expires), expireSeconds, sqldb.FormatTime(r.Changed), timeOrNull(r.LastRunAt), r.TotalRunCount,
	}
	ids, err := t.scheduleIDs(r)
	return append(values, ids...), err
}

// scheduleIDs returns the ids of the crontab, the interval, the solar and the
// clocked schedule of an entry, of which it has one.
func (t tx) scheduleIDs(r schedule.Row) ([]driver.Value, error) {
	ids := make([]driver.Value, 4)
	var place int
	var query, insert string
	var args []driver.Value
	switch {
	case r.Crontab != nil:
		c := r.Crontab
		query, insert = selectCrontab, insertCrontab
		args = []driver.Value{c.Minute, c.Hour, c.DayOfWeek, c.DayOfMonth, c.MonthOfYear, c.Timezone}
	case r.Interval != nil:
		place, query, insert = 1, selectInterval, insertInterval
		args = []driver.Value{r.Interval.Every, r.Interval.Period}
	case r.Solar != nil:
		place, query, insert = 2, selectSolar, insertSolar
		args = []driver.Value{r.Solar.Event, degrees(r.Solar.Latitude), degrees(r.Solar.Longitude)}
	case !r.Clocked.IsZero():
		place, query, insert = 3, selectClocked, insertClocked
		args = []driver.Value{sqldb.FormatTime(r.Clocked)}
	default:
		return nil, errors.New("the entry has no schedule")
	}
	id, err := t.sameOrNew(query, insert, args)
	ids[place] = id
	return ids, err
}

// degrees returns an angle as the columns hold it.
func degrees(angle float64) string { return strconv.FormatFloat(angle, 'f', 6, 64) }

// sameOrNew returns the id of the row whose columns have those values, which it
// adds if there is none.
func (t tx) sameOrNew(query, insert string, args []driver.Value) (id int64, err error) {
	err = t.Query(query, func(row []driver.Value) error {
		for i, value := range row[1:] {
			if sqldb.TextOf(value).String != fmt.Sprint(args[i]) {
				return nil
			}
		}
		id, _ = row[0].(int64)
		return sqldb.ErrEnough
	}, args...)
	if err != nil || id > 0 {
		return id, err
	}
	result, err := t.Exec(insert, args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}
