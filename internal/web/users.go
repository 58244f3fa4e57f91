package web

import (
	"net/http"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/lang"
	"roster/internal/query"
	"roster/internal/user"
)

// showUsers answers GET /users/ with the list and the dialogs of its script.
func (p *Pages) showUsers(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	list, elsewhere, err := p.list(r, actor)
	if err != nil {
		return err
	}
	if elsewhere {
		return httpkit.Redirect(w, http.StatusFound, list.state.url(usersPath))
	}
	view := usersView{listView: list, Fields: user.Table().Writable(), CanAdd: actor.Can(access.AddUser), Zone: p.Zone.String()}
	return p.Pages.Render(w, r, http.StatusOK, "users", view)
}

// showRows answers GET /users/rows/ with the list alone.
func (p *Pages) showRows(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	list, elsewhere, err := p.list(r, actor)
	if err != nil {
		return err
	}
	if elsewhere {
		return httpkit.Redirect(w, http.StatusFound, list.state.url(rowsPath))
	}
	return p.Pages.RenderPart(w, r, "users", "results", list)
}

// list loads the page that the URL selects. Beyond the end it loads the last page
// and reports elsewhere: the request is to be redirected there.
func (p *Pages) list(r *http.Request, actor access.Actor) (list listView, elsewhere bool, err error) {
	s, err := parseState(r.URL.Query(), p.PageSize)
	if err != nil {
		return listView{}, false, err
	}
	page, err := p.Users.List(r.Context(), actor, s.query, s.page, s.size)
	if s.page > 1 && fault.KindOf(err) == fault.NotFound {
		page, err = p.Users.List(r.Context(), actor, s.query, query.LastPage, s.size)
		elsewhere = true
	}
	if err != nil {
		return listView{}, false, err
	}
	return newListView(lang.From(r.Context()), s.on(page.Number), page, actor, p.Zone), elsewhere, nil
}
