package resources

import (
	"context"
	"fmt"
	"strconv"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/admin/site/shown"
	"roster/internal/job"
	"roster/internal/task"
	"roster/internal/user"
)

// deliveryLabels are the names of the states of deliveries.
var deliveryLabels = map[job.DeliveryState]string{
	job.Waiting: "Waiting", job.Sending: "In progress or doubt", job.Sent: "Sent", job.Bounced: "Refused", job.GivenUp: "Given up",
	job.OptedOut: "Unsubscribed", job.Gone: "User deleted",
}

// Deliveries returns the resource of the messages of mailings, one per recipient.
func Deliveries(m MailSources) site.Resource {
	states := []site.Choice{}
	for _, s := range job.DeliveryStates() {
		states = append(states, site.Choice{Value: string(s), Label: deliveryLabels[s]})
	}
	return site.Resource{
		Model: access.Model{App: "mail", Name: "delivery"}, Guarded: access.Schedules, App: mailApp, Aside: true,
		One: "delivery", Many: "deliveries", Icon: "mail", Source: deliveriesSource{m}, Search: "Search by the beginning of an address",
		Columns: []site.Column{
			{Name: "recipient", Label: "Recipient"}, {Name: "state", Label: "State"}, {Name: "due", Label: "Next attempt"},
			{Name: "error", Label: "Answer of the server"}, {Name: "mailing", Label: "Mailing"}, {Name: "changed", Label: "Changed"},
			{Name: "attempts", Label: "Deferred", Optional: true}, {Name: "user", Label: "User", Optional: true}, {Name: "id", Label: "Id", Optional: true},
		},
		Filters: []site.Filter{{Name: "state", Label: "State", Choices: states}, {Name: "mailing", Label: "Mailing"}},
		Origin: site.Origin{
			Text: "Mailings, reports and reminders have a delivery per recipient. Other mail, such as a welcome mail, is a task of its own or is sent at once.",
			Ways: []site.Way{{Label: "Mailings", URL: mailingsPath, Needs: access.Schedules.View()}},
		},
		Fieldsets: []site.Fieldset{
			{Title: "Delivery", Fields: readables([][2]string{
				{"recipient", "Recipient"}, {"user", "User"}, {"state", "State"}, {"due", "Next attempt"}, {"error", "Answer of the server"},
				{"attempts", "Times deferred"}, {"changed", "Changed"}, {"mailing", "Mailing"}, {"id", "Id"},
			})},
		},
	}
}

// deliveriesSource is the site.Source of deliveries.
type deliveriesSource struct{ MailSources }

// maxDeliveries is the number of deliveries in each state up to which they are
// counted.
const maxDeliveries = 10_000

// List returns deliveries, the newest first.
func (s deliveriesSource) List(ctx context.Context, actor access.Actor, asked site.Query) (page site.Page, err error) {
	f := job.DeliveryFilter{State: job.DeliveryState(asked.Choices["state"])}
	if text := asked.Choices["mailing"]; text != "" {
		if f.TaskID, err = strconv.ParseInt(text, 10, 64); err != nil || f.TaskID < 1 {
			return page, faultOf("mailing", "The mailing must be an id.")
		}
	}
	found, err := s.Mailings.Deliveries(ctx, actor, f, asked.Search, user.Window{Offset: asked.Offset, Limit: asked.Limit, Count: maxDeliveries + 1})
	if err != nil {
		return page, err
	}
	for i := range found.Deliveries {
		page.Records = append(page.Records, deliveryRecord(&found.Deliveries[i]))
	}
	counts := map[string]site.Count{}
	all := site.Count{More: found.More}
	for _, state := range job.DeliveryStates() {
		n := found.Counts[state]
		c := site.Count{N: min(n, maxDeliveries), More: found.More || n > maxDeliveries}
		counts[string(state)] = c
		all.N, all.More = all.N+c.N, all.More || c.More
	}
	counts[""] = all
	page.Total = counts[string(f.State)]
	page.Facets = map[string]map[string]site.Count{"state": counts}
	page.Choices = map[string][]site.Choice{}
	page.Choices["mailing"], err = s.offered(ctx, actor, f.TaskID)
	return page, err
}

