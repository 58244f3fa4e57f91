package site

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"roster/internal/httpkit"
)

// state is the list that a URL selects. The parameters are those of Django's admin
// site: q, o, p, FIELD__exact, FIELD__year and so on. It is immutable: methods
// return a modified copy.
type state struct {
	res     *Resource
	search  string
	choices map[string]string // by filter
	dates   dates
	order   []sortKey // nil for the default
	columns []string  // chosen columns after the first; nil for the default
	page    int64     // from 1
	size    int
	dense   bool // rows are low
	recalls bool // the visitor has a layout of their own, so URLs must name it
}

// sortKey is a column to order by; columns are numbered from 1.
type sortKey struct {
	column     int
	descending bool
}

// sizes has the choices of page size; usualSize is the default.
var sizes = [...]int{25, 50, 100, 200}

const (
	usualSize = 50
	maxSearch = 200 // code points
	maxPage   = 1 << 31
	noColumns = "-" // the value of cols for the first column alone
	exact     = "__exact"

	compact, comfortable = "compact", "comfortable" // the values of density
)

// parseState parses a query; false if it has parameters or values that the list
// does not support.
func parseState(res *Resource, values url.Values, zone *time.Location) (s state, ok bool) {
	s = state{res: res, page: 1, size: usualSize, choices: map[string]string{}}
	for name, all := range values {
		if len(all) == 0 || !s.read(name, all, zone) {
			return state{}, false
		}
	}
	return s, s.dates.valid()
}

// read parses one parameter.
func (s *state) read(name string, values []string, zone *time.Location) (ok bool) {
	last := values[len(values)-1]
	switch name {
	case "q":
		s.search = strings.TrimSpace(last)
		known := s.res.Search != "" || last == ""
		return known && utf8.ValidString(last) && utf8.RuneCountInString(last) <= maxSearch && !strings.Contains(last, "\x00")
	case "o":
		s.order, ok = s.res.parseOrder(last)
		return ok
	case "p":
		s.page, ok = parseNumber(last, maxPage)
		return ok
	case "per_page":
		n, ok := parseNumber(last, maxPage)
		s.size = int(n)
		return ok && slices.Contains(sizes[:], s.size)
	case "cols":
		s.columns, ok = s.res.parseColumns(values)
		return ok
	case "density":
		s.dense = last == compact
		return s.dense || last == comfortable
	}
	if s.res.Dates != "" {
		if lookup, found := strings.CutPrefix(name, s.res.Dates+"__"); found {
			return s.dates.read(lookup, last, zone)
		}
	}
	return s.choose(name, last)
}

// choose parses the parameter of a filter. An empty value selects all.
func (s *state) choose(name, value string) bool {
	field, found := strings.CutSuffix(name, exact)
	f, known := s.res.filter(field)
	if !found || !known {
		return false
	}
	if value == "" {
		return true
	}
	s.choices[field] = value
	return f.has(value)
}

func parseNumber(text string, limit int64) (n int64, ok bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 1 && n <= limit
}

// parseOrder parses column numbers separated by dots, with "-" for descending. It
// ignores repetitions.
func (rs *Resource) parseOrder(text string) (order []sortKey, ok bool) {
	if text == "" {
		return nil, true
	}
	for term := range strings.SplitSeq(text, ".") {
		digits, descending := strings.CutPrefix(term, "-")
		n, ok := parseNumber(digits, int64(len(rs.Columns)))
		if !ok || !rs.Columns[n-1].Sortable {
			return nil, false
		}
		if !slices.ContainsFunc(order, func(k sortKey) bool { return k.column == int(n) }) {
			order = append(order, sortKey{int(n), descending})
		}
	}
	return order, true
}

// parseColumns parses column names and returns them in the order of the resource.
func (rs *Resource) parseColumns(names []string) (columns []string, ok bool) {
	for _, name := range names {
		if name != noColumns && rs.column(name) == 0 {
			return nil, false
		}
	}
	columns = []string{}
	for _, c := range rs.Columns[1:] {
		if slices.Contains(names, c.Name) {
			columns = append(columns, c.Name)
		}
	}
	return columns, true
}

// layoutCookie keeps the columns, the page size and the density that a visitor chose. Its path
// is that of the list.
const (
	layoutCookie = "roster_admin_layout"
	layoutAge    = 365 * 24 * time.Hour
	maxLayout    = 1000 // bytes; a cookie of more is none of ours
)

// recall stores the layout of the URL in a cookie, and applies what the cookie has
// and the URL does not set. An invalid cookie is ignored.
func (s state) recall(w http.ResponseWriter, r *http.Request, asked url.Values) state {
	kept, hasKept := s.kept(r)
	if hasKept && !asked.Has("cols") {
		s.columns = kept.columns
	}
	if hasKept && !asked.Has("per_page") {
		s.size = kept.size
	}
	if hasKept && !asked.Has("density") {
		s.dense = kept.dense
	}
	s.recalls = hasKept
	if asked.Has("cols") || asked.Has("per_page") || asked.Has("density") {
		s.recalls = true
		//nolint:gosec // http has no secure cookies
		http.SetCookie(w, &http.Cookie{
			Name: layoutCookie, Value: s.layout(), Path: s.res.path(), MaxAge: int(layoutAge.Seconds()),
			HttpOnly: true, Secure: httpkit.RequestOf(r).Scheme == "https", SameSite: http.SameSiteLaxMode,
		})
	}
	return s
}

