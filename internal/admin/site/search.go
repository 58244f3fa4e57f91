package site

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
)

const (
	searchPath = "/admin/search/"
	// maxHits is the maximum number of hits of a kind.
	maxHits = 5
)

// Searcher is a Source whose records the search of all pages finds.
type Searcher interface {
	// Some returns at most limit records that contain every word of text. It does
	// not count, and examines a bounded number of records.
	Some(ctx context.Context, actor access.Actor, text string, limit int) ([]Record, error)
}

// Entry is a page or action that the search finds by its name.
type Entry struct {
	Name, URL string
	Words     string // other words that find it
	Needs     access.Permission
}

// Shelf is a set of entries, such as the pages of the documentation.
type Shelf struct {
	Title   string
	Entries func() ([]Entry, error)
}

// hit is something that the search found.
type hit struct {
	ID                string // of its element
	Name, Detail, URL string
}

// hitGroup has the hits of a kind. More is a page with all of them, "" for none.
type hitGroup struct {
	Title, More string
	Hits        []hit
}

// searchView is the page of the search, and the list below the search field.
type searchView struct {
	head

	Text   string
	Groups []hitGroup
	Hits   int
}

// showSearch answers GET with everything that matches the parameter q.
func (s *Site) showSearch(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	v, err := s.search(r, actor)
	if err != nil {
		return err
	}
	v.head = head{Title: s.texts.T("Search"), Crumbs: []crumb{{s.texts.T("Admin"), "/admin/"}, {s.texts.T("Search"), ""}}}
	return s.render(w, r, http.StatusOK, "admin_search", &v)
}

// showHits answers GET with the same as the options of a list box.
func (s *Site) showHits(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	v, err := s.search(r, actor)
	if err != nil {
		return err
	}
	return s.Pages.RenderPart(w, r, "admin_search", "hits", &v)
}

// search finds what the actor may see: actions and pages, records, and the shelves.
func (s *Site) search(r *http.Request, actor access.Actor) (v searchView, err error) {
	text := []rune(strings.TrimSpace(normalised(r.URL.Query().Get("q"))))
	v.Text = string(text[:min(len(text), maxSearch)])
	words := strings.Fields(form.Lower(v.Text))
	if len(words) == 0 {
		return v, nil
	}
	actions, err := s.actions(r.Context(), actor)
	if err != nil {
		return v, err
	}
	v.add(actor, words, s.texts.T("Actions"), actions)
	v.add(actor, words, s.texts.T("Pages"), s.pages(actor))
	for i := range s.Resources {
		if err := s.searchIn(r.Context(), actor, &s.Resources[i], &v); err != nil {
			return v, err
		}
	}
	for _, shelf := range s.Shelves {
		entries, err := shelf.Entries()
		if err != nil {
			return v, err
		}
		v.add(actor, words, shelf.Title, entries)
	}
	for i := range v.Groups {
		for j := range v.Groups[i].Hits {
			v.Hits++
			v.Groups[i].Hits[j].ID = "hit-" + strconv.Itoa(v.Hits)
		}
	}
	return v, nil
}

// searchIn adds the records of a resource that match.
func (s *Site) searchIn(ctx context.Context, actor access.Actor, res *Resource, v *searchView) error {
	source, ok := res.Source.(Searcher)
	if !ok || !actor.Can(res.guarded().View()) {
		return nil
	}
	records, err := source.Some(ctx, actor, v.Text, maxHits+1)
	if fault.KindOf(err) == fault.Invalid { // of too many words, for example
		return nil
	}
	if err != nil || len(records) == 0 {
		return err
	}
	group := hitGroup{Title: capitalised(res.Many)}
	if len(records) > maxHits {
		records, group.More = records[:maxHits], res.path()+"?"+url.Values{"q": {v.Text}}.Encode()
	}
	for _, record := range records {
		group.Hits = append(group.Hits, hit{Name: record.Name, Detail: s.detail(res, record), URL: res.recordPath(record.ID, "change")})
	}
	v.Groups = append(v.Groups, group)
	return nil
}

// detail returns the second column of a record, which distinguishes records of the
// same name.
func (s *Site) detail(res *Resource, record Record) string {
	if len(res.Columns) < 2 {
		return ""
	}
	return newCell(s.texts, record.Values[res.Columns[1].Name], s.Zone).Text
}

// add adds the entries that contain every word: first those whose name begins with
// the first word.
func (v *searchView) add(actor access.Actor, words []string, title string, entries []Entry) {
	group := hitGroup{Title: title}
	entries = slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool { return !actor.Can(e.Needs) || !e.matches(words) })
	slices.SortStableFunc(entries, func(a, b Entry) int { return cmp.Compare(a.rank(words[0]), b.rank(words[0])) })
	for _, e := range entries[:min(len(entries), maxHits)] {
		group.Hits = append(group.Hits, hit{Name: e.Name, URL: e.URL})
	}
	if len(group.Hits) > 0 {
		v.Groups = append(v.Groups, group)
	}
}

// matches reports whether an entry contains every word.
func (e Entry) matches(words []string) bool {
	text := form.Lower(e.Name + " " + e.Words)
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
}

// rank orders entries: those whose name begins with a word, contains it, and others.
func (e Entry) rank(word string) int {
	switch at := strings.Index(form.Lower(e.Name), word); {
	case at == 0:
		return 0
	case at > 0:
		return 1
	}
	return 2
}

// actions returns the forms of new records, with their presets, that the actor may
// use.
func (s *Site) actions(ctx context.Context, actor access.Actor) (entries []Entry, err error) {
	for i := range s.Resources {
		res := &s.Resources[i]
		if !res.canAdd(actor) {
			continue
		}
		entries = append(entries, Entry{Name: res.adding(), URL: res.path() + "add/", Words: "create new"})
		for _, set := range res.Fieldsets {
			presets, err := set.presets(ctx, actor)
			if err != nil {
				return nil, err
			}
			for _, p := range presets {
				entries = append(entries, Entry{Name: capitalised(res.verb()) + " " + p.Label, URL: res.path() + "add/" + p.URL()})
			}
		}
	}
	return append(entries, s.Entries...), nil
}

// pages returns the pages of the site that the actor may open.
func (s *Site) pages(actor access.Actor) (entries []Entry) {
	for _, group := range s.Navigation(actor).Nav {
		for _, link := range group.Links {
			entries = append(entries, Entry{Name: link.Name, URL: link.Path})
		}
	}
	for i := range s.Resources {
		res := &s.Resources[i]
		for _, link := range res.extraLinks(actor, res.path(), nil) {
			entries = append(entries, Entry{Name: link.Label, URL: link.URL, Words: res.Many})
		}
	}
	return entries
}
