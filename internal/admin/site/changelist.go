package site

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/httpkit/pagination"
)

// listView is the data of a list page.
type listView struct {
	head

	Resource *Resource
	CanAdd   bool
	Add      string // the label of the button: "Add user"
	Tools    []Tool
	Extras   []filterLink
	Exports  []filterLink
	Actions  []Action
	Across   string // the number of matching records, if actions can run on more than this page; else ""
	URL      string
	Bad      bool // the URL had unsupported parameters
	Search   string
	Hidden   []parameter // of the URL, for the search form
	Summary  string
	Range    string
	Within   string // the records that a search examined; "" for all
	Columns  []columnView
	Rows     []rowView
	Filters  []filterView
	Chips    []filterLink // the active filters, each with the list without it
	Way      []filterLink // the wider date ranges
	Drill    []filterLink // the narrower date ranges
	Sizes    []filterLink
	Chooser  chooserView
	Pager    pagination.Pager
	Ways     []Way // to create the first record, as permitted
	Narrowed bool
	ResetURL string
}

// parameter is a hidden field.
type parameter struct{ Name, Value string }

// columnView is the header of a column.
type columnView struct {
	Name, Label string
	URL         string // of the list in the order that a click selects; "" if not sortable
	Sort        string // "ascending" or "descending" if the list has this order
}

// rowView is a row of the list.
type rowView struct {
	ID    int64
	Name  string
	URL   string
	Cells []cellView
}

// cellView is a value in its column.
type cellView struct {
	cell

	Column, Label string
	Link          string // "" for none
}

// maxWord is the length of words that fit into a column, in code points.
const maxWord = 20

// Long reports whether the text has a word that may have to be broken.
func (c cellView) Long() bool {
	return slices.ContainsFunc(strings.Fields(c.Text), func(word string) bool { return utf8.RuneCountInString(word) > maxWord })
}

// filterView is a filter with its choices.
type filterView struct {
	Label string
	Links []filterLink
}

// filterLink links to the list with another choice.
type filterLink struct {
	Label, URL string
	Count      string // of records, "" if unknown
	Chosen     bool
}

// chooserView is the form for the columns.
type chooserView struct {
	Hidden  []parameter
	Columns []chooserColumn
	Dense   bool // the rows are low
}

type chooserColumn struct {
	Name, Label string
	Shown       bool
}

// showList answers GET for the list. As in Django, it redirects an invalid URL to
// the unfiltered list, which shows a message.
func (s *Site) showList(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	values := r.URL.Query()
	bad := values.Has("e")
	values.Del("e")
	st, ok := parseState(res, values, s.Zone)
	if !ok {
		return httpkit.Redirect(w, http.StatusFound, res.path()+"?e=1")
	}
	st = st.recall(w, r, values)
	page, err := res.Source.List(r.Context(), actor, st.query(s.Zone))
	if fault.KindOf(err) == fault.Invalid && !bad {
		return httpkit.Redirect(w, http.StatusFound, res.path()+"?e=1")
	}
	if err != nil {
		return err
	}
	if last := lastPage(st, page); len(page.Records) == 0 && st.page > last {
		return httpkit.Redirect(w, http.StatusFound, st.pageURL(last))
	}
	view := s.newListView(st, page, actor)
	view.Bad = bad
	view.Add = res.adding()
	view.CanAdd = res.canAdd(actor)
	view.Ways = slices.DeleteFunc(slices.Clone(res.Origin.Ways), func(w Way) bool { return !actor.Can(w.Needs) })
	if view.Actions = res.actions(actor); len(page.Records) == 0 {
		view.Actions = nil
	}
	if _, ok := res.Source.(Bulk); ok && (page.Total.More || page.Total.N > int64(len(page.Records))) {
		view.Across = page.Total.of(res)
	}
	if _, ok := res.Source.(Walker); ok {
		view.Exports = []filterLink{{Label: "CSV", URL: st.below("export/csv/")}, {Label: "XLSX", URL: st.below("export/xlsx/")}, {Label: "JSON", URL: st.below("export/json/")}}
	}
	view.Extras = res.extraLinks(actor, res.path(), nil)
	view.Tools = slices.DeleteFunc(slices.Clone(res.Tools), func(t Tool) bool { return !actor.Can(t.Needs) })
	return s.render(w, r, http.StatusOK, "admin_list", &view)
}

