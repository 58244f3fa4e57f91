package user

import (
	"time"

	"roster/internal/fault"
	"roster/internal/query"
)

// Query says which users are listed and in which order. The zero Query is all
// users, newest first. Queries that are equal find the same. ParseQuery makes
// one of what a caller sent.
type Query struct {
	// Search holds words, between them white space or commas: each must be found
	// in the username, the e-mail address, the first or last name or the phone
	// number. The case of letters does not count, their accents do.
	Search   string
	IsActive query.Choice
	// From and Before bound when a user was created: at From or later, and
	// earlier than Before. They are in UTC; zero bounds nothing.
	From, Before time.Time
	Order        string // as ParseOrder returns it; "" is newest first
}

// ParseQuery reads the parameters of a list, "" for those that are not there.
// isActive is read by query.ParseChoice, ordering by ParseOrder. Equal queries
// come out equal. The error is of kind Invalid, with the faults of all parameters.
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

// Words returns the words of the search, each once; see query.Words.
func (q Query) Words() []string { return query.Words(q.Search) }

// ParseOrder reads an ordering of the fields of users as query.ParseKeys does. "" stands for
// newest first, also when that is spelled out.
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

// newest is the first key of the order that users have unless asked otherwise.
var newest = query.Key{Field: "created_at", Descending: true}

func parseKeys(s string) []query.Key {
	return query.ParseKeys(s, func(name string) bool { return table.Find(name) != nil })
}

// Keys returns the keys by which the list is ordered, the most significant
// first. The last is the id, in the direction of the key before it unless the
// order names it.
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
