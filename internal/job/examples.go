package job

import "encoding/json"

// Example shows how a kind of task is asked for.
type Example struct {
	Kind string
	Does string          // a sentence
	Args json.RawMessage // that the kind takes
}

// Examples returns one for each kind of this package, by name.
func Examples() []Example {
	return []Example{
		{"backup", "Writes a backup into BACKUP_DIR, reads it back, and removes those that are too old.", json.RawMessage(`{}`)},
		{"backup_reminder", "Says when the last backup was made.", json.RawMessage(`{"recipients": ["admin@example.com"]}`)},
		{cleanup, "Deletes users that have been inactive for long; a dry run only counts them.", json.RawMessage(`{"days": 365, "dry_run": true}`)},
		{dailyReport, "Counts the users, and keeps and mails the report.", json.RawMessage(`{"recipients": []}`)},
		{"noop", "Does nothing but take time.", json.RawMessage(`{"milliseconds": 1000}`)},
		{bulkNotification, "Mails a message to every user that the filter finds.",
			json.RawMessage(`{"subject": "Maintenance", "message": "We are back at noon.", "user_filter": {"is_active": true}, "per_minute": 0}`)},
		{welcomeEmail, "Greets a user by mail.", json.RawMessage(`{"user_id": 1}`)},
	}
}
