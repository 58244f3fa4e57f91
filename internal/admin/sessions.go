package admin

import (
	"net/http"
	"strconv"
	"time"

	"roster/internal/auth"
	"roster/internal/httpkit/session"
)

const sessionsPath = "/admin/sessions/"

// sessionView is a line of the list.
type sessionView struct {
	auth.Session

	Current bool // the one that asks
	Since   string
	Seen    string
}

// showSessions lists where the account has signed in.
func (a *Admin) showSessions(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	found, err := a.Sessions.List(r.Context(), a.Keeper.Actor(r), in.Account.ID)
	if err != nil {
		return err
	}
	lines := make([]sessionView, len(found))
	for i, s := range found {
		lines[i] = sessionView{s, s.ID == in.Session.ID, a.shown(s.CreatedAt), a.shown(s.SeenAt)}
	}
	return a.render(w, r, http.StatusOK, "admin-sessions", lines)
}

func (a *Admin) shown(t time.Time) string { return t.In(a.Zone).Format("2 Jan 2006, 15:04 MST") }

// revokeSessions ends the session that the form names, or all but this one.
func (a *Admin) revokeSessions(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	which := auth.SessionChoice{Except: in.Session.ID}
	if r.PostFormValue("session") != "all" {
		id, err := strconv.ParseInt(r.PostFormValue("session"), 10, 64)
		if err != nil || id < 1 {
			redirect(w, sessionsPath)
			return nil
		}
		which = auth.SessionChoice{Only: id}
	}
	if _, err := a.Sessions.Revoke(r.Context(), a.Keeper.Actor(r), in.Account.ID, which); err != nil {
		return err
	}
	if which.Only == in.Session.ID {
		session.Clear(w, r)
	}
	redirect(w, sessionsPath)
	return nil
}
