// Package resources describes the records of the admin site, one kind per file:
// columns, filters, forms and actions, and the source that loads them from the
// domain services.
package resources

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/admin/site/shown"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/phrase"
	"roster/internal/query"
	"roster/internal/subject"
	"roster/internal/task"
	"roster/internal/user"
)

// maxCounted is the number of matches up to which they are counted. Counting more
// takes too long for a page.
const maxCounted = 2_000

// UserServices are the services of the resource of users.
type UserServices struct {
	Users         *user.Users
	Subscriptions *user.Subscriptions
	Trash         *user.Trash
	KeepDays      int // that deleted users are kept, 0 if they are not
	Tasks         *task.Tasks
	Records       *subject.Records
}

// Users returns the resource of users.
func Users(s UserServices) site.Resource {
	users := s.Users
	res := site.Resource{
		Model: access.Model{App: "users", Name: "tuser"}, App: "Users", One: "user", Many: "users", Object: "user", Icon: "users",
		Source: usersSource{users, s.Subscriptions}, Ordering: "-created_at",
		Search: "Search by username, name, e-mail or phone", Dates: "created_at",
		Filters: []site.Filter{{
			Name: "is_active", Label: "Is active",
			Choices: []site.Choice{{Value: "1", Label: "Yes"}, {Value: "0", Label: "No"}},
		}},
	}
	shown := []string{"username", "email", "first_name", "last_name", "is_active", "created_at"}
	for _, f := range inOrder([]string{"username", "email", "first_name", "last_name", "phone", "is_active", "created_at", "updated_at", "address"}) {
		optional := !slices.Contains(shown, f.Name)
		res.Columns = append(res.Columns, site.Column{Name: f.Name, Label: f.Label, Sortable: f.Name != "address", Optional: optional})
	}
	account, person, dates := site.Fieldset{Title: "Account"}, site.Fieldset{Title: "Person"}, site.Fieldset{Title: "Dates"}
	for _, f := range inOrder([]string{"username", "email", "is_active", "created_at", "updated_at"}) {
		set := &person
		switch {
		case f.ReadOnly:
			set = &dates
		case f.Required || f.Type == form.TypeBoolean:
			set = &account
		}
		set.Fields = append(set.Fields, editable(f))
	}
	account.Fields = append(account.Fields, site.Field{
		Name: mailings, Label: "Gets mailings", Widget: site.Box, OnChange: true, Help: "Mail about the account is sent in any case.",
	})
	res.Fieldsets = []site.Fieldset{account, person, dates}
	res.Origin.Text = "Users are added here, on the users page, through the API or by Django."
	res.Actions = userActions(users, s.Trash, s.KeepDays)
	res.Remains = "The audit trail keeps the deleted values."
	if s.KeepDays > 0 {
		res.Undelete = "restore_deleted"
		res.Remains = "This user will be moved to the trash, which keeps all fields for " + phrase.Count(int64(s.KeepDays), "day") + "."
	}
	res.Consequences = func(ctx context.Context, actor access.Actor, id int64) ([]string, error) {
		return consequences(ctx, users, actor, id)
	}
	userPage(&res, s)
	return res
}

// inOrder returns the fields of users: those of these names first.
func inOrder(names []string) []form.Field {
	fields := user.Table().Fields()
	place := func(f form.Field) int {
		if at := slices.Index(names, f.Name); at >= 0 {
			return at
		}
		return len(names)
	}
	slices.SortStableFunc(fields, func(a, b form.Field) int { return cmp.Compare(place(a), place(b)) })
	return fields
}

// widgets are how the site shows the controls of fields.
var widgets = map[string]site.Widget{form.Checkbox: site.Box, form.Textarea: site.Area, form.Line: site.Line}

// editable describes a field of the form as its rules have it.
func editable(rules form.Field) site.Field {
	if rules.ReadOnly {
		return site.Field{Name: rules.Name, Label: rules.Label, ReadOnly: true}
	}
	f := site.Field{
		Name: rules.Name, Label: rules.Label, Required: rules.Required, InputMode: rules.InputMode, Widget: widgets[rules.Control()],
	}
	if rules.Name == "is_active" {
		f.Initial, f.Help = "true", "Clear this instead of deleting users who may come back."
	}
	if rules.MinLength > 0 {
		f.Help = fmt.Sprintf("%d to %d characters.", rules.MinLength, rules.MaxLength)
	}
	return f
}

// mailings is the field that says whether a user gets mailings.
const mailings = "mailings"

// usersSource is the site.Source of users.
type usersSource struct {
	users         *user.Users
	subscriptions *user.Subscriptions
}

// List returns users. Without a search the counts are exact.
func (s usersSource) List(ctx context.Context, actor access.Actor, asked site.Query) (page site.Page, err error) {
	q, err := queryOf(asked)
	if err != nil {
		return page, err
	}
	counts, found, err := s.users.Look(ctx, actor, q, user.Window{Offset: asked.Offset, Limit: asked.Limit, Count: maxCounted})
	if err != nil {
		return page, err
	}
	if page.First, page.Last, err = s.users.CreatedSpan(ctx, actor); err != nil {
		return page, err
	}
	count := func(c query.Choice) site.Count { return site.Count{N: counts.Of(c), More: counts.More} }
	page.Total = count(q.IsActive)
	page.Facets = map[string]map[string]site.Count{
		"is_active": {"": count(query.Either), "1": count(query.OnlyTrue), "0": count(query.OnlyFalse)},
	}
	for i := range found {
		page.Records = append(page.Records, recordOf(&found[i]))
	}
	return page, nil
}

