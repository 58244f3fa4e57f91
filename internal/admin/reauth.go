package admin

import (
	"net/http"

	"roster/internal/auth"
	"roster/internal/httpkit/session"
	"roster/internal/secret"
)

const confirmPath = "/admin/reauth/"

// showConfirm asks for the password again, before a sensitive action.
func (a *Admin) showConfirm(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	return a.render(w, r, http.StatusOK, "admin-reauth", formView{Next: nextOf(r)})
}

func (a *Admin) confirm(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	err := a.Sessions.Confirm(r.Context(), in, secret.New(r.PostFormValue("password")), session.OriginOf(r))
	if err != nil {
		return a.tryAgain(w, r, "admin-reauth", formView{Next: nextOf(r)}, err)
	}
	return redirect(w, nextOf(r))
}
