package schedule_test

import (
	"strings"
	"testing"
)

func TestCrontab_Describe(t *testing.T) {
	t.Parallel()
	tests := []struct{ minute, hour, day, month, weekday, want string }{
		{"30", "3", "*", "*", "*", "every day at 03:30 (UTC)"},
		{"0", "8,20", "*", "*", "*", "every day at 08:00 and 20:00 (UTC)"},
		{"0", "6-9", "*", "*", "0-7", "every day at 06:00, 07:00, 08:00 and 09:00 (UTC)"},
		{"30", "3", "*", "*", "1-5", "Monday to Friday at 03:30 (UTC)"},
		{"30", "3", "*", "*", "sat,sun", "Saturday and Sunday at 03:30 (UTC)"},
		{"30", "3", "*", "*", "fri-mon", "Monday and Friday to Sunday at 03:30 (UTC)"},
		{"0", "0", "1", "*", "*", "day 1 of the month at 00:00 (UTC)"},
		{"0", "0", "1-7,15", "1,4-6", "mon", "Monday, days 1 to 7 and 15 of the month, in January and April to June at 00:00 (UTC)"},
		{"0", "0", "*", "2", "*", "every day, in February at 00:00 (UTC)"},
		{"*", "*", "*", "*", "*", "every minute (UTC)"},
		{"*/15", "*", "*", "*", "*", "every 15 minutes (UTC)"},
		{"0,30", "*", "*", "*", "*", "every 30 minutes (UTC)"},
		{"*/15", "8-17", "*", "*", "1-5", "every 15 minutes of hours 8 to 17, Monday to Friday (UTC)"},
		{"*", "8", "*", "*", "*", "every minute of hour 8 (UTC)"},
		{"0", "*", "*", "*", "*", "at minute 0 of every hour (UTC)"},
		{"*/40", "*", "*", "*", "*", "at minutes 0 and 40 of every hour (UTC)"},
		{"5-7,9", "*/2", "*", "3", "*", "at minutes 5 to 7 and 9 of hours 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20 and 22, in March (UTC)"},
	}
	for _, tt := range tests {
		if got := crontab(t, strings.Join([]string{tt.minute, tt.hour, tt.day, tt.month, tt.weekday}, " "), "UTC").Describe(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}
