package resources

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/admin/site/shown"
	"roster/internal/fault"
	"roster/internal/httpkit/pagination"
	"roster/internal/job"
	"roster/internal/phrase"
	"roster/internal/task"
)

const (
	mailApp        = "Mail"
	mailingsPath   = "/admin/mail/mailing/"
	deliveriesPath = "/admin/mail/delivery/"
	// ComposePath is the page that starts a mailing. Its parameters search, filter
	// and active fill in the audience.
	ComposePath = "/admin/mail/compose/"
)

// MailSources are what the pages of mail show. Now returns the time in the zone of
// the pages.
type MailSources struct {
	Tasks    *task.Tasks
	Mailings *job.Mailings
	Now      func() time.Time
}

// Mailings returns the resource of mailings to users: tasks of one kind.
func Mailings(m MailSources) site.Resource {
	states := []site.Choice{}
	for _, s := range task.States() {
		states = append(states, site.Choice{Value: string(s), Label: stateLabel(s)})
	}
	return site.Resource{
		Model: access.Model{App: "mail", Name: "mailing"}, Guarded: access.Schedules, App: mailApp, Short: mailApp, Icon: "mail",
		One: "mailing", Many: "mailings", Object: "task", Source: mailingsSource{m, tasksSource{m.Tasks, m}}, Ordering: "-at",
		Search: "Search by subject, text, filter or id",
		Columns: []site.Column{
			{Name: "subject", Label: "Subject"}, {Name: "state", Label: "State"}, {Name: "sentence", Label: "Progress"},
			{Name: "audience", Label: "Audience"}, {Name: "at", Label: "Created"}, {Name: "actor", Label: "By"},
			{Name: "rate", Label: "Rate", Optional: true}, {Name: "finished", Label: "Ended", Optional: true}, {Name: "id", Label: "Id", Optional: true},
		},
		Filters: []site.Filter{{Name: "state", Label: "State", Choices: states}},
		Origin: site.Origin{
			Text: "A mailing is a message to many users, one mail each.",
			Ways: []site.Way{{Label: "Write a mailing", URL: ComposePath, Needs: access.MailUser}},
		},
		Extras: []site.Extra{
			elsewhere("compose", "New mailing", access.MailUser, ComposePath),
			elsewhere("deliveries", "Deliveries", access.Schedules.View(), deliveriesPath),
			deliveriesOf(), stopMailing(m.Tasks),
		},
		Buttons: mailingButtons(m.Tasks),
		Fieldsets: []site.Fieldset{
			{Title: "Progress", Fields: append(
				[]site.Field{{Name: "state", Label: "State", ReadOnly: true}, {Name: "sentence", Label: "Recipients", ReadOnly: true, Announced: true}},
				readables([][2]string{{"progress", "Progress"}, {"waits", "Waits"}, {"error", "Last error"}})...,
			)},
			{Title: "Message", Fields: readables([][2]string{{"subject", "Subject"}, {"audience", "Audience"}, {"message", "Text"}, {"rate", "Rate"}})},
			{Title: "Times", Fields: readables([][2]string{
				{"actor", "By"}, {"at", "Created"}, {"run_at", "Not before"}, {"started", "Started"}, {"finished", "Finished"}, {"task", "Task"},
			})},
		},
	}
}

// elsewhere is a link of the list to another page.
func elsewhere(name, label string, needs access.Permission, address string) site.Extra {
	return site.Extra{Name: name, Label: label, Needs: needs, Whole: true, Show: func(context.Context, access.Actor, site.Ask) (site.Sheet, error) {
		return site.Sheet{Elsewhere: address}, nil
	}}
}

// deliveriesOf is the link of a mailing to its deliveries.
func deliveriesOf() site.Extra {
	return site.Extra{Name: "deliveries", Label: "Deliveries", Needs: access.Schedules.View(), Show: func(_ context.Context, _ access.Actor, ask site.Ask) (site.Sheet, error) {
		return site.Sheet{Elsewhere: deliveriesTo(ask.ID)}, nil
	}}
}

