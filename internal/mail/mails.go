package mail

import (
	"strings"
	"time"
)

// Mail is the data of one of Roster's own mails: Welcome, Notification, Report,
// BackupReminder, Unlock, PasswordReset, Invitation, SecurityNotice or Test. Templates may use its fields and methods.
type Mail interface {
	name() string // name of its templates
}

// Welcome greets a new user.
type Welcome struct {
	Username string
	Name     string // the first name, or the username
	Email    string
	URL      string // address of the system; empty: omitted
}

// Notification is a message written by a person, to one user or many.
type Notification struct {
	Name        string
	Subject     string
	Message     string // paragraphs are separated by empty lines
	Unsubscribe string // URL to unsubscribe; empty: omitted
}

// Report is the daily report of user counts.
type Report struct {
	Date                         string // the day of the report
	Total, Active, Inactive, New int
	Trend                        []Day  // oldest first
	URL                          string // address of the stored report; empty: omitted
}

// Day is one day of a trend.
type Day struct {
	Date string
	New  int
}

// BackupReminder reports when the last backup was made.
type BackupReminder struct {
	Last time.Time // zero: never
	File string
	Days int // whole days since then
}

// Unlock lets the owner of a staff account unlock its login.
type Unlock struct {
	Username string
	URL      string // the link
	Minutes  int    // for which the link is valid
}

// PasswordReset lets the owner of a staff account set another password.
type PasswordReset struct {
	Username string
	URL      string // the link
	Minutes  int    // for which the link is valid
}

// Invitation lets the owner of a new staff account set its password.
type Invitation struct {
	Username string
	URL      string // the link
	Days     int    // for which the link is valid
}

// SecurityNotice reports a change of a staff account to its owner.
type SecurityNotice struct {
	Username string
	Change   string // what happened, a sentence
	At       string // when, with the time zone
}

// Test is a test message.
type Test struct {
	Through string // the transport
	Version string // of Roster
}

func (Welcome) name() string        { return "welcome" }
func (Notification) name() string   { return "notification" }
func (Report) name() string         { return "report" }
func (BackupReminder) name() string { return "backup_reminder" }
func (Unlock) name() string         { return "unlock" }
func (PasswordReset) name() string  { return "password_reset" }
func (Invitation) name() string     { return "invitation" }
func (SecurityNotice) name() string { return "security_notice" }
func (Test) name() string           { return "test" }

// Paragraphs returns the non-blank paragraphs of the message.
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

// Share returns n as a percentage of the maximum of new users per day in the
// trend, for the length of a bar: 0 to 100, and at least 1 unless n is 0.
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

// barWidth is the maximum length of a bar, in characters.
const barWidth = 40

// Bar returns Share as a bar of characters.
func (r Report) Bar(n int) string { return strings.Repeat("#", (r.Share(n)*barWidth+99)/100) }

// samples returns one of each mail, with all fields that templates may use.
func samples() []Mail {
	return []Mail{
		Welcome{Username: "ada", Name: "Ada", Email: "ada@example.com", URL: "https://users.example.com/"},
		Notification{Name: "Ada", Subject: "Hello", Message: "One.\n\nTwo.", Unsubscribe: "https://users.example.com/unsubscribe"},
		Report{Date: "2026-11-23", Total: 3, Active: 2, Inactive: 1, New: 1, Trend: []Day{{"2026-11-22", 0}, {"2026-11-23", 1}}, URL: "https://users.example.com/reports/1"},
		BackupReminder{Last: time.Unix(0, 0).UTC(), File: "backup.db", Days: 3},
		Unlock{Username: "ada", URL: "https://users.example.com/admin/login/unlock/?token=1.2.x", Minutes: 60},
		PasswordReset{Username: "ada", URL: "https://users.example.com/admin/reset/Nw/x-y/", Minutes: 60},
		Invitation{Username: "ada", URL: "https://users.example.com/admin/reset/Nw/x-y/", Days: 7},
		SecurityNotice{Username: "ada", Change: "The password was changed.", At: "2026-11-23 12:00 UTC"},
		Test{Through: "smtp.example.com:25 (TLS)", Version: "1.0"},
	}
}
