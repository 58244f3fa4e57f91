package work

import (
	"roster/internal/form"
)

// Start is a task that is to be started.
type Start struct {
	Kind  string
	Args  string // JSON; "" for the kind's own
	Queue string
}

// startFields are the fields of a task that is to be started.
var startFields = form.Table[Start]{
	{Field: form.Field{Name: "kind", Label: "Kind", Type: form.TypeString, Required: true, Blank: true, MaxLength: 100},
		At: func(s *Start) any { return &s.Kind }},
	{Field: form.Field{Name: "args", Label: "Args", Type: form.TypeJSON},
		At: func(s *Start) any { return &s.Args }},
	{Field: form.Field{Name: "queue", Label: "Queue", Type: form.TypeString, Nullable: true, Blank: true, MaxLength: 100},
		At: func(s *Start) any { return &s.Queue }},
}

// TaskFields are the fields of a task that is to be started.
func TaskFields() []form.Field { return startFields.Fields() }

// ReadStart reads a task that is to be started. The error is Invalid, with the
// faults of fields.
func ReadStart(in form.Input) (s Start, err error) {
	faults := startFields.ReadInto(&s, in, form.Create)
	s.Args = form.Strip(s.Args)
	return s, faults.Err()
}

// CompleteForm adds the boxes to a whole form that were not ticked, and leaves out
// the columns of a group that were not filled in.
func CompleteForm(in form.Input) {
	for name, value := range in {
		if groupOf(name) != "" && value.IsEmpty() {
			delete(in, name)
		}
	}
	for _, name := range []string{"enabled", "one_off"} {
		if _, given := in[name]; !given {
			in[name] = form.Value{Kind: form.Boolean}
		}
	}
}