// lastPage returns the number of the last page that is known to exist.
func lastPage(st state, page Page) int64 {
	return max(1, (page.Total.N+int64(st.size)-1)/int64(st.size))
}

func (s *Site) newListView(st state, page Page, actor access.Actor) listView {
	res := st.res
	v := listView{
		head: headOf(res, capitalised(res.Many)), Resource: res, URL: st.url(), Search: st.search, Hidden: st.hidden("q", "p"),
		Summary: page.Total.of(res), Range: st.shownRange(page), Columns: st.columnViews(), Rows: s.rows(st, page.Records, actor),
		Within:  s.within(res, page),
		Filters: s.filterViews(st, page), Chips: s.chips(st, page.Choices), Sizes: st.sizeLinks(), Chooser: st.chooser(), Pager: newPager(st, page),
		Narrowed: st.narrowed(), ResetURL: st.everything().url(),
	}
	if res.Dates != "" && !page.First.IsZero() {
		up, down := st.dates.drill(s.texts, page.First.In(s.Zone), page.Last.In(s.Zone))
		if len(up) == 0 && len(down) == 1 { // one year, which needs no choice
			down = months(s.texts, down[0].dates, page.First.In(s.Zone), page.Last.In(s.Zone))
		}
		v.Way, v.Drill = st.dateLinks(up), st.dateLinks(down)
	}
	return v
}

// within returns which records a search examined, "" for all.
func (s *Site) within(res *Resource, page Page) string {
	if page.Since.IsZero() {
		return ""
	}
	return s.texts.T("This search examined the %s after %s. Choose a date to search older ones.", res.Many, s.texts.Time(page.Since.In(s.Zone))+page.Since.In(s.Zone).Format(" MST"))
}

// newPager returns the page links. If not all records were counted, there may be
// more pages.
func newPager(st state, page Page) pagination.Pager {
	p := pagination.New(st.page, max(lastPage(st, page), st.page), st.pageURL)
	if page.Total.More && len(page.Records) == st.size {
		p.Next = st.pageURL(st.page + 1)
	}
	return p
}

// hidden returns the parameters of the state except those named.
func (s state) hidden(but ...string) (parameters []parameter) {
	for name, values := range s.values() {
		for _, value := range values {
			if !slices.Contains(but, name) {
				parameters = append(parameters, parameter{name, value})
			}
		}
	}
	slices.SortFunc(parameters, func(a, b parameter) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
	})
	return parameters
}

func (s state) shownRange(page Page) string {
	if len(page.Records) == 0 {
		return ""
	}
	first := (s.page - 1) * int64(s.size)
	l := s.res.language()
	total := l.Number(page.Total.N)
	if page.Total.More {
		total += "+"
	}
	return l.T("%s–%s of %s", first+1, first+int64(len(page.Records)), total)
}

// columnViews returns the headers. The first click sorts ascending, the second
// descending, the third restores the default order.
func (s state) columnViews() (heads []columnView) {
	keys := s.keys()
	for _, c := range s.shown() {
		head := columnView{Name: c.Name, Label: c.Label}
		if c.Sortable {
			n := s.res.column(c.Name)
			head.URL = s.by(sortKey{n, false}).url()
			switch {
			case len(keys) == 0 || keys[0].column != n:
			case keys[0].descending:
				head.Sort = "descending"
				if len(s.order) > 0 {
					head.URL = s.by().url()
				}
			default:
				head.Sort, head.URL = "ascending", s.by(sortKey{n, true}).url()
			}
		}
		heads = append(heads, head)
	}
	return heads
}

