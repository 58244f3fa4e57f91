package resources

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/query"
)

// Accounts returns the resource of staff accounts.
func Accounts(accounts *auth.Accounts, groups *auth.Groups, sessions *auth.Sessions, factors *auth.Factors, invite Invite) site.Resource {
	line := func(name, label string) site.Field { return site.Field{Name: name, Label: label, Widget: site.Line} }
	box := func(name, label, help string) site.Field {
		return site.Field{Name: name, Label: label, Widget: site.Box, Help: help}
	}
	username := line("username", "Username")
	username.Required, username.Help = true, "150 characters or fewer. Letters, digits and @/./+/-/_ only."
	active := box("is_active", "Active", "Clear this instead of deleting accounts.")
	active.Initial = "true"
	staff := box("is_staff", "Staff", "Can log in to this site.")
	staff.Initial, staff.Locked = "true", onlySuperusers("make an account staff, so that it can log in")
	superuser := box("is_superuser", "Superuser", "Has all permissions.")
	superuser.Locked = onlySuperusers("change this")
	yesNo := []site.Choice{{Value: "1", Label: "Yes"}, {Value: "0", Label: "No"}}
	return site.Resource{
		Model: access.Accounts, App: "Authentication and authorization", One: "staff account", Many: "staff accounts", Object: "account", Short: "Staff", Icon: "staff",
		Source: accountsSource{accounts, groups, sessions, factors, invite}, Search: "Search by username, name or e-mail", Sensitive: true,
		Columns: []site.Column{
			{Name: "username", Label: "Username"}, {Name: "email", Label: "E-mail"},
			{Name: "first_name", Label: "First name"}, {Name: "last_name", Label: "Last name"},
			{Name: "is_staff", Label: "Staff"}, {Name: "is_superuser", Label: "Superuser"}, {Name: "is_active", Label: "Active"},
			{Name: "last_login", Label: "Last login", Optional: true}, {Name: "date_joined", Label: "Joined", Optional: true},
		},
		Filters: []site.Filter{
			{Name: "is_staff", Label: "Staff", Choices: yesNo}, {Name: "is_superuser", Label: "Superuser", Choices: yesNo},
			{Name: "is_active", Label: "Active", Choices: yesNo},
		},
		Fieldsets: []site.Fieldset{
			{Title: "Account", Fields: []site.Field{
				username, line("first_name", "First name"), line("last_name", "Last name"), line("email", "E-mail")}},
			{Title: "Password", Fields: append(passwordFields(accounts, true), inviteField(invite))},
			{Title: "Permissions", Fields: []site.Field{
				active, staff, superuser,
				{Name: "groups", Label: "Groups", Widget: site.Boxes, Choices: groupChoices(groups)},
				presetChoice(groups),
				{Name: "permissions", Label: "Permissions", Widget: site.Boxes, Choices: permissionsOf(groups)}}},
			{Title: "Logins", Fields: readables([][2]string{
				{factorsField, "Two-factor authentication"}, {"last_login", "Last login"}, {"failed_logins", "Failed logins since then"}, {"date_joined", "Joined"}})},
		},
		Buttons: []site.Button{unlockButton(sessions), inviteButton(invite), endSessionsButton(sessions)},
		Origin:  site.Origin{Text: "The command roster createsuperuser creates the first one, who adds others here."},
		Extras: []site.Extra{accountReasons(accounts, groups), passwordPage(accounts), ownedPage("tokens", "API tokens", "/admin/tokens/"),
			ownedPage("identities", "Linked logins", "/admin/identities/"), factorsPage(accounts, factors), holders(accounts, groups)},
		Remains: "Its sessions end. The audit trail keeps its entries.",
	}
}

// onlySuperusers locks a field for everyone else.
func onlySuperusers(verb string) func(access.Actor) string {
	return func(actor access.Actor) string {
		if actor.HoldsAll() {
			return ""
		}
		return "Only superusers can " + verb + "."
	}
}

