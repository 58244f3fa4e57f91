package schedule

import (
	"fmt"
	"strconv"
	"strings"
)

// Describe returns text such as "every day at 03:30 (Europe/Berlin)", "every 15
// minutes of hours 8 to 17, Monday to Friday (UTC)" or "day 1 of the month at
// 00:00 (UTC)".
func (c Crontab) Describe() string {
	hours, minutes := c.hours.numbers(), c.minutes.numbers()
	days := c.describeDays()
	if len(hours)*len(minutes) > maxTimes {
		parts := append([]string{describeTimes(hours, minutes)}, days...)
		return strings.Join(parts, ", ") + " (" + c.spec.Timezone + ")"
	}
	if c.days.size() == 31 && c.weekdays.size() == 7 {
		days = append([]string{"every day"}, days...)
	}
	return fmt.Sprintf("%s at %s (%s)", strings.Join(days, ", "), enumerate(timesOfDay(hours, minutes)), c.spec.Timezone)
}

// maxTimes is the maximum number of times of a day that are listed
// individually.
const maxTimes = 4

func timesOfDay(hours, minutes []int) (times []string) {
	for _, hour := range hours {
		for _, minute := range minutes {
			times = append(times, fmt.Sprintf("%02d:%02d", hour, minute))
		}
	}
	return times
}

// describeTimes describes the times of day of a crontab with many of them.
func describeTimes(hours, minutes []int) string {
	within := counted("hour", hours)
	if len(hours) == 24 {
		within = "every hour"
	}
	often := everyMinutes(minutes)
	switch {
	case often == "":
		return "at " + counted("minute", minutes) + " of " + within
	case len(hours) == 24:
		return often
	}
	return often + " of " + within
}

// everyMinutes describes minutes that divide the hour evenly, or returns "".
func everyMinutes(minutes []int) string {
	step := 60 / len(minutes)
	for i, minute := range minutes {
		if minute != i*step || 60%len(minutes) != 0 || step == 60 {
			return ""
		}
	}
	if step == 1 {
		return "every minute"
	}
	return fmt.Sprintf("every %d minutes", step)
}

// describeDays describes the restrictions on days, in up to three parts.
func (c Crontab) describeDays() (parts []string) {
	if c.weekdays.size() < 7 {
		mondayFirst := (c.weekdays * sixWeeks >> 1 & 0x7f).numbers()
		parts = append(parts, runs(mondayFirst, func(n int) string { return capital(weekdayNames[(n+1)%7]) }))
	}
	if c.days.size() < 31 {
		parts = append(parts, counted("day", c.days.numbers())+" of the month")
	}
	if c.months.size() < 12 {
		parts = append(parts, "in "+runs(c.months.numbers(), func(n int) string { return capital(monthNames[n-1]) }))
	}
	return parts
}

// counted returns text such as "hour 8" or "hours 8 to 17 and 20".
func counted(noun string, numbers []int) string {
	if len(numbers) > 1 {
		noun += "s"
	}
	return noun + " " + runs(numbers, strconv.Itoa)
}

// runs formats ascending numbers, three or more consecutive ones as a range.
func runs(numbers []int, name func(int) string) string {
	var items []string
	for i := 0; i < len(numbers); {
		end := i + 1
		for end < len(numbers) && numbers[end] == numbers[end-1]+1 {
			end++
		}
		if end-i < 3 {
			end = i + 1
			items = append(items, name(numbers[i]))
		} else {
			items = append(items, name(numbers[i])+" to "+name(numbers[end-1]))
		}
		i = end
	}
	return enumerate(items)
}

// enumerate joins items as in "a, b and c".
func enumerate(items []string) string {
	last := len(items) - 1
	if last < 1 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:last], ", ") + " and " + items[last]
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