func (s *Site) rows(st state, records []Record, actor access.Actor) []rowView {
	columns, kept := st.shown(), st.values().Encode()
	rows := make([]rowView, len(records))
	for i := range records {
		record := &records[i]
		row := rowView{ID: record.ID, Name: record.Name, URL: st.res.recordPath(record.ID, "change") + keeping(kept)}
		for n, c := range columns {
			view := cellView{cell: s.cellOf(actor, record.Values[c.Name]), Column: c.Name, Label: c.Label}
			if at, ok := record.Values[c.Name].(time.Time); ok {
				view.Text = s.texts.Ago(at.In(s.Zone), s.now())
			}
			if n == 0 {
				view.Link = row.URL
			}
			row.Cells = append(row.Cells, view)
		}
		rows[i] = row
	}
	return rows
}

// recordPath returns the path of a page of a record.
func (rs *Resource) recordPath(id int64, page string) string {
	return rs.path() + strconv.FormatInt(id, 10) + "/" + page + "/"
}

// filterViews returns the filters, the date filter last.
func (s *Site) filterViews(st state, page Page) (views []filterView) {
	for _, f := range st.res.Filters {
		view := filterView{Label: f.Label}
		for _, c := range slices.Concat([]Choice{{Label: s.texts.T("All")}}, f.offered(page, st.choices[f.Name])) {
			link := filterLink{Label: c.Label, URL: st.with(f.Name, c.Value).url(), Chosen: st.choices[f.Name] == c.Value}
			if count, known := page.Facets[f.Name][c.Value]; known {
				link.Count = count.String()
			}
			view.Links = append(view.Links, link)
		}
		views = append(views, view)
	}
	if st.res.Dates != "" {
		label := st.res.Columns[max(0, st.res.column(st.res.Dates)-1)].Label
		views = append(views, filterView{label, st.dateLinks(since(s.texts, s.now()))})
	}
	return views
}

// Wide reports whether the table has more columns than fit into every window.
func (v *listView) Wide() bool { return len(v.Columns) > maxFitting }

// maxFitting is the number of columns that fit side by side.
const maxFitting = 8

// maxOffered is the maximum number of values that a filter without choices offers.
const maxOffered = 12

// offered returns the choices of a filter, or of the page, or its most frequent values and the
// selected one.
func (f Filter) offered(page Page, chosen string) (choices []Choice) {
	if len(f.Choices) > 0 {
		return f.Choices
	}
	if own := page.Choices[f.Name]; own != nil {
		return own
	}
	counts := page.Facets[f.Name]
	for value := range counts {
		if value != "" {
			choices = append(choices, Choice{Value: value, Label: value})
		}
	}
	slices.SortFunc(choices, func(a, b Choice) int {
		return cmp.Or(cmp.Compare(counts[b.Value].N, counts[a.Value].N), cmp.Compare(a.Value, b.Value))
	})
	choices = choices[:min(len(choices), maxOffered)]
	if chosen != "" && !slices.Contains(choices, Choice{Value: chosen, Label: chosen}) {
		choices = append(choices, Choice{Value: chosen, Label: chosen})
	}
	return choices
}

func (s state) dateLinks(choices []dateChoice) (links []filterLink) {
	for _, c := range choices {
		links = append(links, filterLink{Label: c.label, URL: s.at(c.dates).url(), Chosen: c.dates == s.dates})
	}
	return links
}

func (s state) sizeLinks() (links []filterLink) {
	for _, n := range sizes {
		other := s.on(1)
		other.size = n
		links = append(links, filterLink{Label: strconv.Itoa(n), URL: other.url(), Chosen: n == s.size})
	}
	return links
}

func (s state) chooser() chooserView {
	v := chooserView{Hidden: append(s.hidden("cols", "density"), parameter{"cols", noColumns}), Dense: s.dense}
	shown := s.shown()
	for _, c := range s.res.Columns[1:] {
		v.Columns = append(v.Columns, chooserColumn{c.Name, c.Label, slices.Contains(shown, c)})
	}
	return v
}
