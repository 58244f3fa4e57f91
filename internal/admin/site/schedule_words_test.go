package site_test

import (
	"fmt"
	"net/url"
	"testing"
)

// Schedules in words are stored as crontabs, and read back in the same words, also
// those that were made elsewhere. What words cannot say is a custom crontab.
func TestSchedule_Words(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		form := with(formOf(t, f.page(schedulesPath+"add/")), "task", "noop", "crontab.timezone", "Europe/Berlin", "_continue", "1")
		for i, c := range []struct {
			given  []string // fields of the form
			kind   string   // when it is read back
			stored string
			says   string
		}{
			{[]string{}, "daily", "0 3 * * *", "every day at 03:00 (Europe/Berlin)"},
			{[]string{"type", "weekly", "on.weekday", "1", "on.time", "09:00"}, "weekly", "0 9 1 * *", "Monday at 09:00 (Europe/Berlin)"},
			{[]string{"type", "weekly", "on.weekday", "1-5", "on.time", "18:05"}, "weekly", "5 18 1-5 * *", "Monday to Friday at 18:05 (Europe/Berlin)"},
			{[]string{"type", "weekly", "on.weekday", "0"}, "weekly", "0 3 0 * *", "Sunday at 03:00 (Europe/Berlin)"},
			{[]string{"type", "monthly", "on.day", "31"}, "monthly", "0 3 * 31 *", "day 31 of the month at 03:00 (Europe/Berlin)"},
			{[]string{"type", "nth", "on.week", "1-7", "on.weekday", "1"}, "nth", "0 3 1 1-7 *", "Monday, days 1 to 7 of the month at 03:00 (Europe/Berlin)"},
			{[]string{"type", "hourly", "on.minute", "59"}, "hourly", "59 * * * *", "at minute 59 of every hour (Europe/Berlin)"},
			{[]string{"type", "interval"}, "interval", "", "every 15 minutes"},
			{[]string{"type", "crontab", "crontab.minute", "30", "crontab.hour", "3"}, "daily", "30 3 * * *", "every day at 03:30 (Europe/Berlin)"},
			{[]string{"type", "crontab", "crontab.minute", "*/20"}, "crontab", "*/20 * * * *", "every 20 minutes (Europe/Berlin)"},
			{[]string{"type", "crontab", "crontab.hour", "3", "crontab.month_of_year", "1"}, "crontab", "0 3 * * 1", "every day, in January at 03:00 (Europe/Berlin)"},
		} {
			name := fmt.Sprintf("number %d", i)
			record := fmt.Sprintf("%s%d/change/", schedulesPath, i+1)
			wantSent(t, f.post(schedulesPath+"add/", with(with(form, c.given...), "name", name)), record)
			page := f.page(record)
			kept := formOf(t, page)
			wantAll(t, f.page(schedulesPath+"?"+url.Values{"q": {name}}.Encode()), c.says)
			if got := kept.Get("type"); got != c.kind {
				t.Errorf("%v: got the kind %s, want %s", c.given, got, c.kind)
			}
			if got := crontabOf(kept); c.stored != "" && got != c.stored {
				t.Errorf("%v: got the crontab %s, want %s", c.given, got, c.stored)
			}
			wantAll(t, page, `<option value="`+c.kind+`" selected>`, `data-when="type" data-is="nth"`)
			wantSent(t, f.post(record, kept), schedulesPath) // nothing was changed
		}
	})
}

// crontabOf returns the fields of a crontab in the order of Celery's.
func crontabOf(form url.Values) string {
	text := ""
	for _, name := range []string{"minute", "hour", "day_of_week", "day_of_month", "month_of_year"} {
		text += " " + form.Get("crontab."+name)
	}
	return text[1:]
}
