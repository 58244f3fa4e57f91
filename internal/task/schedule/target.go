package schedule

import (
	"encoding/json"
	"fmt"

	"roster/internal/fault"
)

// Target maps a Celery task to Roster.
type Target struct {
	Kind       string   // the kind of task; "" if none is needed
	Parameters []string // names of positional arguments, in order
	Ignored    string   // why a task without a kind does not run
}

// targets are the tasks of users/tasks.py, and the one that Celery's beat adds
// to every schedule.
var targets = map[string]Target{
	"users.tasks.send_welcome_email_task":   {Kind: "send_welcome_email", Parameters: []string{"user_id"}},
	"users.tasks.cleanup_inactive_users":    {Kind: "cleanup_inactive_users", Parameters: []string{"days"}},
	"users.tasks.generate_daily_report":     {Kind: "generate_daily_report"},
	"users.tasks.send_bulk_notification":    {Kind: "send_bulk_notification", Parameters: []string{"subject", "message", "user_filter"}},
	"users.tasks.scheduled_backup_reminder": {Kind: "backup_reminder"},
	"celery.backend_cleanup":                {Ignored: "results are database rows, which are deleted when they expire"},
}

// Find returns the target of a Celery task, and false for tasks of other
// programs, which stay in the schedule but do not run.
func Find(task string) (Target, bool) {
	t, ok := targets[task]
	return t, ok
}

// Arguments returns an entry's arguments by name: args, a JSON array, gets the
// names of the parameters, and kwargs is a JSON object; "" means empty. The
// error is Invalid and names the column. The kind of task validates names and
// values.
func (t Target) Arguments(args, kwargs string) (map[string]json.RawMessage, error) {
	var wrong fault.Fields
	var positional []json.RawMessage
	if !read(args, &positional) || (args != "" && positional == nil) {
		wrong.Add("args", fmt.Sprintf("The args %q are not a JSON array.", args))
	}
	if len(positional) > len(t.Parameters) {
		wrong.Add("args", fmt.Sprintf("The args contain %d values; %s takes %d.", len(positional), t.Kind, len(t.Parameters)))
	}
	named := map[string]json.RawMessage{}
	if !read(kwargs, &named) || named == nil {
		wrong.Add("kwargs", fmt.Sprintf("The kwargs %q are not a JSON object.", kwargs))
	}
	for i := range min(len(positional), len(t.Parameters)) {
		name := t.Parameters[i]
		if _, twice := named[name]; twice {
			wrong.Add("kwargs", fmt.Sprintf("The kwargs contain %s, which the args also set.", name))
		} else if named != nil {
			named[name] = positional[i]
		}
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return named, nil
}

// read decodes a column that may be empty.
func read(text string, into any) bool {
	return text == "" || json.Unmarshal([]byte(text), into) == nil
}
