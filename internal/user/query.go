package user

import (
	"fmt"
	"time"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/query"
	"roster/internal/query/filter"
)

// Query filters and orders users. The zero Query is all users, newest first.
// Equal queries have equal results. ParseQuery parses one from a caller.
type Query struct {
	// Search contains words separated by white space or commas. Each must occur
	// in the username, the e-mail address, the first or last name or the phone
	// number. Case is ignored, accents are significant.
	Search   string
	IsActive query.Choice
	// From and Before bound the creation time: at or after From, before Before.
	// They are in UTC; zero means no bound.
	From, Before time.Time
	Filter       string       // from ParseFilter; "" is none
	Order        string       // from ParseOrder; "" is newest first
	Cursor       query.Cursor // limits the users to those on one side of it, and orders them from there
}

// parameter is a parameter of the list of users. read parses it into a query, or
// returns what is wrong with it.
type parameter struct {
	query.Parameter

	read func(q *Query, text string) (messages []string)
}

// parameters describes the parameters of the list. A new filter is a row here, a
// field of Query, and a condition in package store.
var parameters = []parameter{
	{
		query.Parameter{
			Field: form.Field{Name: "search", Type: form.TypeString, MaxLength: query.MaxSearchLength, Example: "ada lovelace"},
			About: fmt.Sprintf("Up to %d words, separated by white space or commas. Each word must occur in the username, the e-mail address, "+
				"the first or last name or the phone number. Case is ignored, accents are not.", query.MaxSearchWords),
		},
		func(q *Query, text string) (messages []string) {
			q.Search, messages = query.ParseSearch(text)
			return messages
		},
	},
	{
		query.Parameter{
			Field: form.Field{Name: "is_active", Type: form.TypeBoolean},
			About: "Returns only users with this value of `is_active`. `1` and `0` mean `true` and `false`.",
		},
		func(q *Query, text string) (messages []string) {
			q.IsActive, messages = query.ParseChoice(text)
			return messages
		},
	},
	{
		query.Parameter{
			Field: form.Field{Name: "filter", Type: form.TypeString, MaxLength: filter.MaxLength, Example: `email ew "@example.com" and is_active eq true`},
			About: "A condition in the grammar of [RFC 7644, section 3.4.2.2](https://www.rfc-editor.org/rfc/rfc7644#section-3.4.2.2) over the fields of " +
				"a user: `eq`, `ne`, `co` (contains), `sw` (starts with), `ew` (ends with), `gt`, `ge`, `lt`, `le` and `pr` (present), joined by `and`, `or`, " +
				"`not` and parentheses. Texts are compared by code points; `ieq`, `ico`, `isw` and `iew` ignore case. The lookups of django-filter, such as " +
				"`email__iexact` or `created_at__gte`, are parameters of their own.",
		},
		func(q *Query, text string) (messages []string) {
			q.Filter, messages = ParseFilter(text)
			return messages
		},
	},
	{
		query.Parameter{
			Field: form.Field{Name: "ordering", Type: form.TypeString, Example: "last_name,-created_at"},
			About: "Comma-separated fields, each with a `-` prefix for descending order. Unknown fields are ignored. " +
				"Text is ordered by code points; null comes first.",
		},
		func(q *Query, text string) []string {
			q.Order = ParseOrder(text)
			return nil
		},
	},
}

// Parameters returns the parameters of the list. The slice is the caller's own.
func Parameters() []query.Parameter {
	all := make([]query.Parameter, len(parameters))
	for i, p := range parameters {
		all[i] = p.Parameter
	}
	return all
}

// ParseQuery parses the parameters of a list; value returns the text of one, ""
// if it is absent. Equivalent parameters give equal queries. The error is
// Invalid, with the errors of all parameters.
func ParseQuery(value func(name string) string) (q Query, err error) {
	var faults fault.Fields
	for _, p := range parameters {
		if text := value(p.Name); text != "" {
			faults.Add(p.Name, p.read(&q, text)...)
		}
	}
	if len(faults) > 0 {
		return Query{}, faults.Err()
	}
	return q, nil
}

// Words returns the distinct words of the search; see query.Words.
func (q Query) Words() []string { return query.Words(q.Search) }

// ParseOrder parses an ordering of the fields of users with query.ParseKeys. ""
// means newest first, even if that is given explicitly.
func ParseOrder(s string) string {
	if s == "" {
		return ""
	}
	keys := parseKeys(s)
	if n := len(keys); n > 0 && keys[0] == newest && (n == 1 || keys[1] == (query.Key{Field: "id", Descending: true})) {
		return ""
	}
	return query.FormatKeys(keys)
}

// newest is the first key of the default order.
var newest = query.Key{Field: "created_at", Descending: true}

func parseKeys(s string) []query.Key {
	return query.ParseKeys(s, func(name string) bool { return table.Find(name) != nil })
}

// Keys returns the sort keys, most significant first. The last one is the id,
// in the direction of the previous key unless the order contains it. All directions
// are reversed for users before a cursor.
func (q Query) Keys() []query.Key {
	keys := parseKeys(q.Order)
	if len(keys) == 0 {
		keys = []query.Key{newest}
	}
	if last := keys[len(keys)-1]; last.Field != "id" {
		keys = append(keys, query.Key{Field: "id", Descending: last.Descending})
	}
	if q.Cursor.Before {
		for i := range keys {
			keys[i].Descending = !keys[i].Descending
		}
	}
	return keys
}
