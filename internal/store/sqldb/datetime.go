package sqldb

import (
	"strings"
	"time"
)

// FormatTime formats t as Django stores it on SQLite: Python's str(datetime) in
// UTC, with six decimals, or none if they are all zero.
func FormatTime(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond() < int(time.Microsecond) {
		return t.Format("2006-01-02 15:04:05")
	}
	return t.Format("2006-01-02 15:04:05.000000")
}

// ParseTime parses an ISO 8601 date and time, separated by a space or a T, with
// any number of decimals and optionally Z or an offset. It truncates to
// microseconds. The default offset is UTC.
func ParseTime(s string) (t time.Time, ok bool) {
	const plain = len("2006-01-02 15:04:05")
	if len(s) < plain || s[4] != '-' || s[7] != '-' || s[10] != ' ' && s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, false
	}
	year, month, day := digits(s[:4]), digits(s[5:7]), digits(s[8:10])
	hour, minute, second := digits(s[11:13]), digits(s[14:16]), digits(s[17:19])
	if year < 0 || month < 1 || month > 12 || day < 1 || uint(hour) > 23 || uint(minute) > 59 || uint(second) > 59 {
		return time.Time{}, false
	}
	micros, rest, ok := parseFraction(s[plain:])
	if !ok {
		return time.Time{}, false
	}
	offset, ok := parseOffset(rest)
	t = time.Date(year, time.Month(month), day, hour, minute, second, micros*int(time.Microsecond), time.UTC)
	return t.Add(-offset), ok && t.Day() == day
}

// parseFraction parses ".616550" or nothing, and returns the rest.
func parseFraction(s string) (micros int, rest string, ok bool) {
	if s == "" || s[0] != '.' {
		return 0, s, true
	}
	n := 1
	for ; n < len(s) && s[n] >= '0' && s[n] <= '9'; n++ {
		if n <= 6 {
			micros = micros*10 + int(s[n]-'0')
		}
	}
	for i := n; i <= 6; i++ {
		micros *= 10
	}
	return micros, s[n:], n > 1
}

// parseOffset parses "Z", "+02:00" or nothing.
func parseOffset(s string) (offset time.Duration, ok bool) {
	if s == "" || s == "Z" {
		return 0, true
	}
	if len(s) != len("+00:00") || s[3] != ':' || !strings.Contains("+-", s[:1]) {
		return 0, false
	}
	hours, minutes := digits(s[1:3]), digits(s[4:6])
	if uint(hours) > 23 || uint(minutes) > 59 {
		return 0, false
	}
	offset = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

// digits returns the value of decimal digits, or -1 for anything else.
func digits(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}
