package site

import (
	"net/url"
	"time"
)

// ReadState reads a query as the list of a resource does, and returns the
// query that the page would have in its links and what it asks the source.
func ReadState(res *Resource, query string, zone *time.Location) (again string, q Query, ok bool) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", Query{}, false
	}
	s, ok := parseState(res, values, zone)
	if !ok {
		return "", Query{}, false
	}
	return s.values().Encode(), s.query(zone), true
}