// kept returns a state with the layout of the cookie.
func (s state) kept(r *http.Request) (kept state, ok bool) {
	cookie, err := r.Cookie(layoutCookie)
	if err != nil || len(cookie.Value) > maxLayout {
		return state{}, false
	}
	values, err := url.ParseQuery(cookie.Value)
	if err != nil {
		return state{}, false
	}
	for name := range values {
		if name != "cols" && name != "per_page" && name != "density" {
			return state{}, false
		}
	}
	return parseState(s.res, values, time.UTC)
}

// layout returns the value of the cookie.
func (s state) layout() string {
	all := s.values()
	layout := url.Values{"per_page": {strconv.Itoa(s.size)}}
	if columns, chosen := all["cols"]; chosen {
		layout["cols"] = columns
	}
	if s.dense {
		layout.Set("density", compact)
	}
	return layout.Encode()
}

// values returns the parameters of the state without defaults.
func (s state) values() url.Values {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("q", s.search)
	set("o", formatOrder(s.order))
	for name, value := range s.choices {
		set(name+exact, value)
	}
	for lookup, value := range s.dates.parameters() {
		set(s.res.Dates+"__"+lookup, value)
	}
	if s.columns != nil {
		values["cols"] = s.columns
		if len(s.columns) == 0 {
			values["cols"] = []string{noColumns}
		}
	}
	if s.page > 1 {
		set("p", strconv.FormatInt(s.page, 10))
	}
	if s.size != usualSize || s.recalls {
		set("per_page", strconv.Itoa(s.size))
	}
	switch {
	case s.dense:
		set("density", compact)
	case s.recalls:
		set("density", comfortable)
	}
	return values
}

func formatOrder(order []sortKey) string {
	terms := make([]string, len(order))
	for i, k := range order {
		if terms[i] = strconv.Itoa(k.column); k.descending {
			terms[i] = "-" + terms[i]
		}
	}
	return strings.Join(terms, ".")
}

// url returns the address of the list in this state.
func (s state) url() string { return s.below("") }

// below returns the address of a page below the list with the same parameters.
func (s state) below(page string) string {
	query := s.values().Encode()
	if query != "" {
		query = "?" + query
	}
	return s.res.path() + page + query
}

// on returns the state with another page.
func (s state) on(page int64) state {
	s.page = page
	return s
}

// pageURL returns the address of another page.
func (s state) pageURL(page int64) string { return s.on(page).url() }

// by returns the state in another order.
func (s state) by(order ...sortKey) state {
	s.page, s.order = 1, order
	return s
}

// with returns the state with a choice of a filter, "" for all.
func (s state) with(filter, value string) state {
	s.page, s.choices = 1, maps.Clone(s.choices)
	delete(s.choices, filter)
	if value != "" {
		s.choices[filter] = value
	}
	return s
}

// at returns the state with other dates.
func (s state) at(d dates) state {
	s.page, s.dates = 1, d
	return s
}

// everything returns the state without search, filters and dates.
func (s state) everything() state {
	s.page, s.search, s.choices, s.dates = 1, "", nil, dates{}
	return s
}

// narrowed reports whether a search, a filter or dates are set.
func (s state) narrowed() bool {
	return s.search != "" || len(s.choices) > 0 || s.dates != (dates{})
}

// keys returns the columns by which the list is ordered.
func (s state) keys() []sortKey {
	if len(s.order) > 0 {
		return s.order
	}
	name, descending := strings.CutPrefix(s.res.Ordering, "-")
	if n := s.res.column(name); n > 0 {
		return []sortKey{{n, descending}}
	}
	return nil
}

// query returns the query for the source.
func (s state) query(zone *time.Location) Query {
	q := Query{
		Search: s.search, Choices: s.choices,
		Offset: (s.page - 1) * int64(s.size), Limit: s.size,
	}
	q.From, q.Before = s.dates.span(zone)
	var terms []string
	for _, k := range s.keys() {
		name := s.res.Columns[k.column-1].Name
		if k.descending {
			name = "-" + name
		}
		terms = append(terms, name)
	}
	q.Order = strings.Join(terms, ",")
	return q
}

// shown returns the visible columns.
func (s state) shown() (columns []Column) {
	for i, c := range s.res.Columns {
		chosen := slices.Contains(s.columns, c.Name)
		if i == 0 || s.columns == nil && !c.Optional || chosen {
			columns = append(columns, c)
		}
	}
	return columns
}
