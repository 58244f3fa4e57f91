package job

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/task"
	"roster/internal/user"
)

// DeliveryFilter selects deliveries. The zero filter selects all.
type DeliveryFilter struct {
	TaskID int64         // 0: any
	State  DeliveryState // "": any
	Users  []int64       // nil: any
}

// SeenDelivery is a stored delivery, with what is shown of it.
type SeenDelivery struct {
	Delivery

	TaskID   int64
	Changed  time.Time // last change
	Address  string    // of the recipient now; "" if the user was deleted, or may not be viewed
	Username string    // likewise; "" also for recipients that are no users
	Task     task.Task // the mailing; the zero Task if it was deleted
}

// DeliveryStates lists the states in the order in which a recipient reaches them.
func DeliveryStates() []DeliveryState {
	return []DeliveryState{Waiting, Sending, Sent, Bounced, GivenUp, OptedOut, Gone}
}

// DeliveryReader reads deliveries. Implementations are safe for concurrent use,
// and return errors of package fault.
type DeliveryReader interface {
	// ListDeliveries returns up to limit deliveries that match f, newest first,
	// after skipping offset.
	ListDeliveries(ctx context.Context, f DeliveryFilter, offset int64, limit int) ([]SeenDelivery, error)
	// CountDeliveriesBy counts the deliveries that match f by state, up to most of
	// each.
	CountDeliveriesBy(ctx context.Context, f DeliveryFilter, most int64) (map[DeliveryState]int64, error)
	// CountRecipients returns how many users match q and have not unsubscribed.
	CountRecipients(ctx context.Context, q user.Query) (int64, error)
	// ListRecipients returns the first up to limit of them, by id.
	ListRecipients(ctx context.Context, q user.Query, limit int) ([]user.User, error)
	// FindDelivery returns a delivery, or NotFound.
	FindDelivery(ctx context.Context, id int64) (SeenDelivery, error)
	// CountDeliveries returns the number of deliveries of a task in each state.
	CountDeliveries(ctx context.Context, taskID int64) (map[DeliveryState]int64, error)
}

// Mailings shows mailings and their deliveries. Every method requires the
// permission to view periodic tasks. Recipients and the words of servers, which
// name them, are removed for actors who may not view users. It is safe for
// concurrent use.
type Mailings struct {
	tasks *task.Tasks
	users *user.Users
	store DeliveryReader
}

// NewMailings returns the service on that store.
func NewMailings(tasks *task.Tasks, users *user.Users, store DeliveryReader) *Mailings {
	return &Mailings{tasks, users, store}
}

// MailingKind is the kind of tasks that are mailings to users.
const MailingKind = bulkNotification

// maxCounted is the number of deliveries in a state up to which they are always
// counted: the page of a running mailing asks every second.
const maxCounted = 50_000

// Counts returns the number of recipients of a mailing in each state, nil if the
// task is none. Those of a finished one are in its result. Those sent and waiting of
// a large one that runs are computed from its progress, which is a second old.
func (m *Mailings) Counts(ctx context.Context, actor access.Actor, t *task.Task) (map[DeliveryState]int64, error) {
	if k, err := m.tasks.Kinds().Find(t.Kind); err != nil || !k.Mailing {
		return nil, nil //nolint:nilerr // a kind that is no longer known is no mailing
	}
	if err := actor.Check(access.Schedules.View()); err != nil {
		return nil, err
	}
	var counts map[DeliveryState]int64
	if t.Kind == MailingKind && t.State == task.Done && json.Unmarshal(t.Result, &counts) == nil && counts != nil {
		return counts, nil
	}
	counts, err := m.store.CountDeliveriesBy(ctx, DeliveryFilter{TaskID: t.ID}, maxCounted+1)
	if err != nil || max(counts[Sent], counts[Waiting]) <= maxCounted {
		return counts, err
	}
	if t.State != task.Running {
		return m.store.CountDeliveries(ctx, t.ID)
	}
	counts[Sent] = max(0, t.Done-counts[Bounced]-counts[GivenUp]-counts[OptedOut]-counts[Gone])
	counts[Waiting] = max(0, t.Total-t.Done-counts[Sending])
	return counts, nil
}

// maxFound is the number of users whose deliveries a search shows.
const maxFound = 200

// DeliveryPage is a page of deliveries, and the number of all that match by state,
// if the state were not filtered.
type DeliveryPage struct {
	Deliveries []SeenDelivery
	Counts     map[DeliveryState]int64
	More       bool // the search has found more users than were considered
}

