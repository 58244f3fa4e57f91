package resources

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/admin/site/shown"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/phrase"
	"roster/internal/subject"
	"roster/internal/task"
	"roster/internal/user"
)

// userPage completes the page of a user.
func userPage(res *site.Resource, s UserServices) {
	res.Headline = userHeadline
	res.Tabs = []site.Tab{
		{Name: "timeline", Label: "Timeline", Needs: access.ViewUser, Load: timeline(s.Records)},
		{Name: "mail", Label: "Mail", Needs: access.Schedules.View(), Load: mailTo(s.Records)},
		{Name: "related", Label: "Related", Needs: access.ViewUser, Load: related(s.Users)},
	}
	res.Buttons = []site.Button{
		setActive(s.Users, "deactivate", "Deactivate", "The user was deactivated.", false),
		setActive(s.Users, "activate", "Activate", "The user was activated.", true),
	}
	res.Extras = []site.Extra{sendMail(s.Users, s.Subscriptions, s.Tasks)}
	res.Downloads = []site.Download{{Name: "data", Label: "Export data", Needs: access.ViewUser, Write: s.Records.Export}}
}

// userHeadline returns who a user is, and its state.
func userHeadline(r site.Record) []site.Fact {
	state := shown.Badge{Text: "Active", Tone: shown.Good}
	if r.Values["is_active"] != true {
		state = shown.Badge{Text: "Inactive", Tone: shown.Warn}
	}
	facts := []site.Fact{{Label: "State", Value: state}}
	if name := strings.Join(strings.Fields(textIn(r, "first_name")+" "+textIn(r, "last_name")), " "); name != "" {
		facts = append(facts, site.Fact{Label: "Name", Value: name})
	}
	return append(facts, site.Fact{Label: "Email", Value: r.Values["email"]},
		site.Fact{Label: "Created", Value: r.Values["created_at"]}, site.Fact{Label: "Updated", Value: r.Values["updated_at"]})
}

// textIn returns the text of a field, "" for none.
func textIn(r site.Record, field string) string {
	text, _ := r.Values[field].(string)
	return text
}

// setActive returns the button that activates or deactivates a user.
func setActive(users *user.Users, name, label, done string, active bool) site.Button {
	return site.Button{
		Name: name, Label: label, Needs: access.ChangeUser,
		Fits: func(r site.Record) bool { return r.Values["is_active"] == !active },
		Run: func(ctx context.Context, actor access.Actor, id int64) (site.Outcome, error) {
			_, err := users.Update(ctx, actor, id, form.Input{"is_active": {Kind: form.Boolean, Bool: active}}, form.Partial)
			return site.Outcome{Text: done}, err
		},
	}
}

// sendMail returns the page that mails a message to one user.
func sendMail(users *user.Users, subscriptions *user.Subscriptions, tasks *task.Tasks) site.Extra {
	return site.Extra{
		Name: "mail", Label: "Send mail", Needs: access.MailUser, Button: "Send",
		Done: "The mail was queued. The tab Mail shows when it is sent.",
		Fields: []site.Field{
			{Name: "subject", Label: "Subject", Widget: site.Line, Required: true},
			{Name: "message", Label: "Message", Widget: site.Area, Required: true},
		},
		Show: func(ctx context.Context, actor access.Actor, ask site.Ask) (site.Sheet, error) {
			u, err := users.Find(ctx, actor, ask.ID)
			return site.Sheet{Title: "Send mail to " + u.Username, Text: "The message is sent to " + u.Email + "."}, err
		},
		Do: func(ctx context.Context, actor access.Actor, id int64, values map[string]string) error {
			u, err := users.Find(ctx, actor, id)
			if err != nil {
				return err
			}
			gets, err := subscriptions.Gets(ctx, actor, id)
			if err == nil && !gets {
				err = fault.New(fault.Conflict, "This user has unsubscribed from mailings.")
			}
			if err != nil {
				return err
			}
			return startMail(ctx, tasks, actor, u, values)
		},
	}
}

