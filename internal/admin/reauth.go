package admin

import (
	"net/http"
	"slices"

	"roster/internal/auth"
	"roster/internal/httpkit/session"
	"roster/internal/secret"
)

const confirmPath = "/admin/reauth/"

// showConfirm asks for the password or a passkey again, before a sensitive action.
func (a *Admin) showConfirm(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	view, err := a.confirmView(r, in)
	if err != nil {
		return err
	}
	return a.showForm(w, r, http.StatusOK, confirmPage, view)
}

// confirmView returns the form, with the providers at which the owner of the account
// can log in again instead.
func (a *Admin) confirmView(r *http.Request, in auth.SignedIn) (formView, error) {
	view := formView{Next: nextOf(r), NoPassword: !in.Account.HasPassword()}
	if len(a.Logins.Providers) == 0 || in.Session.NeedsCode {
		return view, nil
	}
	linked, err := a.Logins.Identities.Own(r.Context(), in)
	for i, b := range a.Logins.buttons(auth.ToConfirm, view.Next) {
		issuer := a.Logins.Providers[i].Issuer
		if slices.ContainsFunc(linked, func(l auth.Identity) bool { return l.Issuer == issuer }) {
			view.Providers = append(view.Providers, b)
		}
	}
	return view, err
}

func (a *Admin) confirm(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	err := a.confirmBy(r, in)
	if err != nil {
		view, viewErr := a.confirmView(r, in)
		if viewErr != nil {
			return viewErr
		}
		return a.tryAgain(w, r, confirmPage, view, err)
	}
	return redirect(w, nextOf(r))
}

// confirmBy verifies the passkey or the password of the form.
func (a *Admin) confirmBy(r *http.Request, in auth.SignedIn) error {
	if answer, ok := a.answer(r); ok {
		return a.Passkeys.Confirm(r.Context(), in, answer, session.OriginOf(r))
	}
	return a.Sessions.Confirm(r.Context(), in, secret.New(r.PostFormValue("password")), session.OriginOf(r))
}
