package schedule

import (
	"encoding/json"
	"fmt"

	"roster/internal/fault"
)

// Target says what a task that Celery knows by name is here.
type Target struct {
	Kind       string   // the kind of task that does the work; "" when none is needed
	Parameters []string // the names of positional arguments, in order
	Ignored    string   // why a task without a kind is not run
}

// targets are the tasks of users/tasks.py, and the one that Celery's beat
// enters into every schedule by itself.
var targets = map[string]Target{
	"users.tasks.send_welcome_email_task":   {Kind: "send_welcome_email", Parameters: []string{"user_id"}},
	"users.tasks.cleanup_inactive_users":    {Kind: "cleanup_inactive_users", Parameters: []string{"days"}},
	"users.tasks.generate_daily_report":     {Kind: "generate_daily_report"},
	"users.tasks.send_bulk_notification":    {Kind: "send_bulk_notification", Parameters: []string{"subject", "message", "user_filter"}},
	"users.tasks.scheduled_backup_reminder": {Kind: "backup_reminder"},
	"celery.backend_cleanup":                {Ignored: "results are rows of the database, which are removed when their time is over"},
}

// Find returns what the task that Celery knows by that name is here, and false
// for tasks of other programs, which stay in the schedule and are not run.
func Find(task string) (Target, bool) {
	t, ok := targets[task]
	return t, ok
}

// Arguments returns an entry's arguments by name: args, a JSON array, takes the
// names of the parameters, and kwargs is a JSON object; "" stands for an empty
// one. The error is Invalid and names the column. Whether the kind of task takes
// the names and values is for the kind to say.
func (t Target) Arguments(args, kwargs string) (map[string]json.RawMessage, error) {
	var wrong fault.Fields
	var positional []json.RawMessage
	if !read(args, &positional) || (args != "" && positional == nil) {
		wrong.Add("args", fmt.Sprintf("The args %q are not a JSON array.", args))
	}
	if len(positional) > len(t.Parameters) {
		wrong.Add("args", fmt.Sprintf("The args hold %d values; %s takes %d.", len(positional), t.Kind, len(t.Parameters)))
	}
	named := map[string]json.RawMessage{}
	if !read(kwargs, &named) || named == nil {
		wrong.Add("kwargs", fmt.Sprintf("The kwargs %q are not a JSON object.", kwargs))
	}
	for i := range min(len(positional), len(t.Parameters)) {
		name := t.Parameters[i]
		if _, twice := named[name]; twice {
			wrong.Add("kwargs", fmt.Sprintf("The kwargs give %s, which the args give too.", name))
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
