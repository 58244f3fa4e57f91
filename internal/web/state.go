package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"roster/internal/fault"
	"roster/internal/query"
	"roster/internal/user"
)

// usersPath is the users page, rowsPath the list alone.
const (
	usersPath = "/users/"
	rowsPath  = "/users/rows/"
)

// state is the list that a URL selects.
type state struct {
	query  user.Query
	search string // as typed
	page   int64  // from 1, or query.LastPage
	size   int
	usual  int // the default size
}

// sizes returns the choices of page size.
func sizes(usual int) []int {
	all := []int{10, 25, 50, 100, usual}
	slices.Sort(all)
	return slices.Compact(all)
}

// parseState parses a query. Parameters of the API are Invalid as they are in the
// API. A page that is not a number is NotFound. An unknown page size is ignored.
func parseState(values url.Values, usual int) (state, error) {
	s := state{search: strings.TrimSpace(values.Get("search")), page: 1, size: usual, usual: usual}
	var err error
	values.Set("search", s.search)
	if s.query, err = user.ParseQuery(values.Get); err != nil {
		return s, err
	}
	if size, err := strconv.Atoi(values.Get("page_size")); err == nil && slices.Contains(sizes(usual), size) {
		s.size = size
	}
	switch page := values.Get("page"); page {
	case "":
	case "last":
		s.page = query.LastPage
	default:
		s.page, err = strconv.ParseInt(page, 10, 64)
		if err != nil || s.page < 1 {
			return s, fault.New(fault.NotFound, "Invalid page.")
		}
	}
	return s, nil
}

// active returns the filter as the URL has it.
func (s state) active() string {
	return map[query.Choice]string{query.OnlyTrue: "true", query.OnlyFalse: "false"}[s.query.IsActive]
}

// url returns the URL of the state at path, without default parameters.
func (s state) url(path string) string {
	values := url.Values{}
	for name, value := range map[string]string{"search": s.search, "is_active": s.active(), "filter": s.query.Filter, "ordering": s.query.Order} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if s.page > 1 {
		values.Set("page", strconv.FormatInt(s.page, 10))
	}
	if s.size != s.usual {
		values.Set("page_size", strconv.Itoa(s.size))
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// on returns the state with another page.
func (s state) on(page int64) state {
	s.page = page
	return s
}

// pageURL returns the URL of another page.
func (s state) pageURL(page int64) string { return s.on(page).url(usersPath) }

// by returns the first page of the state in another order.
func (s state) by(ordering string) state {
	s.page, s.query.Order = 1, ordering
	return s
}

// unfiltered returns the state without search and filter.
func (s state) unfiltered() state {
	s.page, s.search, s.query = 1, "", user.Query{Order: s.query.Order}
	return s
}

// narrowed reports whether a search or filter is active.
func (s state) narrowed() bool {
	return s.search != "" || s.query.Filter != "" || s.query.IsActive != query.Either
}

// withoutFilter returns the first page of the state without the filter of the URL.
func (s state) withoutFilter() state {
	s.page, s.query.Filter = 1, ""
	return s
}
