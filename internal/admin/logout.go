package admin

import (
	"errors"
	"net/http"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/httpkit/session"
)

// logOut ends the session, and leads to the logout at the provider that began it. A
// form may not redirect to another site.
func (a *Admin) logOut(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	if token, ok := session.TokenOf(r); ok {
		if err := a.Sessions.LogOut(r.Context(), token, session.OriginOf(r)); err != nil {
			return err
		}
	}
	session.Clear(w, r)
	return a.render(w, r, http.StatusOK, "admin-logged-out", a.providerLogout(w, r))
}

func (a *Admin) render(w http.ResponseWriter, r *http.Request, status int, page string, view any) error {
	return a.Pages.Render(w, r, status, page, view)
}

// messageOf returns the message of an error that may be shown.
func messageOf(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		if e.Message == "" && len(e.Fields) > 0 {
			return e.Fields[0].Messages[0]
		}
		return e.Message
	}
	return "This is not possible at the moment."
}
