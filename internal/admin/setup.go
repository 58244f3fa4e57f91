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

// SetupPath is the page that creates the first staff account. It is open to
// visitors on this machine, and elsewhere to those with a token of auth.First.
const SetupPath = "/admin/setup/"

// setupView is the data of the page.
type setupView struct {
	Token    string
	Past     bool // there is a staff account
	Refused  bool // the visitor needs the link
	BadLink  bool // and has one that is not valid
	Username string
	Email    string
	Password newPasswordFields
	Faults   faults
	Failure  string // any other error
}

func (a *Admin) showSetup(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	return a.ifFirst(w, r, r.URL.Query().Get(TokenField), func(view setupView) error {
		return a.render(w, r, http.StatusOK, "admin-setup", view)
	})
}

// setUp creates the account and logs it in.
func (a *Admin) setUp(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	return a.ifFirst(w, r, r.PostFormValue(TokenField), func(view setupView) error {
		view.Username, view.Email = againShown(r.PostFormValue("username")), againShown(r.PostFormValue("email"))
		username, email, again := r.PostFormValue("username"), r.PostFormValue("email"), secret.New(r.PostFormValue("password_again"))
		pw := auth.NewPassword{Text: secret.New(r.PostFormValue("password")), Again: &again}
		_, err := a.First.Create(r.Context(), session.OriginOf(r), auth.AccountChange{Username: &username, Email: &email}, pw)
		if err != nil {
			return a.refuseSetup(w, r, view, err)
		}
		return a.logIn(w, r, in)
	})
}

// ifFirst calls next while there is no staff account and the visitor may create
// it, and otherwise shows where to continue.
func (a *Admin) ifFirst(w http.ResponseWriter, r *http.Request, token string, next func(setupView) error) error {
	needed, err := a.First.Needed(r.Context())
	switch {
	case err != nil:
		return err
	case !needed:
		return a.render(w, r, http.StatusGone, "admin-setup", setupView{Past: true})
	case !a.Local(r) && !a.First.Valid(token):
		return a.render(w, r, http.StatusForbidden, "admin-setup", setupView{Refused: true, BadLink: token != ""})
	}
	return next(setupView{Token: token, Password: a.newPassword("Password", "password", "password_again")})
}

// refuseSetup shows the form with the errors of its fields, or how long to wait.
func (a *Admin) refuseSetup(w http.ResponseWriter, r *http.Request, view setupView, err error) error {
	refused, ok := errors.AsType[*fault.Error](err)
	switch {
	case errors.Is(err, auth.ErrNotFirst):
		return a.render(w, r, http.StatusGone, "admin-setup", setupView{Past: true})
	case ok && len(refused.Fields) > 0:
		view.Faults = byField(refused.Fields)
		view.Password.refuse(view.Faults)
		return a.render(w, r, http.StatusOK, "admin-setup", view)
	case ok && refused.Kind == fault.Unavailable: // too many passwords are being hashed
		view.Failure = refused.Message
		httpkit.SetRetryAfter(w.Header(), err)
		return a.render(w, r, httpkit.StatusOf(err), "admin-setup", view)
	}
	return err
}
