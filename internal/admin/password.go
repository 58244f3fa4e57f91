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
	Help    []string // the rules for passwords
	Old     string   // the error of the old password, "" for none
	New     []string // the errors of the new password
	Failure string   // any other error
}

func (a *Admin) showPassword(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	return a.render(w, r, http.StatusOK, "admin-password", passwordView{Help: a.Accounts.PasswordHelp()})
}

// changePassword sets a new password. The form is Django's: the old password, and
// the new one twice. The account's other sessions end.
func (a *Admin) changePassword(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	view := passwordView{Help: a.Accounts.PasswordHelp()}
	text := r.PostFormValue("new_password1")
	switch {
	case text == "":
		view.New = []string{"This field is required."}
	case text != r.PostFormValue("new_password2"):
		view.New = []string{"The two password fields didn’t match."}
	}
	if len(view.New) > 0 {
		return a.render(w, r, http.StatusOK, "admin-password", view)
	}
	err := a.Sessions.Confirm(r.Context(), in, secret.New(r.PostFormValue("old_password")), session.OriginOf(r))
	if errors.Is(err, auth.ErrBadLogin) {
		view.Old = "Your old password was entered incorrectly. Please enter it again."
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
		view.New = refused.Fields[0].Messages
		return a.render(w, r, http.StatusOK, "admin-password", view)
	case refused.Kind == fault.Throttled:
		view.Failure = refused.Message
		httpkit.SetRetryAfter(w.Header(), err)
		return a.render(w, r, http.StatusTooManyRequests, "admin-password", view)
	}
	return err
}

func (a *Admin) showPasswordDone(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	return a.render(w, r, http.StatusOK, "admin-password-done", nil)
}
