package schedule_test

import (
	"strings"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/task/schedule"
)

// every is a crontab of every minute; tests replace one column.
var every = schedule.CrontabSpec{Minute: "*", Hour: "*", DayOfWeek: "*", DayOfMonth: "*", MonthOfYear: "*", Timezone: "UTC"}

func withColumn(column, text string) schedule.CrontabSpec {
	spec := every
	switch column {
	case "minute":
		spec.Minute = text
	case "hour":
		spec.Hour = text
	case "day_of_week":
		spec.DayOfWeek = text
	case "day_of_month":
		spec.DayOfMonth = text
	case "month_of_year":
		spec.MonthOfYear = text
	default:
		spec.Timezone = text
	}
	return spec
}

// TestParseCrontab_Fields shows every form of a column by the schedule it
// means, written as a list.
func TestParseCrontab_Fields(t *testing.T) {
	t.Parallel()
	tests := []struct{ column, text, want string }{
		{"minute", "*/15", "0,15,30,45"},
		{"minute", "1,13,30-34,50-59/3", "1,13,30,31,32,33,34,50,53,56,59"},
		{"minute", "55-5", "55,56,57,58,59,0,1,2,3,4,5"},
		{"minute", "55-5/4", "55,59,3"},
		{"minute", "*/100", "0"},
		{"minute", "00, 07 ,9-9", "0,7,9"},
		{"hour", "0,8-17/2", "0,8,10,12,14,16"},
		{"hour", "22-2", "22,23,0,1,2"},
		{"hour", "*/5", "0,5,10,15,20"},
		{"day_of_month", "2-30/2", "2,4,6,8,10,12,14,16,18,20,22,24,26,28,30"},
		{"day_of_month", "*/10", "1,11,21,31"},
		{"day_of_month", "30-2", "30,31,1,2"},
		{"month_of_year", "*/3", "1,4,7,10"},
		{"month_of_year", "2-12/5", "2,7,12"},
		{"month_of_year", "nov-feb", "11,12,1,2"},
		{"month_of_year", "JANUARY,Sept", "1,9"},
		{"day_of_week", "mon-fri", "1,2,3,4,5"},
		{"day_of_week", "fri-mon", "5,6,0,1"},
		{"day_of_week", "*/2", "0,2,4,6"},
		{"day_of_week", "7", "0"},
		{"day_of_week", "5-7", "5,6,0"},
		{"day_of_week", "7-2", "0,1,2"},
		{"day_of_week", "7-7", "0"},
		{"day_of_week", "0-7", "*"},
		{"day_of_week", "1-7/2", "1,3,5,0"},
		{"day_of_week", "Sunday,TUE,thurs", "0,2,4"},
	}
	for _, tt := range tests {
		got, err := schedule.ParseCrontab(withColumn(tt.column, tt.text))
		if err != nil {
			t.Errorf("%s %q: %v", tt.column, tt.text, err)
			continue
		}
		want, err := schedule.ParseCrontab(withColumn(tt.column, tt.want))
		if err != nil {
			t.Fatal(err)
		}
		if got.Describe() != want.Describe() {
			t.Errorf("%s %q: got %s, want %s", tt.column, tt.text, got.Describe(), want.Describe())
		}
	}
}

func TestParseCrontab_Refused(t *testing.T) {
	t.Parallel()
	tests := []struct{ column, text, want string }{
		{"minute", "", `The minute "" is invalid: "" is not a number from 0 to 59.`},
		{"minute", "60", `The minute "60" is invalid: "60" is not a number from 0 to 59.`},
		{"minute", "1,,2", `The minute "1,,2" is invalid: "" is not a number from 0 to 59.`},
		{"minute", "-5", `The minute "-5" is invalid: "" is not a number from 0 to 59.`},
		{"minute", "+5", `The minute "+5" is invalid: "+5" is not a number from 0 to 59.`},
		{"minute", "1-2-3", `The minute "1-2-3" is invalid: "2-3" is not a number from 0 to 59.`},
		{"minute", "mon", `The minute "mon" is invalid: "mon" is not a number from 0 to 59.`},
		{"minute", "**", `The minute "**" is invalid: "**" is not a number from 0 to 59.`},
		{"minute", "*/0", `The minute "*/0" is invalid: the step "0" is not a positive integer.`},
		{"minute", "*/", `The minute "*/" is invalid: the step "" is not a positive integer.`},
		{"minute", "*/2/2", `The minute "*/2/2" is invalid: the step "2/2" is not a positive integer.`},
		{"minute", "5/10", `The minute "5/10" is invalid: a step requires * or a range, not "5".`},
		{"minute", strings.Repeat("1", 241), `The minute has 241 characters, at most 240 are allowed.`},
		{"hour", "24", `The hour "24" is invalid: "24" is not a number from 0 to 23.`},
		{"day_of_month", "0", `The day_of_month "0" is invalid: "0" is not a number from 1 to 31.`},
		{"day_of_month", "L", `The day_of_month "L" is invalid: "L" is not a number from 1 to 31.`},
		{"month_of_year", "mon", `The month_of_year "mon" is invalid: "mon" is neither a number from 1 to 12 nor a name such as "feb".`},
		{"day_of_week", "8", `The day_of_week "8" is invalid: "8" is neither a number from 0 to 7 nor a name such as "mon".`},
		{"day_of_week", "mo", `The day_of_week "mo" is invalid: "mo" is neither a number from 0 to 7 nor a name such as "mon".`},
		{"day_of_week", "monkey", `The day_of_week "monkey" is invalid: "monkey" is neither a number from 0 to 7 nor a name such as "mon".`},
		{"timezone", "", `The timezone "" is not a known time zone; use an IANA name such as UTC or Europe/Berlin.`},
		{"timezone", "Local", `The timezone "Local" is not a known time zone; use an IANA name such as UTC or Europe/Berlin.`},
		{"timezone", "localtime", `The timezone "localtime" is not a known time zone; use an IANA name such as UTC or Europe/Berlin.`},
		{"timezone", "Factory", `The timezone "Factory" is not a known time zone; use an IANA name such as UTC or Europe/Berlin.`},
		{"timezone", "posix/Europe/Berlin", `The timezone "posix/Europe/Berlin" is not a known time zone; did you mean Europe/Berlin?`},
		{"timezone", "Berlin", `The timezone "Berlin" is not a known time zone; did you mean Europe/Berlin?`},
	}
	for _, tt := range tests {
		_, err := schedule.ParseCrontab(withColumn(tt.column, tt.text))
		checkRefused(t, err, tt.column, tt.want)
	}
}

// checkRefused fails unless the error is Invalid and says that of that field alone.
func checkRefused(t *testing.T, err error, field, want string) {
	t.Helper()
	fields := fieldsOf(err)
	if fault.KindOf(err) != fault.Invalid || len(fields) != 1 || fields[0].Name != field || len(fields[0].Messages) != 1 {
		t.Errorf("%s: got %v, want one message", field, fields)
		return
	}
	if got := fields[0].Messages[0]; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestParseCrontab_AllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	c, err := schedule.ParseCrontab(schedule.CrontabSpec{Minute: "60", Hour: "24", DayOfWeek: "8", DayOfMonth: "32", MonthOfYear: "13"})
	if fields := fieldsOf(err); len(fields) != 6 {
		t.Errorf("got %v, want six fields", fields)
	}
	if next, ok := c.Next(time.Now()); ok {
		t.Errorf("got %s from a crontab that was refused", next)
	}
}
