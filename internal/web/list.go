package web

import (
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/form"
	"roster/internal/httpkit"
	"roster/internal/httpkit/pagination"
	"roster/internal/lang"
	"roster/internal/user"
)

// usersView is the users page.
type usersView struct {
	listView

	CanAdd bool
	Fields []form.Field // that can be written
	Zone   string       // of the times, an IANA name
}

// listView is the list with its links.
type listView struct {
	state state

	Search, Active, Ordering string
	Filter, UnfilteredURL    string // of the URL, and the list without it
	URL                      string // of the page that shows this list
	Summary                  string // the number of users
	Range                    string // those on this page
	Rows                     []row
	Columns                  []column
	Sizes                    []size
	Pager                    pagination.Pager
	Narrowed                 bool // a search or filter is active
	ResetURL                 string
	CanChange, CanDelete     bool
}

// row is a user in the list.
type row struct {
	ID                           int64
	Username, Name, Email, Phone string
	Initials                     string
	Tint                         int
	Active                       bool
	Created, CreatedISO          string
	CreatedTitle                 string // with the zone
	Unreadable                   string // the stored values that cannot be read; "" for none
}

// size is a choice of page size.
type size struct {
	Rows   int
	Chosen bool
	Usual  bool // the default
}

func newListView(l *lang.Language, s state, page user.Page, actor access.Actor, zone *time.Location) listView {
	v := listView{
		state: s, Search: s.search, Active: s.active(), Ordering: s.query.Order,
		Filter: s.query.Filter, UnfilteredURL: s.withoutFilter().url(usersPath),
		URL: s.url(usersPath), Summary: summary(l, s, page), Range: shownRange(l, s, page),
		Columns: columns(l, s), Pager: pagination.New(s.page, page.Pages, s.pageURL), Narrowed: s.narrowed(),
		ResetURL:  s.unfiltered().url(usersPath),
		CanChange: actor.Can(access.ChangeUser), CanDelete: actor.Can(access.DeleteUser),
	}
	for i := range page.Users {
		v.Rows = append(v.Rows, newRow(l, &page.Users[i], zone))
	}
	for _, n := range sizes(s.usual) {
		v.Sizes = append(v.Sizes, size{n, n == s.size, n == s.usual})
	}
	return v
}

func newRow(l *lang.Language, u *user.User, zone *time.Location) row {
	created := u.CreatedAt.In(zone)
	r := row{
		ID: u.ID, Username: u.Username, Name: fullName(u), Email: u.Email, Phone: u.Phone.String,
		Initials: initials(u), Tint: tintOf(u.Username), Active: u.IsActive,
		Created: l.Day(created), CreatedISO: created.Format(time.RFC3339), CreatedTitle: httpkit.TimeTitle(created), Unreadable: u.Unreadable.String(),
	}
	if u.CreatedAt.IsZero() {
		r.Created = ""
	}
	return r
}

// summary returns the number of users in the list, in words.
func summary(l *lang.Language, s state, page user.Page) string {
	var text string
	switch s.active() {
	case "true":
		text = l.N(page.Total, "%s active user", "%s active users")
	case "false":
		text = l.N(page.Total, "%s inactive user", "%s inactive users")
	default:
		text = l.N(page.Total, "%s user", "%s users")
	}
	if s.search != "" {
		text = l.T("%s found for “%s”", text, s.search)
	}
	return text
}

func shownRange(l *lang.Language, s state, page user.Page) string {
	if page.Total == 0 {
		return ""
	}
	first := (page.Number-1)*int64(s.size) + 1
	return l.T("%s–%s of %s", first, first+int64(len(page.Users))-1, page.Total)
}

// column is the header of a column.
type column struct {
	Key, Label string
	URL        string // of the list in the order that a click selects
	Sort       string // "ascending" or "descending" if the list has this order
}

// sortable lists the columns and the orderings that they select.
var sortable = []struct{ key, label, ordering string }{
	{"username", "Username", "username"},
	{"name", "Name", "first_name,last_name"},
	{"email", "Email", "email"},
	{"phone", "Phone", "phone"},
	{"created", "Created", "created_at"},
	{"active", "Status", "is_active"},
}

// columns returns the headers. The first click sorts ascending, the second
// descending, and the third restores the default order, newest first.
func columns(l *lang.Language, s state) []column {
	order := s.query.Order
	if order == "" {
		order = "-created_at"
	}
	found := make([]column, 0, len(sortable))
	for _, c := range sortable {
		down := descending(c.ordering)
		head := column{Key: c.key, Label: l.T(c.label), URL: s.by(c.ordering).url(usersPath)}
		switch order {
		case c.ordering:
			head.Sort, head.URL = "ascending", s.by(user.ParseOrder(down)).url(usersPath)
		case down:
			head.Sort = "descending"
			if s.query.Order != "" {
				head.URL = s.by("").url(usersPath)
			}
		}
		found = append(found, head)
	}
	return found
}

// descending reverses an ordering.
func descending(ordering string) string {
	return "-" + strings.ReplaceAll(ordering, ",", ",-")
}