// deliveriesTo returns the address of the deliveries of a mailing.
func deliveriesTo(id int64) string {
	return deliveriesPath + "?" + url.Values{"mailing__exact": {strconv.FormatInt(id, 10)}}.Encode()
}

// stopMailing is the page that asks before a mailing is stopped.
func stopMailing(tasks *task.Tasks) site.Extra {
	return site.Extra{
		Name: "stop", Label: "Stop", Needs: access.Schedules.Change(), Button: "Stop mailing", Danger: true, Done: "Stopping was requested.",
		Fits: func(r site.Record) bool { return r.Moves || r.Values["over"] == string(task.Paused) },
		Show: func(context.Context, access.Actor, site.Ask) (site.Sheet, error) {
			return site.Sheet{
				Title: "Stop this mailing?",
				Text:  "Those who have not got the message yet will not get it. You can send it to them later with “Send to those not reached”. To interrupt the mailing for a while, pause it instead.",
			}, nil
		},
		Do: func(ctx context.Context, actor access.Actor, id int64, _ map[string]string) error {
			return tasks.Cancel(ctx, actor, id)
		},
	}
}

func mailingButtons(tasks *task.Tasks) []site.Button {
	press := pressTask
	return []site.Button{
		{
			Name: "pause", Label: "Pause", Needs: access.Schedules.Change(), Run: press(tasks.Pause, "Pausing was requested."),
			Fits: func(r site.Record) bool { return r.Moves && r.Values["pausing"] != true },
		},
		{
			Name: "resume", Label: "Resume", Needs: access.Schedules.Change(), Run: press(tasks.Resume, "The mailing continues."),
			Fits: func(r site.Record) bool {
				return r.Values["over"] == string(task.Paused) || r.Values["pausing"] == true
			},
		},
		{
			Name: "resend", Label: "Send to those not reached", Needs: access.Schedules.Change(), Run: press(tasks.Resend, "The mailing was queued for those not reached."),
			Fits: func(r site.Record) bool { return r.Values["final"] == true && r.Values["missed"] != int64(0) },
		},
	}
}

// pressTask adapts an action on a task for a button.
func pressTask(do func(context.Context, access.Actor, int64) error, text string) func(context.Context, access.Actor, int64) (site.Outcome, error) {
	return func(ctx context.Context, actor access.Actor, id int64) (site.Outcome, error) {
		return site.Outcome{Text: text, Field: "state"}, do(ctx, actor, id)
	}
}

// mailingsSource is the site.Source of mailings.
type mailingsSource struct {
	MailSources

	all tasksSource
}

// List returns mailings, always the newest first.
func (s mailingsSource) List(ctx context.Context, actor access.Actor, asked site.Query) (site.Page, error) {
	choices := map[string]string{"kind": job.MailingKind, "state": asked.Choices["state"]}
	asked.Choices = choices
	return s.all.page(ctx, actor, asked, func(t *task.Task) (site.Record, error) { return s.record(ctx, actor, t) })
}

// Find returns one mailing.
func (s mailingsSource) Find(ctx context.Context, actor access.Actor, id int64) (site.Record, error) {
	t, err := s.Tasks.Find(ctx, actor, id)
	if err != nil {
		return site.Record{}, err
	}
	if t.Kind != job.MailingKind {
		return site.Record{}, fault.New(fault.NotFound, "Not found.")
	}
	return s.record(ctx, actor, &t)
}

