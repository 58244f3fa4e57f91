package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"roster/internal/fault"
)

// Stored returns the row in the form in which it is stored: one that
// django-celery-beat 2.5 with Celery 5.3 loads, reads the same, and survives, and
// that Django's forms accept. Celery ignores rows with a 7 for Sunday or a month
// by its name. At days that never occur, and on days without an event of the sun,
// its beat ends, and with it all schedules. The error is Invalid, and names the
// wrong columns.
func (r Row) Stored() (Row, error) {
	e, err := r.Read()
	if err != nil {
		return r, err
	}
	var wrong fault.Fields
	switch s := e.Schedule.(type) {
	case Crontab:
		if !s.occurs() {
			wrong.Add("day_of_month", fmt.Sprintf("The day_of_month %q never occurs in the month_of_year %q.", s.spec.DayOfMonth, s.spec.MonthOfYear))
		}
		spec := s.stored()
		r.Crontab = &spec
	case Interval:
		if time.Duration(s.every)*periods[s.period] < shortest {
			wrong.Add("every", fmt.Sprintf("The number every is %d, which is less than a second in %s.", s.every, s.period))
		}
	case Solar:
		if !s.everyDay() {
			wrong.Add("event", fmt.Sprintf("The event %q does not occur every day of the year at the latitude %v, which ends Celery's beat.", s.event, s.latitude))
		}
	}
	return r, wrong.Err()
}

// occurs reports whether there are slots. Every weekday falls on every date that
// exists within 40 years.
func (c Crontab) occurs() bool {
	_, ok := c.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	return ok
}

// everyDay reports whether the event occurs on both solstices, and so all year.
// Celery 5.3 fails with a TypeError on a day without the event.
func (s Solar) everyDay() bool {
	_, summer := s.hourAngle(solstice)
	_, winter := s.hourAngle(-solstice)
	return summer && winter
}

// solstice is the greatest declination of the sun, in degrees, with a margin of
// half a degree for other ways to compute it.
const solstice = 23.5 + 0.5

func (c Crontab) stored() CrontabSpec {
	return CrontabSpec{
		Minute:      minuteField.stored(c.spec.Minute, c.minutes),
		Hour:        hourField.stored(c.spec.Hour, c.hours),
		DayOfWeek:   dayOfWeekField.stored(c.spec.DayOfWeek, c.weekdays),
		DayOfMonth:  dayOfMonthField.stored(c.spec.DayOfMonth, c.days),
		MonthOfYear: monthField.stored(c.spec.MonthOfYear, c.months),
		Timezone:    c.spec.Timezone,
	}
}

// stored returns the text of a column if Celery and Django's forms read it as
// these numbers, and otherwise a list of the numbers.
func (f field) stored(text string, numbers set) string {
	for part := range strings.SplitSeq(text, ",") {
		if !f.isPlain(part) {
			return f.list(numbers)
		}
	}
	return text
}

// isPlain reports whether an item, which is valid, has a short step, no range
// that wraps around, and only numbers and the days of the week from sun to sat.
func (f field) isPlain(part string) bool {
	span, stepText, stepped := strings.Cut(part, "/")
	if step, err := strconv.Atoi(stepText); stepped && (err != nil || step > f.max) {
		return false
	}
	if span == "*" {
		return true
	}
	from, to, isRange := strings.Cut(span, "-")
	first, last := f.plainNumber(from), f.max
	if isRange {
		last = f.plainNumber(to)
	}
	return first >= f.min && first <= last && last <= f.max
}

// plainNumber returns the number of a text, -1 if Celery or Django's forms do not
// know it.
func (f field) plainNumber(text string) int {
	if n, err := strconv.ParseUint(text, 10, 8); err == nil {
		return int(n)
	}
	if n, err := f.parseNumber(text); err == nil && len(text) == 3 && f.name == dayOfWeekField.name {
		return n
	}
	return -1
}

// list returns numbers as text such as "*" or "0,8-17,20".
func (f field) list(numbers set) string {
	if numbers.size() == f.max-f.min+1 {
		return "*"
	}
	var items []string
	for first := numbers.from(0); first >= 0; {
		last := first
		for numbers.has(last + 1) {
			last++
		}
		switch last - first {
		case 0:
			items = append(items, strconv.Itoa(first))
		case 1:
			items = append(items, strconv.Itoa(first), strconv.Itoa(last))
		default:
			items = append(items, fmt.Sprintf("%d-%d", first, last))
		}
		first = numbers.from(last + 1)
	}
	return strings.Join(items, ",")
}