// Some implements site.Searcher.
func (s usersSource) Some(ctx context.Context, actor access.Actor, text string, limit int) (records []site.Record, err error) {
	q, err := queryOf(site.Query{Search: text})
	if err != nil {
		return nil, err
	}
	found, err := s.users.Some(ctx, actor, q, 0, limit)
	for i := range found {
		records = append(records, recordOf(&found[i]))
	}
	return records, err
}

// queryOf converts a query. A search that is a filter in the grammar of the API, such
// as email ew "@example.com", is one.
func queryOf(asked site.Query) (user.Query, error) {
	given := map[string]string{"ordering": asked.Order, "search": asked.Search}
	if _, wrong := user.ParseFilter(asked.Search); asked.Search != "" && len(wrong) == 0 {
		given["search"], given["filter"] = "", asked.Search
	}
	maps.Copy(given, asked.Choices)
	q, err := user.ParseQuery(func(name string) string { return given[name] })
	q.From, q.Before = asked.From, asked.Before
	return q, err
}

// Find returns one user.
func (s usersSource) Find(ctx context.Context, actor access.Actor, id int64) (site.Record, error) {
	u, err := s.users.Find(ctx, actor, id)
	if err != nil {
		return site.Record{}, err
	}
	return s.withMailings(ctx, actor, u)
}

// withMailings returns the record of a user with the field mailings.
func (s usersSource) withMailings(ctx context.Context, actor access.Actor, u user.User) (site.Record, error) {
	record := recordOf(&u)
	gets, err := s.subscriptions.Gets(ctx, actor, u.ID)
	record.Values[mailings] = gets
	return record, err
}

// setMailings stores the field mailings of a user that was saved, if it is given.
func (s usersSource) setMailings(ctx context.Context, actor access.Actor, u user.User, values map[string]string) (site.Record, error) {
	if gets, given := values[mailings]; given {
		was, err := s.subscriptions.Gets(ctx, actor, u.ID)
		if err == nil && was != (gets == "true") {
			err = s.subscriptions.Set(ctx, actor, u.ID, gets == "true")
		}
		if err != nil {
			return site.Record{}, err
		}
	}
	return s.withMailings(ctx, actor, u)
}

// Extent returns the number of selected users and the highest ID.
func (s usersSource) Extent(ctx context.Context, actor access.Actor, asked site.Query) (count, through int64, err error) {
	q, err := queryOf(asked)
	if err != nil {
		return 0, 0, err
	}
	return s.users.Extent(ctx, actor, q)
}

// Slice returns users without counting them.
func (s usersSource) Slice(ctx context.Context, actor access.Actor, asked site.Query) (records []site.Record, err error) {
	q, err := queryOf(asked)
	if err != nil {
		return nil, err
	}
	found, err := s.users.Some(ctx, actor, q, asked.Offset, asked.Limit)
	for i := range found {
		records = append(records, recordOf(&found[i]))
	}
	return records, err
}

// maxOrdered is the number of users up to which exports have the order of the list.
const maxOrdered = 5000

// Walk iterates over the selected users.
func (s usersSource) Walk(ctx context.Context, actor access.Actor, asked site.Query, fn func(site.Record) error) error {
	q, err := queryOf(asked)
	if err != nil {
		return err
	}
	found, err := s.users.Some(ctx, actor, q, 0, maxOrdered+1)
	if err != nil {
		return err
	}
	if len(found) > maxOrdered {
		return s.users.Walk(ctx, actor, q, func(u *user.User) error { return fn(recordOf(u)) })
	}
	for i := range found {
		if err := fn(recordOf(&found[i])); err != nil {
			return err
		}
	}
	return nil
}

// Create adds a user.
func (s usersSource) Create(ctx context.Context, actor access.Actor, values map[string]string) (site.Record, error) {
	u, err := s.users.Create(ctx, actor, inputOf(user.Table().Fields(), values))
	return recordOf(&u), err
}

// Update changes a user of that version.
func (s usersSource) Update(ctx context.Context, actor access.Actor, id int64, version string, values map[string]string) (site.Record, error) {
	if err := checkVersion(version); err != nil {
		return site.Record{}, err
	}
	u, err := s.users.Expecting(version).Update(ctx, actor, id, inputOf(user.Table().Fields(), values), form.Partial)
	if err != nil {
		return recordOf(&u), err
	}
	return s.setMailings(ctx, actor, u, values)
}

// Delete deletes a user of that version.
func (s usersSource) Delete(ctx context.Context, actor access.Actor, id int64, version string) error {
	if err := checkVersion(version); err != nil {
		return err
	}
	return s.users.Expecting(version).Delete(ctx, actor, id)
}

// checkVersion returns an error for a text that is no version of a user.
func checkVersion(version string) error {
	if !strings.Contains(version, "-") {
		return fault.New(fault.Invalid, "The form has no valid version.")
	}
	return nil
}

// inputOf converts form values. As in Django's forms, an empty text is null for
// nullable fields.
func inputOf(fields []form.Field, values map[string]string) form.Input {
	in := form.Input{}
	for _, f := range fields {
		text, given := values[f.Name]
		switch {
		case !given:
		case f.Type == form.TypeBoolean:
			in[f.Name] = form.Value{Kind: form.Boolean, Bool: text == "true"}
		case f.Nullable && form.Strip(text) == "":
			in[f.Name] = form.Value{Kind: form.Null}
		default:
			in[f.Name] = form.Value{Kind: form.String, Text: text}
		}
	}
	return in
}

func recordOf(u *user.User) site.Record {
	record := site.Record{ID: u.ID, Name: u.Username, Version: u.Version(), Values: map[string]any{}}
	for _, c := range user.Table() {
		record.Values[c.Name] = c.Get(u)
		if c.Type == form.TypeDateTime && u.Unreadable.Has(c.Name) {
			record.Values[c.Name] = shown.Badge{Text: "Unreadable", Tone: shown.Warn}
		}
	}
	return record
}
