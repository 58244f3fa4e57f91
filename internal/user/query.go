package user

import (
	"time"

	"roster/internal/fault"
	"roster/internal/query"
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
	Order        string // from ParseOrder; "" is newest first
}

// ParseQuery parses the parameters of a list, "" if absent. isActive is parsed
// by query.ParseChoice, ordering by ParseOrder. Equivalent parameters give
// equal queries. The error is Invalid, with the errors of all parameters.
func ParseQuery(search, isActive, ordering string) (Query, error) {
	if search == "" && isActive == "" && ordering == "" {
		return Query{}, nil
	}
	q := Query{Order: ParseOrder(ordering)}
	var messages []string
	var faults fault.Fields
	q.Search, messages = query.ParseSearch(search)
	faults.Add("search", messages...)
	q.IsActive, messages = query.ParseChoice(isActive)
	faults.Add("is_active", messages...)
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
// in the direction of the previous key unless the order contains it.
func (q Query) Keys() []query.Key {
	keys := parseKeys(q.Order)
	if len(keys) == 0 {
		keys = []query.Key{newest}
	}
	if last := keys[len(keys)-1]; last.Field != "id" {
		keys = append(keys, query.Key{Field: "id", Descending: last.Descending})
	}
	return keys
}