// Deliveries returns up to limit deliveries that match f, newest first, after
// skipping offset, and counts up to most of each state. A search is the beginning
// of the address of a user, in any case; it finds nothing for actors who may not
// view users.
func (m *Mailings) Deliveries(ctx context.Context, actor access.Actor, f DeliveryFilter, search string, w user.Window) (page DeliveryPage, err error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return page, err
	}
	if search != "" {
		if f.Users, page.More, err = m.addressed(ctx, actor, search); err != nil {
			return page, err
		}
	}
	if page.Deliveries, err = m.store.ListDeliveries(ctx, f, w.Offset, w.Limit); err != nil {
		return page, err
	}
	if err := m.complete(ctx, actor, page.Deliveries); err != nil {
		return page, err
	}
	f.State = ""
	page.Counts, err = m.store.CountDeliveriesBy(ctx, f, w.Count)
	return page, err
}

// Delivery returns one delivery, or NotFound.
func (m *Mailings) Delivery(ctx context.Context, actor access.Actor, id int64) (SeenDelivery, error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return SeenDelivery{}, err
	}
	found, err := m.store.FindDelivery(ctx, id)
	if err != nil {
		return found, err
	}
	one := []SeenDelivery{found}
	err = m.complete(ctx, actor, one)
	return one[0], err
}

// Recipients returns how many users a mailing would be sent to now, and the first up
// to limit of them. It requires the permissions to view users and to mail them. The
// error is Invalid for a filter that cannot be read.
func (m *Mailings) Recipients(ctx context.Context, actor access.Actor, args BulkArgs, limit int) (count int64, sample []user.User, err error) {
	for _, p := range []access.Permission{access.ViewUser, access.MailUser} {
		if err := actor.Check(p); err != nil {
			return 0, nil, err
		}
	}
	q, err := args.Query()
	if err != nil {
		return 0, nil, err
	}
	if count, err = m.store.CountRecipients(ctx, q); err != nil || count == 0 {
		return count, nil, err
	}
	sample, err = m.store.ListRecipients(ctx, q, limit)
	return count, sample, err
}

// addressed returns the ids of users whose address begins with a text, and whether
// there are more. The slice is not nil.
func (m *Mailings) addressed(ctx context.Context, actor access.Actor, search string) (ids []int64, more bool, err error) {
	ids = []int64{}
	if !actor.Can(access.ViewUser) {
		return ids, false, nil
	}
	condition, messages := user.ParseFilter("email sw " + strconv.Quote(form.Lower(search)))
	if messages != nil { // too long, or with characters that no address has
		return ids, false, nil
	}
	found, err := m.users.Some(ctx, actor, user.Query{Filter: condition, Order: "email"}, 0, maxFound+1)
	for i := range found[:min(len(found), maxFound)] {
		ids = append(ids, found[i].ID)
	}
	return ids, len(found) > maxFound, err
}

// complete adds the mailings and their recipients, and removes what the actor may
// not see.
func (m *Mailings) complete(ctx context.Context, actor access.Actor, ds []SeenDelivery) error {
	known := map[int64]task.Task{}
	for i := range ds {
		d := &ds[i]
		t, ok := known[d.TaskID]
		if !ok {
			var err error
			if t, err = m.tasks.Find(ctx, actor, d.TaskID); err != nil && fault.KindOf(err) != fault.NotFound {
				return err
			}
			known[d.TaskID] = t
		}
		d.Task = t
		if n := -d.UserID - 1; n >= 0 {
			d.Address = recipientsOf(t, n)
		}
		if !actor.Can(access.ViewUser) {
			d.Address, d.Username, d.Error = "", "", ""
		}
	}
	return nil
}

// recipientsOf returns the n-th recipient in the arguments of a task, "" if there
// is none.
func recipientsOf(t task.Task, n int64) string {
	var args struct {
		Recipients []string `json:"recipients"`
	}
	if json.Unmarshal(t.Args, &args) != nil || n >= int64(len(args.Recipients)) {
		return ""
	}
	return args.Recipients[n]
}

// Audience describes whom a mailing is sent to, as a filter of users.
type Audience struct {
	Subject, Message string
	Search, Filter   string
	Active           *bool // nil: either
	Rate             int   // messages per minute; 0: unlimited
}

// AudienceOf returns the audience of a mailing; false if its arguments cannot be
// read.
func AudienceOf(t *task.Task) (a Audience, ok bool) {
	var args BulkArgs
	if t.Kind != MailingKind || json.Unmarshal(t.Args, &args) != nil {
		return a, false
	}
	active := true
	a = Audience{Subject: args.Subject, Message: args.Message, Rate: args.Rate, Active: &active}
	if f := args.Filter; f != nil {
		a.Search, a.Filter = f.Search, f.Filter
		if f.IsActive != nil {
			a.Active = f.IsActive
		}
	}
	return a, true
}
