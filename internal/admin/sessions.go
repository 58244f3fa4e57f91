package admin

import (
	"net/http"
	"strconv"
	"time"

	"roster/internal/auth"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
	"roster/internal/lang"
)

const sessionsPath = "/admin/sessions/"

// sessionsView is the data of the page.
type sessionsView struct {
	Lines  []sessionView
	Zone   string // of the times
	Others bool   // there are other sessions than the current one
	Linked bool   // there are providers whose logins can be linked
}

// sessionView is a row of the list.
type sessionView struct {
	auth.Session

	Browser     string // its name
	Current     bool   // it is the session of this request
	Since, Seen moment
}

// moment is a formatted time.
type moment struct{ Text, ISO, Title string }

// showSessions lists the sessions of the account.
func (a *Admin) showSessions(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	found, err := a.Sessions.List(r.Context(), a.Keeper.Actor(r), in.Account.ID)
	if err != nil {
		return err
	}
	v := sessionsView{Zone: a.Zone.String(), Linked: len(a.Logins.Providers) > 0}
	l := lang.From(r.Context())
	for _, s := range found {
		line := sessionView{s, browserIn(l, s.UserAgent), s.ID == in.Session.ID, a.moment(l, s.CreatedAt), a.moment(l, s.SeenAt)}
		v.Lines = append(v.Lines, line)
		v.Others = v.Others || !line.Current
	}
	return a.render(w, r, http.StatusOK, "admin-sessions", v)
}

// moment formats a time in a language.
func (a *Admin) moment(l *lang.Language, t time.Time) moment {
	local := t.In(a.Zone)
	return moment{l.Time(local), local.Format(time.RFC3339), httpkit.TimeTitle(local)}
}

// revokeSessions ends the session that the form names, or all but the current one.
func (a *Admin) revokeSessions(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	which, ok := choiceOf(r.PostFormValue("session"), in.Session.ID)
	if !ok {
		return redirect(w, sessionsPath)
	}
	if _, err := a.Sessions.Revoke(r.Context(), a.Keeper.Actor(r), in.Account.ID, which); err != nil {
		return err
	}
	if which.Only == in.Session.ID {
		session.Clear(w, r)
	}
	return redirect(w, sessionsPath)
}

// choiceOf parses a choice of sessions: one by its ID, or all but the current one.
func choiceOf(text string, this int64) (which auth.SessionChoice, ok bool) {
	if text == "all" {
		return auth.SessionChoice{Except: this}, true
	}
	id, err := strconv.ParseInt(text, 10, 64)
	return auth.SessionChoice{Only: id}, err == nil && id > 0
}
