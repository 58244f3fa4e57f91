package lang

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/number"
)

// Number returns an integer with the separators of the language: 1,234.
func (l *Language) Number(n int64) string { return l.numbers.Sprint(number.Decimal(n)) }

// format returns an argument of a text.
func (l *Language) format(arg any) string {
	switch v := arg.(type) {
	case string:
		return v
	case int:
		return l.Number(int64(v))
	case int64:
		return l.Number(v)
	}
	return fmt.Sprint(arg)
}

// The layouts of dates: translations are layouts of package time. Names of months
// are translated too.
const (
	dayLayout      = "2 Jan 2006"
	shortDayLayout = "2 Jan"
	longDayLayout  = "2 January"
	fullDayLayout  = "2 January 2006"
	monthLayout    = "January 2006"
	timeLayout     = "2 Jan 2006, 15:04"
)

// Day returns the day of a time: "2 Jan 2006".
func (l *Language) Day(t time.Time) string { return l.date(dayLayout, t) }

// Time returns a time to the minute: "2 Jan 2006, 15:04".
func (l *Language) Time(t time.Time) string { return l.date(timeLayout, t) }

// ShortDay returns a day without its year: "2 Jan".
func (l *Language) ShortDay(t time.Time) string { return l.date(shortDayLayout, t) }

// LongDay returns a day with the full name of its month, without the year.
func (l *Language) LongDay(t time.Time) string { return l.date(longDayLayout, t) }

// Month returns the name of a month.
func (l *Language) Month(m time.Month) string { return l.In("month", m.String()) }

// date formats a time in a layout of the language.
func (l *Language) date(layout string, t time.Time) string {
	layout = l.In("date", layout)
	if l.isEnglish() {
		return t.Format(layout)
	}
	const long, short = "\x01", "\x02"
	layout = strings.Replace(layout, "January", long, 1)
	layout = strings.Replace(layout, "Jan", short, 1)
	text := t.Format(layout)
	text = strings.Replace(text, long, l.In("month in a date", t.Month().String()), 1)
	return strings.Replace(text, short, l.In("short month", t.Month().String()[:3]), 1)
}

// Ago returns a time as people say it at now, in the same zone: "5 minutes ago",
// "in 2 days", or the day if it is a week or more away.
func (l *Language) Ago(at, now time.Time) string {
	const day = 24 * time.Hour
	away := at.Sub(now)
	if away > 0 {
		return l.ahead(at, away)
	}
	switch away = -away; {
	case away < time.Minute:
		return l.T("just now")
	case away < time.Hour:
		return l.N(int64(away/time.Minute), "%s minute ago", "%s minutes ago")
	case away < day:
		return l.N(int64(away/time.Hour), "%s hour ago", "%s hours ago")
	case away < 7*day:
		return l.N(int64(away/day), "%s day ago", "%s days ago")
	}
	return l.Day(at)
}

func (l *Language) ahead(at time.Time, away time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case away < time.Minute:
		return l.T("in a moment")
	case away < time.Hour:
		return l.N(int64(away/time.Minute), "in %s minute", "in %s minutes")
	case away < day:
		return l.N(int64(away/time.Hour), "in %s hour", "in %s hours")
	case away < 7*day:
		return l.N(int64(away/day), "in %s day", "in %s days")
	}
	return l.Day(at)
}

// FullDay returns a day with the full name of its month: "2 January 2006".
func (l *Language) FullDay(t time.Time) string { return l.date(fullDayLayout, t) }

// MonthOf returns the month of a time with its year: "January 2006".
func (l *Language) MonthOf(t time.Time) string { return l.date(monthLayout, t) }
