package admin

import (
	"errors"
	"net/http"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
	"roster/internal/secret"
)

const passwordPath = "/admin/password_change/"

// passwordView is the data of the page.
type passwordView struct {
	Old      fieldFaults // of the old password
	Password newPasswordFields
	Failure  string // any other error
}

func (a *Admin) newPasswordView() passwordView {
	return passwordView{Old: fieldFaults{Field: "old_password"}, Password: a.newPassword("New password", "new_password1", "new_password2")}
}

func (a *Admin) showPassword(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	return a.render(w, r, http.StatusOK, "admin-password", a.newPasswordView())
}

// changePassword sets a new password. The form is Django's: the old password, and
// the new one twice. The account's other sessions end.
func (a *Admin) changePassword(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	view := a.newPasswordView()
	faulty := &view.Password.First
	text := r.PostFormValue("new_password1")
	switch {
	case text == "":
		faulty.Messages = []string{"This field is required."}
	case text != r.PostFormValue("new_password2"):
		faulty.Messages = []string{"The two password fields didn’t match."}
	}
	if len(faulty.Messages) > 0 {
		return a.render(w, r, http.StatusOK, "admin-password", view)
	}
	err := a.Sessions.Confirm(r.Context(), in, secret.New(r.PostFormValue("old_password")), session.OriginOf(r))
	if errors.Is(err, auth.ErrBadLogin) {
		view.Old.Messages = []string{"Your old password was entered incorrectly. Please enter it again."}
		return a.render(w, r, http.StatusOK, "admin-password", view)
	}
	if err == nil {
		err = a.Accounts.SetPassword(r.Context(), a.Keeper.Actor(r), in.Account.ID, auth.NewPassword{Text: secret.New(text)}, in.Session.ID)
	}
	if err != nil {
		return a.refusePassword(w, r, view, err)
	}
	device, err := a.Sessions.Remember(r.Context(), session.DeviceOf(r), in)
	if err != nil {
		return err
	}
	session.SetDevice(w, r, device)
	return redirect(w, passwordPath+"done/")
}

// refusePassword shows the form with the errors of the new password, or how long
// to wait.
func (a *Admin) refusePassword(w http.ResponseWriter, r *http.Request, view passwordView, err error) error {
	refused, ok := errors.AsType[*fault.Error](err)
	switch {
	case !ok:
		return err
	case len(refused.Fields) > 0:
		view.Password.First.Messages = refused.Fields[0].Messages
		return a.render(w, r, http.StatusOK, "admin-password", view)
	case refused.Kind == fault.Throttled, refused.Kind == fault.Unavailable: // too many passwords are being hashed
		view.Failure = refused.Message
		httpkit.SetRetryAfter(w.Header(), err)
		return a.render(w, r, httpkit.StatusOf(err), "admin-password", view)
	}
	return err
}

func (a *Admin) showPasswordDone(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	return a.render(w, r, http.StatusOK, "admin-password-done", nil)
}