// maxOffered is the number of mailings that the filter offers.
const maxOffered = 10

// offered returns the newest mailings, and the chosen one.
func (s deliveriesSource) offered(ctx context.Context, actor access.Actor, chosen int64) (choices []site.Choice, err error) {
	newest, err := s.Tasks.List(ctx, actor, task.Filter{Kind: job.MailingKind}, 0, maxOffered)
	if err != nil {
		return nil, err
	}
	found := chosen == 0
	for i := range newest {
		t := &newest[i]
		found = found || t.ID == chosen
		choices = append(choices, site.Choice{Value: strconv.FormatInt(t.ID, 10), Label: subjectOf(t)})
	}
	if !found {
		label := "Task " + strconv.FormatInt(chosen, 10)
		if t, err := s.Tasks.Find(ctx, actor, chosen); err == nil {
			label = subjectOf(&t)
		}
		choices = append(choices, site.Choice{Value: strconv.FormatInt(chosen, 10), Label: label})
	}
	return choices, nil
}

// Find returns one delivery.
func (s deliveriesSource) Find(ctx context.Context, actor access.Actor, id int64) (site.Record, error) {
	d, err := s.Mailings.Delivery(ctx, actor, id)
	if err != nil {
		return site.Record{}, err
	}
	return deliveryRecord(&d), nil
}

func deliveryRecord(d *job.SeenDelivery) site.Record {
	r := site.Record{ID: d.ID, Name: recipientName(d), Moves: d.Task.ID != 0 && !d.Task.State.IsFinal() && !isFinal(d.State)}
	r.Values = map[string]any{
		"recipient": r.Name, "state": deliveryBadge(d), "error": d.Error, "attempts": int64(d.Attempts), "changed": d.Changed,
		"mailing": mailingLink(&d.Task), "user": d.Username, "id": d.ID,
	}
	if d.Username != "" {
		r.Values["user"] = shown.Object{Kind: "user", ID: d.UserID, Name: d.Username}
	}
	if d.State == job.Waiting && d.Due.After(d.Changed) && !d.Task.State.IsFinal() {
		r.Values["due"] = d.Due
	}
	return r
}

func isFinal(s job.DeliveryState) bool { return s != job.Waiting && s != job.Sending }

// recipientName returns the address of a recipient, or what else names it.
func recipientName(d *job.SeenDelivery) string {
	switch {
	case d.Address != "":
		return d.Address
	case d.UserID > 0:
		return fmt.Sprintf("User %d", d.UserID)
	}
	return fmt.Sprintf("Recipient %d", -d.UserID)
}

// deliveryBadge names the state of a delivery. What was in progress when its run
// ended is in doubt.
func deliveryBadge(d *job.SeenDelivery) shown.Badge {
	over := d.Task.ID == 0 || d.Task.State.IsFinal()
	switch d.State {
	case job.Sending:
		if d.Task.State == task.Running {
			return shown.Badge{Text: "sending"}
		}
		return shown.Badge{Text: "in doubt", Tone: shown.Warn}
	case job.Waiting:
		switch {
		case over:
			return shown.Badge{Text: "not sent", Tone: shown.Warn}
		case d.Attempts > 0 || d.Error != "":
			return shown.Badge{Text: "deferred", Tone: shown.Warn}
		}
		return shown.Badge{Text: "queued"}
	case job.Sent:
		return shown.Badge{Text: "sent", Tone: shown.Good}
	case job.Bounced:
		return shown.Badge{Text: "refused", Tone: shown.Bad}
	case job.GivenUp:
		return shown.Badge{Text: "given up", Tone: shown.Bad}
	case job.OptedOut:
		return shown.Badge{Text: "unsubscribed"}
	case job.Gone:
		return shown.Badge{Text: "user deleted"}
	}
	return shown.Badge{Text: string(d.State)}
}
