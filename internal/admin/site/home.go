package site

import (
	"net/http"

	"roster/internal/access"
	"roster/internal/admin/site/shown"
)

// Home is the content of the home page.
type Home struct {
	Notices []Notice // what needs attention, the most important first
	Panels  []Panel
}

// Notice is something that needs attention.
type Notice struct {
	Tone shown.Tone
	What shown.Link // a short sentence, with a link to the records behind it
	Help string     // what it means or what to do, a sentence; may be empty
}

// homeView is the home page.
type homeView struct {
	head

	Notices []Notice
	Panels  []panelView
	Mine    bool        // the actor sees only their own actions
	Recent  []entryView // those
	Apps    []appView
}

// showHome answers GET with what needs attention, numbers, and links to the lists
// that the actor may view.
func (s *Site) showHome(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	v := homeView{head: head{Title: s.texts.T("Home"), Crumbs: []crumb{{s.texts.T("Admin"), ""}}}, Apps: append(s.apps(actor, ""), s.links(actor)...)}
	if s.Home != nil {
		home, err := s.Home(r.Context(), actor)
		if err != nil {
			return err
		}
		v.Notices = s.notices(home.Notices)
		for _, p := range home.Panels {
			v.Panels = append(v.Panels, s.newPanelView(p, actor))
		}
	}
	if v.Mine = !actor.Can(access.ViewAudit); !v.Mine {
		return s.render(w, r, http.StatusOK, "admin_home", &v)
	}
	rows, err := s.Trail.Recent(r.Context(), actor, maxRecent)
	if err != nil {
		return err
	}
	for i := range rows {
		v.Recent = append(v.Recent, s.entryView(&rows[i]))
	}
	return s.render(w, r, http.StatusOK, "admin_home", &v)
}

// notices returns notices in the language of the site.
func (s *Site) notices(all []Notice) []Notice {
	for i := range all {
		all[i].What.Text, all[i].Help = s.texts.Message(all[i].What.Text), s.texts.Message(all[i].Help)
	}
	return all
}