// lockedBy returns the message of an error that says why the actor cannot change
// a record, "" for none.
func lockedBy(err error) string {
	if refused, ok := errors.AsType[*fault.Error](err); ok {
		return refused.Message
	}
	return ""
}

func groupChoices(groups *auth.Groups) func(context.Context, access.Actor) ([]site.Choice, error) {
	return func(ctx context.Context, actor access.Actor) (choices []site.Choice, err error) {
		all, err := groups.List(ctx, actor)
		for _, g := range all {
			locked := auth.CheckReach(actor, auth.Account{}, auth.Holdings{Groups: []auth.Group{g}}) != nil
			choices = append(choices, site.Choice{Value: strconv.FormatInt(g.ID, 10), Label: g.Name, Locked: locked})
		}
		return choices, err
	}
}

// accountsSource is the site.Editor of staff accounts.
type accountsSource struct {
	accounts *auth.Accounts
	groups   *auth.Groups
	sessions *auth.Sessions
	factors  *auth.Factors
	invite   Invite
}

// List returns accounts by their usernames.
func (s accountsSource) List(ctx context.Context, actor access.Actor, asked site.Query) (page site.Page, err error) {
	q := auth.AccountQuery{
		Search: asked.Search, IsStaff: choiceOf(asked.Choices["is_staff"]),
		IsSuperuser: choiceOf(asked.Choices["is_superuser"]), IsActive: choiceOf(asked.Choices["is_active"]),
	}
	found, total, err := s.accounts.List(ctx, actor, q, asked.Offset, asked.Limit)
	page.Total = site.Count{N: total}
	for i := range found {
		page.Records = append(page.Records, accountRecord(&found[i], auth.Holdings{}))
	}
	return page, err
}

// Some implements site.Searcher.
func (s accountsSource) Some(ctx context.Context, actor access.Actor, text string, limit int) (records []site.Record, err error) {
	found, err := s.accounts.Some(ctx, actor, auth.AccountQuery{Search: text}, limit)
	for i := range found {
		records = append(records, accountRecord(&found[i], auth.Holdings{}))
	}
	return records, err
}

// choiceOf parses a choice of a filter, which offers no others.
func choiceOf(text string) query.Choice {
	choice, _ := query.ParseChoice(text)
	return choice
}

// Find returns one account.
func (s accountsSource) Find(ctx context.Context, actor access.Actor, id int64) (site.Record, error) {
	a, holdings, err := s.accounts.Find(ctx, actor, id)
	if err != nil {
		return site.Record{}, err
	}
	state, err := s.sessions.LoginState(ctx, actor, a)
	if err != nil {
		return site.Record{}, err
	}
	factors, err := s.factors.State(ctx, actor, id)
	if err != nil {
		return site.Record{}, err
	}
	rows, err := s.groups.ListPermissions(ctx, actor)
	record := accountRecord(&a, holdings)
	record.Values[presetField] = presetOf(holdings.Permissions, rows)
	record.Values[factorsField] = factorsText(factors)
	record.Locked = lockedBy(auth.CheckReach(actor, a, holdings))
	record.Values["failed_logins"], record.Values[locked] = state.Failed, state.Locked
	record.Values[invitable] = a.CanInvite()
	return record, err
}

// locked is the value that says whether strangers may log in to an account.
const locked = "locked"

// unlockButton resets the failed logins of an account.
func unlockButton(sessions *auth.Sessions) site.Button {
	return site.Button{
		Name: "unlock", Label: "Unlock login", Needs: access.Accounts.Change(),
		Fits: func(r site.Record) bool { return r.Values[locked] == true },
		Run: func(ctx context.Context, actor access.Actor, id int64) (site.Outcome, error) {
			return site.Outcome{Text: "The login was unlocked."}, sessions.Unlock(ctx, actor, id)
		},
	}
}