func (s mailingsSource) record(ctx context.Context, actor access.Actor, t *task.Task) (site.Record, error) {
	r := taskRecord(t)
	counts, err := s.Mailings.Counts(ctx, actor, t)
	if err != nil {
		return r, err
	}
	a, _ := job.AudienceOf(t)
	r.Name = subjectOf(t)
	r.Values["subject"], r.Values["message"], r.Values["audience"], r.Values["rate"] = r.Name, shown.Code(a.Message), audienceText(a), rateText(a.Rate)
	r.Values["sentence"] = progressText(t, counts, s.Now())
	r.Values["task"] = shown.Link{Text: taskName(t), URL: tasksPath + strconv.FormatInt(t.ID, 10) + "/change/"}
	r.Values["final"], r.Values["missed"] = t.State.IsFinal(), counts[job.Bounced]+counts[job.GivenUp]+counts[job.Waiting]+counts[job.Sending]
	return r, nil
}

// subjectOf returns the subject of a mailing, or the name of another task.
func subjectOf(t *task.Task) string {
	if a, ok := job.AudienceOf(t); ok && strings.TrimSpace(a.Subject) != "" {
		return strings.Join(strings.Fields(a.Subject), " ")
	}
	return taskName(t)
}

// audienceText describes an audience.
func audienceText(a job.Audience) string {
	text := "All users"
	if a.Active != nil {
		text = map[bool]string{true: "Active users", false: "Inactive users"}[*a.Active]
	}
	if a.Search != "" {
		text += " found by “" + a.Search + "”"
	}
	if a.Filter != "" {
		text += " with " + a.Filter
	}
	return text
}

func rateText(rate int) string {
	if rate == 0 {
		return "Unlimited"
	}
	return phrase.Count(rate, "message") + " per minute"
}

// stateLabel returns the name of a state of a mailing.
func stateLabel(s task.State) string { return strings.ToUpper(string(s[:1])) + string(s[1:]) }

// progressText describes the progress of a mailing by the state of its recipients:
// "4,088 sent, 47 refused, 34 waiting until 23:45". now is in the zone of the pages.
func progressText(t *task.Task, counts map[job.DeliveryState]int64, now time.Time) string {
	later := t.RunAt.After(now)
	waiting, open := "waiting", counts[job.Waiting]
	if t.State == task.Running {
		open += counts[job.Sending]
	}
	switch {
	case t.State.IsFinal():
		waiting = "not sent"
	case t.State == task.Pending && later:
		waiting = "waiting until " + clock(t.RunAt, now)
	}
	var parts []string
	for _, part := range []struct {
		n    int64
		text string
	}{
		{counts[job.Sent], "sent"}, {counts[job.Bounced], "refused"}, {counts[job.GivenUp], "given up"}, {counts[job.OptedOut], "unsubscribed"},
		{counts[job.Gone], "deleted"}, {counts[job.Sending], "in doubt"}, {open, waiting},
	} {
		if part.n > 0 && (part.text != "in doubt" || t.State != task.Running) {
			parts = append(parts, pagination.Grouped(part.n)+" "+part.text)
		}
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case t.State == task.Done:
		return "No one matched"
	case t.State == task.Pending && later && t.Runs == 0:
		return "Starts at " + clock(t.RunAt, now)
	case t.State == task.Running:
		return "Collecting the recipients"
	}
	return "Not started"
}

// clock formats a time of this day as 15:04, and others with their day.
func clock(at, now time.Time) string {
	at = at.In(now.Location())
	switch {
	case at.Format(time.DateOnly) == now.Format(time.DateOnly):
		return at.Format("15:04")
	case at.Year() == now.Year():
		return at.Format("2 January 15:04")
	}
	return at.Format("2 January 2006 15:04")
}

// mailingLink links to the page of a mailing, or to another task.
func mailingLink(t *task.Task) any {
	switch {
	case t.ID == 0:
		return "Deleted"
	case t.Kind == job.MailingKind:
		return shown.Link{Text: subjectOf(t), URL: fmt.Sprintf("%s%d/change/", mailingsPath, t.ID)}
	}
	return shown.Link{Text: taskName(t), URL: fmt.Sprintf("%s%d/change/", tasksPath, t.ID)}
}
