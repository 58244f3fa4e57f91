package api

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"roster/internal/access"
	"roster/internal/api/drf"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/httpkit"
	"roster/internal/query"
	"roster/internal/user"
)

// listUsers answers GET /api/users/.
func (a *API) listUsers(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	q, err := listQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	if text, ok := drf.CursorOf(r.URL.RawQuery); ok {
		return a.listSlice(w, r, actor, q, text)
	}
	number, err := pageNumber(r.URL.RawQuery)
	if err != nil {
		return err
	}
	kept, err := a.page(r, actor, a.pageKey(r, q, number))
	if err != nil {
		return err
	}
	return respondPage(w, r, kept)
}

// respondPage writes a page. The compressed form of its rows is cached with it.
func respondPage(w http.ResponseWriter, r *http.Request, kept keptPage) error {
	if !packs(w, len(kept.results)) {
		return respond(w, http.StatusOK, appendPage(make([]byte, 0, len(kept.results)+256), r, kept))
	}
	h := w.Header()
	h["Content-Type"] = contentJSON
	markPacked(h)
	body := kept.pack().Around(appendHead(make([]byte, 0, 256), r, kept), []byte("}"))
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, _ = w.Write(body) //nolint:gosec // JSON, not HTML; an error means that the client has gone away
	return nil
}

// page returns the page from the cache, or loads and caches it.
func (a *API) page(r *http.Request, actor access.Actor, key pageKey) (keptPage, error) {
	version, known := a.Users.Version(r.Context(), actor)
	if known {
		if kept, ok := a.kept.find(version, key); ok {
			return kept, nil
		}
	}
	page, err := a.Users.List(r.Context(), actor, key.query, key.number, cmp.Or(key.size, a.PageSize))
	if err != nil {
		return keptPage{}, err
	}
	fresh := newKeptPage(page.Page, appendUsers(make([]byte, 0, 512*(len(page.Users)+1)), page.Users))
	if known {
		a.kept.keep(version, key, fresh)
	}
	return fresh, nil
}

// maxPageSize is the limit of the parameter page_size.
const maxPageSize = 1000

// pageSize returns the number of rows on a page.
func (a *API) pageSize(r *http.Request) int {
	return drf.PageSizeOf(r.URL.RawQuery, a.PageSize, max(a.PageSize, maxPageSize))
}

func (a *API) pageKey(r *http.Request, q user.Query, number int64) pageKey {
	key := pageKey{query: q, number: number, size: a.pageSize(r)}
	if key.size == a.PageSize {
		key.size = 0
	}
	return key
}

// listSlice answers GET /api/users/?cursor= in the format of Django REST Framework's
// CursorPagination.
func (a *API) listSlice(w http.ResponseWriter, r *http.Request, actor access.Actor, q user.Query, text string) error {
	at, ok := query.ParseCursor(text)
	if !ok {
		return fault.New(fault.NotFound, "Invalid cursor")
	}
	slice, err := a.Users.Slice(r.Context(), actor, q, at, a.pageSize(r))
	if err != nil {
		return err
	}
	b := append(make([]byte, 0, 512*(len(slice.Users)+1)), `{"next":`...)
	b = appendCursor(b, r, slice.Next)
	b = append(b, `,"previous":`...)
	b = appendCursor(b, r, slice.Previous)
	b = append(b, `,"results":`...)
	return respond(w, http.StatusOK, append(appendUsers(b, slice.Users), '}'))
}

func appendCursor(b []byte, r *http.Request, at query.Cursor) []byte {
	if at == (query.Cursor{}) {
		return append(b, "null"...)
	}
	info := httpkit.RequestOf(r)
	return form.AppendString(b, drf.Link(info.Scheme, info.Host+info.Prefix, r.URL.Path, r.URL.RawQuery, drf.Pair{Name: "cursor", Value: at.String()}))
}

// listQuery parses the query of the list.
func listQuery(rawQuery string) (user.Query, error) {
	if rawQuery == "" {
		return user.Query{}, nil
	}
	q, err := user.ParseQuery(func(name string) string { return drf.LastValue(rawQuery, name) })
	if err != nil || !strings.Contains(rawQuery, "__") {
		return q, err
	}
	lookups := map[string]string{} // of django-filter
	for _, pair := range drf.UTF8.ParsePairs(rawQuery) {
		if strings.Contains(pair.Name, "__") {
			lookups[pair.Name] = pair.Value
		}
	}
	return q.Narrow(lookups)
}

func pageNumber(rawQuery string) (int64, error) {
	if rawQuery == "" {
		return 1, nil
	}
	number, last, ok := drf.ParsePage(drf.PageOf(rawQuery))
	switch {
	case !ok:
		return 0, fault.New(fault.NotFound, "Invalid page.")
	case last:
		return query.LastPage, nil
	}
	return number, nil
}

func appendUsers(b []byte, users []user.User) []byte {
	b = append(b, '[')
	for i := range users {
		if i > 0 {
			b = append(b, ',')
		}
		b = user.AppendJSON(b, &users[i])
	}
	return append(b, ']')
}

// appendPage appends a page in the format of Django REST Framework's
// PageNumberPagination.
func appendPage(b []byte, r *http.Request, page keptPage) []byte {
	return append(append(appendHead(b, r, page), page.results...), '}')
}

// appendHead appends what is before the rows of a page.
func appendHead(b []byte, r *http.Request, page keptPage) []byte {
	b = append(b, `{"count":`...)
	b = strconv.AppendInt(b, page.Total, 10)
	b = append(b, `,"next":`...)
	b = appendLink(b, r, page.Number+1, page.Number < page.Pages)
	b = append(b, `,"previous":`...)
	b = appendLink(b, r, page.Number-1, page.Number > 1)
	return append(b, `,"results":`...)
}

func appendLink(b []byte, r *http.Request, number int64, exists bool) []byte {
	if !exists {
		return append(b, "null"...)
	}
	info := httpkit.RequestOf(r)
	return form.AppendString(b, drf.PageLink(info.Scheme, info.Host+info.Prefix, r.URL.Path, r.URL.RawQuery, number))
}
