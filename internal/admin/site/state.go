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

// state is what a list shows, as its URL says it. The parameters are those of
// Django's admin site: q, o, p, FIELD__exact, FIELD__year and so on. It is
// not changed: its methods return another.
type state struct {
	res     *Resource
	search  string
	choices map[string]string // by filter
	dates   dates
	order   []sortKey // nil: as the resource says
	columns []string  // those chosen beside the first; nil: as the resource says
	page    int64     // from 1
	size    int
	recalls bool // the visitor's own columns or size are in place of the usual ones, so URLs name them
}

// sortKey is a column, by its place from 1, to order by.
type sortKey struct {
	column     int
	descending bool
}

// sizes are the page sizes to choose from; usualSize is that of a URL that names none.
var sizes = [...]int{25, 50, 100, 200}

const (
	usualSize = 50
	maxSearch = 200     // code points
	maxPage   = 1 << 31 // more records than a table has
	noColumns = "-"     // stands for the first column alone
	exact     = "__exact"
)

// parseState reads a query; false when there is something in it that a list
// of the resource does not have.
func parseState(res *Resource, values url.Values, zone *time.Location) (s state, ok bool) {
	s = state{res: res, page: 1, size: usualSize, choices: map[string]string{}}
	for name, all := range values {
		if len(all) == 0 || !s.read(name, all, zone) {
			return state{}, false
		}
	}
	return s, s.dates.valid()
}

// read takes one parameter.
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
	}
	if s.res.Dates != "" {
		if lookup, found := strings.CutPrefix(name, s.res.Dates+"__"); found {
			return s.dates.read(lookup, last, zone)
		}
	}
	return s.choose(name, last)
}

// choose takes a parameter of a filter. An empty one is none, as a form sends it.
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

// parseOrder reads places of columns between dots, "-" before those that
// descend. What is there twice counts once.
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

// parseColumns reads the names of columns, in the order of the resource.
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

// layoutCookie has the columns and the page size that a visitor chose last. Its
// path is that of the list.
const (
	layoutCookie = "roster_admin_layout"
	layoutAge    = 365 * 24 * time.Hour
	maxLayout    = 1000 // bytes; a cookie of more is none of ours
)

// recall keeps in the visitor's browser which columns and page size the URL
// chooses, and takes from there what it does not say. A cookie that does not fit
// the list is nobody's choice.
func (s state) recall(w http.ResponseWriter, r *http.Request, asked url.Values) state {
	kept, hasKept := s.kept(r)
	if hasKept && !asked.Has("cols") {
		s.columns = kept.columns
	}
	if hasKept && !asked.Has("per_page") {
		s.size = kept.size
	}
	s.recalls = hasKept
	if asked.Has("cols") || asked.Has("per_page") {
		s.recalls = true
		//nolint:gosec // http has no secure cookies
		http.SetCookie(w, &http.Cookie{
			Name: layoutCookie, Value: s.layout(), Path: s.res.path(), MaxAge: int(layoutAge.Seconds()),
			HttpOnly: true, Secure: httpkit.RequestOf(r).Scheme == "https", SameSite: http.SameSiteLaxMode,
		})
	}
	return s
}

// kept returns a state with the layout in the cookie.
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
		if name != "cols" && name != "per_page" {
			return state{}, false
		}
	}
	return parseState(s.res, values, time.UTC)
}

// layout is the value of the cookie.
func (s state) layout() string {
	all := s.values()
	layout := url.Values{"per_page": {strconv.Itoa(s.size)}}
	if columns, chosen := all["cols"]; chosen {
		layout["cols"] = columns
	}
	return layout.Encode()
}

// values are the parameters of the state; what is usual is left out.
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

// url is the address of the list in this state.
func (s state) url() string { return s.below("") }

// below is the address of a page below the list that is about the same records.
func (s state) below(page string) string {
	query := s.values().Encode()
	if query != "" {
		query = "?" + query
	}
	return s.res.path() + page + query
}

// on is the state with another page.
func (s state) on(page int64) state {
	s.page = page
	return s
}

// pageURL is the address of another page.
func (s state) pageURL(page int64) string { return s.on(page).url() }

// by is the state in another order.
func (s state) by(order ...sortKey) state {
	s.page, s.order = 1, order
	return s
}

// with is the state with a choice of a filter, "" for all.
func (s state) with(filter, value string) state {
	s.page, s.choices = 1, maps.Clone(s.choices)
	delete(s.choices, filter)
	if value != "" {
		s.choices[filter] = value
	}
	return s
}

// at is the state with other dates.
func (s state) at(d dates) state {
	s.page, s.dates = 1, d
	return s
}

// everything is the state with no record hidden.
func (s state) everything() state {
	s.page, s.search, s.choices, s.dates = 1, "", nil, dates{}
	return s
}

// narrowed reports whether records may be hidden.
func (s state) narrowed() bool {
	return s.search != "" || len(s.choices) > 0 || s.dates != (dates{})
}

// keys are the columns by which the list is ordered.
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

// query is what the list asks the source.
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

// shown returns the columns that the list has.
func (s state) shown() (columns []Column) {
	for i, c := range s.res.Columns {
		chosen := slices.Contains(s.columns, c.Name)
		if i == 0 || s.columns == nil && !c.Optional || chosen {
			columns = append(columns, c)
		}
	}
	return columns
}
