package schedule

import (
	"encoding/json"
	"fmt"
	"strings"

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

// TaskName returns the name under which a schedule stores a task: its Celery name
// if there is one, so that Celery runs it too, and otherwise the given name.
func TaskName(name string) string {
	for celery, t := range targets {
		if t.Kind == name && name != "" {
			return celery
		}
	}
	return name
}

// TaskNames returns the names that schedules may have stored for a task.
func TaskNames(name string) []string {
	names := []string{TaskName(name)}
	if t, ok := Find(names[0]); ok && t.Kind != "" {
		names = append(names, t.Kind)
	}
	return names
}

// Arguments returns an entry's arguments by name: args, a JSON array, gets the
// names of the parameters, and kwargs is a JSON object; "" means empty. The
// error is Invalid and names the column. The kind of task validates names and
// values.
func (t Target) Arguments(args, kwargs string) (map[string]json.RawMessage, error) {
	positional, named, wrong := readArguments(args, kwargs)
	if len(positional) > len(t.Parameters) {
		wrong.Add("args", fmt.Sprintf("The args contain %d values; %s takes %d.", len(positional), t.Kind, len(t.Parameters)))
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

// readArguments parses the arguments of an entry.
func readArguments(args, kwargs string) (positional []json.RawMessage, named map[string]json.RawMessage, wrong fault.Fields) {
	if !read(args, &positional) || (args != "" && positional == nil) {
		wrong.Add("args", fmt.Sprintf("The args %q are not a JSON array.", args))
	}
	named = map[string]json.RawMessage{}
	if !read(kwargs, &named) || named == nil {
		wrong.Add("kwargs", fmt.Sprintf("The kwargs %q are not a JSON object.", kwargs))
	}
	return positional, named, wrong
}

// CheckArguments returns an error unless Celery can read the arguments of an
// entry. The error is Invalid, and names the column.
func CheckArguments(args, kwargs string) error {
	_, _, wrong := readArguments(args, kwargs)
	for name, text := range map[string]string{"args": args, "kwargs": kwargs} {
		if reason := beyondCelery(text); reason != "" && !wrong.Has(name) {
			wrong.Add(name, "The "+name+" "+reason+".")
		}
	}
	return wrong.Err()
}

// The limits of arguments: Python reads about 1000 levels of JSON, where
// exceeding them ends Celery's beat, and integers of up to 4300 digits.
const (
	maxNesting = 100
	maxDigits  = 4000
)

// beyondCelery returns what Celery cannot read in JSON, "" if it can read it.
func beyondCelery(text string) string {
	tokens, depth := json.NewDecoder(strings.NewReader(text)), 0
	tokens.UseNumber()
	for {
		token, err := tokens.Token()
		if err != nil {
			return ""
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		case "__type__":
			return "contain __type__, which Celery reserves"
		}
		if depth > maxNesting {
			return fmt.Sprintf("are nested more than %d levels deep", maxNesting)
		}
		if number, ok := token.(json.Number); ok && len(number) > maxDigits {
			return fmt.Sprintf("contain a number of more than %d digits", maxDigits)
		}
	}
}

// read decodes a column that may be empty.
func read(text string, into any) bool {
	return text == "" || json.Unmarshal([]byte(text), into) == nil
}