// startMail starts a mailing to one user.
func startMail(ctx context.Context, tasks *task.Tasks, actor access.Actor, u user.User, values map[string]string) error {
	var faults fault.Fields
	for _, name := range []string{"subject", "message"} {
		if strings.TrimSpace(values[name]) == "" {
			faults.Add(name, "This field is required.")
		}
	}
	if len(faults) > 0 {
		return faults.Err()
	}
	args, err := json.Marshal(map[string]any{
		"subject": values["subject"], "message": values["message"],
		"user_filter": map[string]any{"filter": fmt.Sprintf("id eq %d", u.ID), "is_active": u.IsActive},
	})
	if err != nil {
		return err
	}
	_, err = tasks.Start(ctx, actor, "send_bulk_notification", args, "")
	return err
}

// related returns the rows of other tables that refer to a user.
func related(users *user.Users) func(context.Context, access.Actor, site.Ask) (site.Content, error) {
	effects := map[user.Effect]string{user.Blocks: "Keeps the user from being deleted", user.Deleted: "Deleted with the user", user.Cleared: "No longer refers to a user"}
	return func(ctx context.Context, actor access.Actor, ask site.Ask) (site.Content, error) {
		found, err := users.Dependents(ctx, actor, ask.ID)
		table := &site.Table{Columns: []string{"Table", "Rows", "When the user is deleted"}}
		for _, d := range found {
			rows := phrase.Count(d.Rows, "row")
			if d.More {
				rows = "More than " + rows
			}
			table.Rows = append(table.Rows, []any{d.Table, rows, effects[d.Effect]})
		}
		return site.Content{Table: table, Empty: "No rows of other tables refer to this user."}, err
	}
}

// eventsShown is the number of events on a part of a tab.
const eventsShown = 50

// timeline returns what happened to a user, as sentences.
func timeline(records *subject.Records) func(context.Context, access.Actor, site.Ask) (site.Content, error) {
	return func(ctx context.Context, actor access.Actor, ask site.Ask) (site.Content, error) {
		found, mark, err := records.Events(ctx, actor, ask.ID, parseMark(ask.Query.Get("before")), eventsShown)
		content := site.Content{Empty: "Nothing was recorded about this user. It was probably not added through Roster.", Older: formatMark(mark)}
		for _, e := range found {
			content.Events = append(content.Events, eventOf(e))
		}
		return content, err
	}
}

// mailTo returns the mail that was sent to a user.
func mailTo(records *subject.Records) func(context.Context, access.Actor, site.Ask) (site.Content, error) {
	return func(ctx context.Context, actor access.Actor, ask site.Ask) (site.Content, error) {
		found, mark, err := records.Mail(ctx, actor, ask.ID, parseMark(ask.Query.Get("before")), eventsShown)
		table := &site.Table{Columns: []string{"Subject", "State", "When", "Error"}}
		for _, e := range found {
			table.Rows = append(table.Rows, mailRow(e))
		}
		return site.Content{Table: table, Empty: "No mail was sent to this user.", Older: formatMark(mark)}, err
	}
}

// formatMark returns a mark as text, "" if no events follow it.
func formatMark(m subject.Mark) string {
	if m.Ended() {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", m.Entry, m.Mail, m.Task)
}

// parseMark returns the mark of a text, the zero Mark for another one.
func parseMark(text string) (m subject.Mark) {
	if _, err := fmt.Sscanf(text, "%d.%d.%d", &m.Entry, &m.Mail, &m.Task); err != nil || min(m.Entry, m.Mail, m.Task) < 0 {
		return subject.Mark{}
	}
	return m
}

// mailRow returns the row of a mail.
func mailRow(e subject.Event) []any {
	if e.Task != nil {
		state, _ := taskState(e.Task)
		return []any{shown.Link{Text: "Welcome mail", URL: taskURL(e.Task.ID)}, state, e.At, e.Task.Error}
	}
	m := e.Mail
	return []any{shown.Link{Text: subjectOr(m.Subject), URL: taskURL(m.TaskID)}, shown.Badge{Text: mailStates[m.State].text, Tone: mailStates[m.State].tone}, e.At, m.Error}
}

func taskURL(id int64) string { return fmt.Sprintf("/admin/tasks/task/%d/", id) }

func subjectOr(text string) string {
	if text == "" {
		return "Mail of a deleted task"
	}
	return text
}
