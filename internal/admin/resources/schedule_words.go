package resources

import (
	"context"
	"slices"
	"strconv"
	"time"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/fault"
	"roster/internal/task/schedule"
)

// The kinds of schedules that the form says in words. They are stored as crontabs.
const (
	daily   = "daily"
	weekly  = "weekly"
	monthly = "monthly"
	nth     = "nth" // a weekday of a week of the month
	hourly  = "hourly"
)

// ofCrontab are the kinds that are stored as crontabs, for site.When.
const ofCrontab = daily + " " + weekly + " " + monthly + " " + nth + " " + hourly + " " + byCrontab

// kindChoices are the choices of the form.
var kindChoices = []site.Choice{
	{Value: daily, Label: "Every day"},
	{Value: weekly, Label: "Every week, on a weekday"},
	{Value: monthly, Label: "Every month, on a date"},
	{Value: nth, Label: "Every month, on a weekday such as the first Monday"},
	{Value: hourly, Label: "Every hour"},
	{Value: byInterval, Label: "Every few minutes, hours or days"},
	{Value: byClocked, Label: "Once"},
	{Value: byCrontab, Label: "Custom crontab"},
	{Value: bySolar, Label: "At an event of the sun"},
}

// weekdayChoices have the values of day_of_week. A schedule of a week of the month has
// one of the first seven.
var weekdayChoices = []site.Choice{
	{Value: "1", Label: "Monday"}, {Value: "2", Label: "Tuesday"}, {Value: "3", Label: "Wednesday"}, {Value: "4", Label: "Thursday"},
	{Value: "5", Label: "Friday"}, {Value: "6", Label: "Saturday"}, {Value: "0", Label: "Sunday"}, {Value: "1-5", Label: "Monday to Friday"},
}

// weekChoices have the values of day_of_month: in Celery the day of the week must match
// as well. No crontab has the last week of a month.
var weekChoices = []site.Choice{
	{Value: "1-7", Label: "First"}, {Value: "8-14", Label: "Second"}, {Value: "15-21", Label: "Third"}, {Value: "22-28", Label: "Fourth"},
}

// constant returns choices that are the same for everyone.
func constant(choices []site.Choice) func(context.Context, access.Actor) ([]site.Choice, error) {
	return func(context.Context, access.Actor) ([]site.Choice, error) { return choices, nil }
}

// whenFields are the fields of a schedule in words.
func whenFields(zone string) []site.Field {
	when := func(kinds string) site.When { return site.When{Field: "type", Value: kinds} }
	return []site.Field{
		{Name: "type", Label: "Runs", Widget: site.Select, Initial: daily, Required: true, Choices: constant(kindChoices),
			Help: "No schedule can be on the last day or last weekday of a month, or every second week."},
		{Name: "on.week", Label: "Week", Widget: site.Select, Initial: weekChoices[0].Value, Choices: constant(weekChoices), When: when(nth)},
		{Name: "on.weekday", Label: "Weekday", Widget: site.Select, Initial: weekdayChoices[0].Value, Choices: constant(weekdayChoices), When: when(weekly + " " + nth)},
		{Name: "on.day", Label: "Day of the month", Widget: site.Line, InputMode: "numeric", Initial: "1", Help: "1 to 31. Months without the day are left out.", When: when(monthly)},
		{Name: "on.time", Label: "Time", Widget: site.Clock, Initial: "03:00", When: when(daily + " " + weekly + " " + monthly + " " + nth)},
		{Name: "on.minute", Label: "Minute", Widget: site.Line, InputMode: "numeric", Initial: "0", Help: "0 to 59 minutes after the full hour.", When: when(hourly)},
		{Name: "crontab.timezone", Label: "Time zone", Widget: site.Line, Initial: zone, Help: "Such as Europe/Berlin.", When: when(ofCrontab)},
	}
}

// clockLayout is the value of a time of day.
const clockLayout = "15:04"

// inWords returns the kind of a crontab, and the values of its fields; byCrontab for
// one that has no words.
func inWords(c schedule.CrontabSpec) map[string]string {
	minute, once := numberIn(c.Minute, 0, 59)
	hour, hourOnce := numberIn(c.Hour, 0, 23)
	words := map[string]string{"type": byCrontab}
	if hourOnce && once {
		words["on.time"] = time.Date(0, 1, 1, hour, minute, 0, 0, time.UTC).Format(clockLayout)
	}
	_, date := numberIn(c.DayOfMonth, 1, 31)
	everyDay, everyDate := c.DayOfWeek == "*", c.DayOfMonth == "*"
	switch {
	case !once || c.MonthOfYear != "*":
	case c.Hour == "*" && everyDay && everyDate:
		words["type"], words["on.minute"] = hourly, c.Minute
	case !hourOnce:
	case everyDay && everyDate:
		words["type"] = daily
	case everyDate && offers(weekdayChoices, c.DayOfWeek):
		words["type"], words["on.weekday"] = weekly, c.DayOfWeek
	case everyDay && date:
		words["type"], words["on.day"] = monthly, c.DayOfMonth
	case offers(weekChoices, c.DayOfMonth) && offers(weekdayChoices[:7], c.DayOfWeek):
		words["type"], words["on.week"], words["on.weekday"] = nth, c.DayOfMonth, c.DayOfWeek
	}
	return words
}

// toCrontab replaces a kind in words by the fields of its crontab in values.
func toCrontab(values map[string]string) (wrong fault.Fields) {
	kind := values["type"]
	c := map[string]string{"minute": "0", "hour": "*", "day_of_week": "*", "day_of_month": "*", "month_of_year": "*"}
	switch kind {
	case daily, weekly, monthly, nth:
		at, err := time.Parse(clockLayout, values["on.time"])
		if err != nil {
			wrong.Add("on.time", "Enter a time of day, such as 03:00.")
		}
		c["minute"], c["hour"] = strconv.Itoa(at.Minute()), strconv.Itoa(at.Hour())
	case hourly:
		c["minute"] = number(values, "on.minute", 59, &wrong)
	default:
		return nil
	}
	switch kind {
	case monthly:
		c["day_of_month"] = number(values, "on.day", 31, &wrong)
	case weekly:
		c["day_of_week"] = choice(values, "on.weekday", weekdayChoices, &wrong)
	case nth:
		c["day_of_month"] = choice(values, "on.week", weekChoices, &wrong)
		c["day_of_week"] = choice(values, "on.weekday", weekdayChoices[:7], &wrong)
	}
	values["type"] = byCrontab
	for name, text := range c {
		values["crontab."+name] = text
	}
	return wrong
}

// number returns a number of a field as a column has it. Of dates the smallest is 1.
func number(values map[string]string, field string, most int, wrong *fault.Fields) string {
	least := 0
	if field == "on.day" {
		least = 1
	}
	n, ok := numberIn(values[field], least, most)
	if !ok {
		wrong.Add(field, "Enter a number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most)+".")
	}
	return strconv.Itoa(n)
}

// choice returns the value of a field, which must be one of the choices.
func choice(values map[string]string, field string, choices []site.Choice, wrong *fault.Fields) string {
	if !offers(choices, values[field]) {
		wrong.Add(field, "Choose a single one of them.")
	}
	return values[field]
}

func offers(choices []site.Choice, value string) bool {
	return slices.ContainsFunc(choices, func(c site.Choice) bool { return c.Value == value })
}

// numberIn returns a number in a range.
func numberIn(text string, least, most int) (n int, ok bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= least && n <= most
}
