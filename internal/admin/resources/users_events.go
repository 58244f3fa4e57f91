package resources

import (
	"bytes"
	"fmt"
	"strings"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/admin/site/shown"
	"roster/internal/audit"
	"roster/internal/job"
	"roster/internal/phrase"
	"roster/internal/subject"
	"roster/internal/task"
	"roster/internal/user"
)

// doors are the names of doors.
var doors = map[access.Door]string{access.API: "API", access.Web: "Users page", access.Admin: "Admin", access.CLI: "Command line", access.Task: "Task"}

// eventOf describes an event.
func eventOf(e subject.Event) site.Event {
	switch {
	case e.Entry != nil:
		return site.Event{
			At: e.At, Text: e.Entry.Actor + " " + didTo(e.Entry), Tone: actionTones[e.Entry.Action],
			Door: doors[e.Entry.Origin.Door], Reason: e.Entry.Reason,
		}
	case e.Mail != nil:
		state := mailStates[e.Mail.State]
		return site.Event{
			At: e.At, Text: "The mail “" + subjectOr(e.Mail.Subject) + "” " + state.sentence, Tone: state.tone, Reason: e.Mail.Error,
			More: shown.Link{Text: fmt.Sprintf("Task %d", e.Mail.TaskID), URL: taskURL(e.Mail.TaskID)},
		}
	}
	state, sentence := taskState(e.Task)
	what := "The task " + e.Task.Kind
	if e.Task.Kind == job.WelcomeKind {
		what = "The welcome mail"
	}
	return site.Event{
		At: e.At, Text: what + " " + sentence, Tone: state.Tone, By: e.Task.Actor, Reason: e.Task.Error,
		More: shown.Link{Text: fmt.Sprintf("Task %d", e.Task.ID), URL: taskURL(e.Task.ID)},
	}
}

// actionTones are the colors of actions.
var actionTones = map[audit.Action]shown.Tone{audit.Create: shown.Good, audit.Delete: shown.Bad, audit.Restore: shown.Good}

// mailState describes a state of a message.
type mailState struct {
	text, sentence string
	tone           shown.Tone
}

var mailStates = map[job.DeliveryState]mailState{
	job.Waiting:  {"Waiting", "is waiting to be sent", shown.Plain},
	job.Sending:  {"Sending", "is being sent", shown.Plain},
	job.Sent:     {"Sent", "was sent", shown.Good},
	job.Bounced:  {"Rejected", "was rejected", shown.Bad},
	job.GivenUp:  {"Given up", "could not be delivered", shown.Bad},
	job.Gone:     {"Not sent", "was not sent, because the user was deleted", shown.Plain},
	job.OptedOut: {"Not sent", "was not sent, because the user had unsubscribed", shown.Plain},
}

// taskState returns the state of a task about a user, and the end of a sentence about
// it.
func taskState(t *task.Task) (badge shown.Badge, sentence string) {
	mail := t.Kind == job.WelcomeKind
	switch {
	case t.State == task.Done && mail && bytes.Contains(t.Result, []byte(`"sent":true`)):
		return shown.Badge{Text: "Sent", Tone: shown.Good}, "was sent"
	case t.State == task.Done && mail:
		return shown.Badge{Text: "Not sent"}, "was not sent"
	case t.State == task.Done:
		return shown.Badge{Text: "Done", Tone: shown.Good}, "is done"
	case t.State == task.Dead:
		return shown.Badge{Text: "Failed", Tone: shown.Bad}, "failed"
	case t.State == task.Canceled:
		return shown.Badge{Text: "Canceled"}, "was canceled"
	case t.State == task.Running:
		return shown.Badge{Text: "Running"}, "is running"
	}
	return shown.Badge{Text: "Waiting"}, "is waiting"
}

// maxNamed is the number of changed fields that a sentence names.
const maxNamed = 3

// didTo returns what an entry about a user says, without the actor.
func didTo(r *audit.Row) string {
	switch r.Action {
	case audit.Create:
		return "added this user"
	case audit.Delete:
		return "deleted this user"
	case audit.Restore:
		return strings.Join(append([]string{"restored this user"}, changesIn(r)...), " and ")
	case audit.Purge:
		return "deleted this user for good"
	case audit.Update:
	default:
		return string(r.Action) + " this user"
	}
	did := changesIn(r)
	switch n := len(did); n {
	case 0:
		return "changed this user"
	case 1, 2:
		return strings.Join(did, " and ")
	default:
		return strings.Join(did[:n-1], ", ") + ", and " + did[n-1]
	}
}

// changesIn returns the parts of a sentence about the changed fields.
func changesIn(r *audit.Row) (did []string) {
	for _, c := range r.Changes[:min(len(r.Changes), maxNamed)] {
		did = append(did, changed(c))
	}
	if more := len(r.Changes) - len(did); more > 0 {
		did = append(did, "changed "+phrase.Count(int64(more), "other field"))
	}
	return did
}

// changed returns the part of a sentence about a changed field.
func changed(c audit.Change) string {
	switch {
	case c.Field == "is_active" && c.New == true:
		return "activated this user"
	case c.Field == "is_active":
		return "deactivated this user"
	case c.Field == mailings && c.New == true:
		return "subscribed this user to mailings"
	case c.Field == mailings:
		return "unsubscribed this user from mailings"
	}
	label := "the " + fieldName(c.Field)
	switch {
	case isNone(c.Old):
		return "set " + label + " to " + shortOf(c.New)
	case isNone(c.New):
		return "removed " + label + " " + shortOf(c.Old)
	}
	return "changed " + label + " from " + shortOf(c.Old) + " to " + shortOf(c.New)
}

func isNone(value any) bool { return value == nil || value == "" }

// fieldName returns the name of a field of a user within a sentence.
func fieldName(field string) string {
	for _, f := range user.Table().Fields() {
		if f.Name == field {
			return strings.ToLower(f.Label)
		}
	}
	return strings.ReplaceAll(field, "_", " ")
}
