package schedule

import (
	"time"

	"roster/internal/fault"
	"roster/internal/zone"
)

// CrontabSpec is a row of django_celery_beat_crontabschedule. Specs are
// comparable: equal specs are equal schedules.
type CrontabSpec struct {
	Minute, Hour, DayOfWeek, DayOfMonth, MonthOfYear string

	// Timezone is an IANA name, such as Europe/Berlin.
	Timezone string
}

// Crontab runs in the minutes that match all five fields. As in Celery, if both
// day of week and day of month are restricted, a day must satisfy both, unlike
// Vixie cron. Create one with ParseCrontab; the zero value never runs.
type Crontab struct {
	spec           CrontabSpec
	minutes, hours set
	days, months   set
	weekdays       set // 0 is Sunday
	zone           *time.Location
}

// ParseCrontab parses a row in Celery's crontab syntax: lists of "*", numbers
// and ranges such as "8-17" or "fri-mon", with steps such as "*/15"; names of
// days and months in any case; 0 and 7 for Sunday. The error is Invalid and
// names every wrong column with its value.
func ParseCrontab(spec CrontabSpec) (Crontab, error) {
	var wrong fault.Fields
	read := func(f field, text string) set {
		numbers, err := f.parse(text)
		if err != nil {
			wrong.Add(f.name, "The "+sentence(err))
		}
		return numbers
	}
	c := Crontab{
		spec:     spec,
		minutes:  read(minuteField, spec.Minute),
		hours:    read(hourField, spec.Hour),
		weekdays: read(dayOfWeekField, spec.DayOfWeek),
		days:     read(dayOfMonthField, spec.DayOfMonth),
		months:   read(monthField, spec.MonthOfYear),
	}
	var err error
	if c.zone, err = zone.Load(spec.Timezone); err != nil {
		wrong.Add("timezone", "The timezone "+sentence(err))
	}
	if err := wrong.Err(); err != nil {
		return Crontab{}, err
	}
	return c, nil
}

// Spec returns the specification of the crontab.
func (c Crontab) Spec() CrontabSpec { return c.spec }

// Next returns the first slot after that time. A crontab for dates that do not
// exist, such as 31 February, has none.
func (c Crontab) Next(after time.Time) (time.Time, bool) {
	if c.zone == nil || !storable(after) {
		return time.Time{}, false
	}
	wall, ok := c.match(nextMinute(after, c.zone))
	if !ok {
		return time.Time{}, false
	}
	return slot(zone.First(wall, c.zone))
}

func (c Crontab) last(after, now time.Time) (time.Time, bool) { return lastOf(c, after, now) }

func (c Crontab) rewind(_, to time.Time) time.Time { return to }

// match returns the first matching wall-clock minute at or after from, a whole
// minute.
func (c Crontab) match(from time.Time) (time.Time, bool) {
	year, month, day := from.Date()
	if c.daysOf(year, month).has(day) {
		if hour, minute := c.timeOfDay(from.Hour(), from.Minute()); hour >= 0 {
			return time.Date(year, month, day, hour, minute, 0, 0, time.UTC), true
		}
	}
	for range searchedMonths {
		if found := c.daysOf(year, month).from(day + 1); found >= 0 {
			return time.Date(year, month, found, c.hours.from(0), c.minutes.from(0), 0, 0, time.UTC), true
		}
		day = 0
		if month++; month > time.December {
			year, month = year+1, time.January
		}
	}
	return time.Time{}, false
}

// searchedMonths exceeds the longest gap between slots: forty years, for a
// weekday on 29 February around a year such as 2100.
const searchedMonths = 41 * 12

// timeOfDay returns the first matching time of a day at or after hour and
// minute; the hour is -1 if there is none.
func (c Crontab) timeOfDay(hour, minute int) (int, int) {
	if c.hours.has(hour) {
		if found := c.minutes.from(minute); found >= 0 {
			return hour, found
		}
	}
	return c.hours.from(hour + 1), c.minutes.from(0)
}

// daysOf returns the matching days of a month.
func (c Crontab) daysOf(year int, month time.Month) set {
	if !c.months.has(int(month)) {
		return 0
	}
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	weekdays := c.weekdays * sixWeeks >> first.Weekday() << 1
	return c.days & weekdays & (1<<(last+1) - 1)
}

// sixWeeks repeats a set of weekdays for as many weeks as a month can overlap.
const sixWeeks = 1 | 1<<7 | 1<<14 | 1<<21 | 1<<28 | 1<<35
