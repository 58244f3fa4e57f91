package mail

import (
	"strings"
	"time"
)

// Mail is the data of one of the mails that Roster writes by itself: Welcome,
// Notification, Report, BackupReminder or Test. Its fields and methods are what
// a template may use.
type Mail interface {
	name() string // of its templates
}

// Welcome greets a user who was created.
type Welcome struct {
	Username string
	Name     string // the first name, or the username
	Email    string
	URL      string // where the user finds the system; empty: not told
}

// Notification tells one user, or each of many, what a person wrote.
type Notification struct {
	Name        string
	Subject     string
	Message     string // paragraphs are parted by an empty line
	Unsubscribe string // a URL that ends such messages; empty: not told
}

// Report says how many users there are.
type Report struct {
	Date                         string // the day that the report is about
	Total, Active, Inactive, New int
	Trend                        []Day  // the oldest first
	URL                          string // where the report is kept; empty: not told
}

// Day is one day of a trend.
type Day struct {
	Date string
	New  int
}

// BackupReminder says when the last backup was made.
type BackupReminder struct {
	Last time.Time // zero: never
	File string
	Days int // since then, whole ones
}

// Test shows that mail arrives.
type Test struct {
	Through string // what sent it
	Version string // of Roster
}

func (Welcome) name() string        { return "welcome" }
func (Notification) name() string   { return "notification" }
func (Report) name() string         { return "report" }
func (BackupReminder) name() string { return "backup_reminder" }
func (Test) name() string           { return "test" }

// Paragraphs returns the message by its paragraphs, none of them blank.
func (n Notification) Paragraphs() []string {
	var found []string
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(n.Message)
	for part := range strings.SplitSeq(text, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			found = append(found, part)
		}
	}
	return found
}

// Share returns n in percent of the most new users that a day of the trend
// has, for the length of a bar: 0 to 100, and at least 1 when there are any.
func (r Report) Share(n int) int {
	most := 0
	for _, day := range r.Trend {
		most = max(most, day.New)
	}
	if n <= 0 || most == 0 {
		return 0
	}
	return max(1, min(100, n*100/most))
}

// barWidth is the length of the longest bar, in characters.
const barWidth = 40

// Bar returns the same share as a bar of characters.
func (r Report) Bar(n int) string { return strings.Repeat("#", (r.Share(n)*barWidth+99)/100) }

// samples are one of each mail, with all that templates may look at.
func samples() []Mail {
	return []Mail{
		Welcome{Username: "ada", Name: "Ada", Email: "ada@example.com", URL: "https://users.example.com/"},
		Notification{Name: "Ada", Subject: "Hello", Message: "One.\n\nTwo.", Unsubscribe: "https://users.example.com/unsubscribe"},
		Report{Date: "2026-11-23", Total: 3, Active: 2, Inactive: 1, New: 1, Trend: []Day{{"2026-11-22", 0}, {"2026-11-23", 1}}, URL: "https://users.example.com/reports/1"},
		BackupReminder{Last: time.Unix(0, 0).UTC(), File: "backup.db", Days: 3},
		Test{Through: "smtp.example.com:25 (TLS)", Version: "1.0"},
	}
}