// endSessionsButton logs the owner of an account out everywhere.
func endSessionsButton(sessions *auth.Sessions) site.Button {
	return site.Button{
		Name: "end-sessions", Label: "End sessions", Danger: true, Needs: access.Accounts.Change(),
		Run: func(ctx context.Context, actor access.Actor, id int64) (site.Outcome, error) {
			if id == actor.ID() {
				return site.Outcome{}, fault.New(fault.Conflict, "To end your own sessions, use Sessions in the account menu.")
			}
			n, err := sessions.Revoke(ctx, actor, id, auth.SessionChoice{})
			switch n {
			case 0:
				return site.Outcome{Text: "The account has no sessions."}, err
			case 1:
				return site.Outcome{Text: "1 session was ended."}, err
			}
			return site.Outcome{Text: fmt.Sprintf("%d sessions were ended.", n)}, err
		},
	}
}

// Create adds an account with the password of the form, or none, and may invite
// its owner.
func (s accountsSource) Create(ctx context.Context, actor access.Actor, values map[string]string) (site.Record, error) {
	if err := applyPreset(ctx, actor, s.groups, values); err != nil {
		return site.Record{}, err
	}
	change, err := accountChange(values)
	if err != nil {
		return site.Record{}, err
	}
	pw, err := passwordOf(values)
	if err != nil {
		return site.Record{}, err
	}
	invited := values["invite"] != ""
	if invited {
		if err := checkInvited(change); err != nil {
			return site.Record{}, err
		}
	}
	a, err := s.accounts.Create(ctx, actor, change, pw)
	if err == nil && invited {
		err = s.invite(ctx, actor, a.ID)
	}
	return accountRecord(&a, auth.Holdings{}), err
}

// Update changes an account of that version.
func (s accountsSource) Update(ctx context.Context, actor access.Actor, id int64, version string, values map[string]string) (site.Record, error) {
	if err := applyPreset(ctx, actor, s.groups, values); err != nil {
		return site.Record{}, err
	}
	change, err := accountChange(values)
	if err != nil {
		return site.Record{}, err
	}
	a, err := s.accounts.Expecting(version).Update(ctx, actor, id, change)
	return accountRecord(&a, auth.Holdings{}), err
}

// Delete deletes an account of that version.
func (s accountsSource) Delete(ctx context.Context, actor access.Actor, id int64, version string) error {
	return s.accounts.Expecting(version).Delete(ctx, actor, id)
}

// accountChange converts form values.
func accountChange(values map[string]string) (c auth.AccountChange, err error) {
	for name, field := range map[string]**string{"username": &c.Username, "email": &c.Email, "first_name": &c.FirstName, "last_name": &c.LastName} {
		if text, given := values[name]; given {
			*field = &text
		}
	}
	for name, field := range map[string]**bool{"is_active": &c.IsActive, "is_staff": &c.IsStaff, "is_superuser": &c.IsSuperuser} {
		if text, given := values[name]; given {
			is := text == "true"
			*field = &is
		}
	}
	if text, given := values["permissions"]; given {
		permissions := permissionsIn(text)
		c.Permissions = &permissions
	}
	if text, given := values["groups"]; given {
		ids := []int64{}
		for line := range strings.FieldsSeq(text) {
			id, err := strconv.ParseInt(line, 10, 64)
			if err != nil {
				return c, fault.Wrap(fault.Invalid, "The form has an invalid group.", err)
			}
			ids = append(ids, id)
		}
		c.Groups = &ids
	}
	return c, nil
}

func accountRecord(a *auth.Account, h auth.Holdings) site.Record {
	groups := make([]string, len(h.Groups))
	for i, g := range h.Groups {
		groups[i] = strconv.FormatInt(g.ID, 10)
	}
	values := map[string]any{
		"username": a.Username, "email": a.Email, "first_name": a.FirstName, "last_name": a.LastName,
		"is_active": a.IsActive, "is_staff": a.IsStaff, "is_superuser": a.IsSuperuser,
		"groups": sortedLines(groups), "permissions": linesOf(h.Permissions), "date_joined": a.DateJoined,
	}
	if !a.LastLogin.IsZero() {
		values["last_login"] = a.LastLogin
	}
	return site.Record{ID: a.ID, Name: a.Username, Version: a.Version(h), Values: values}
}
