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

// The paths of a password reset, as in Django.
const (
	resetPath       = "/admin/password_reset/"
	newPasswordPath = "/admin/reset/{uid}/{token}/" //nolint:gosec // no credential
	resetDonePath   = "/admin/reset/done/"
	// keptToken stands for the token in the address of the form: the link of the
	// mail redirects to it, so that the token is in no Referer header, history or
	// bookmark.
	keptToken = "set-password"
)

// resetView is the data of the pages that request a mail.
type resetView struct {
	Sent    bool // mails are on their way, if there are accounts
	Email   string
	Failure string
}

// newPasswordView is the data of the pages of a link.
type newPasswordView struct {
	Username string // "" if the link is not valid
	Password newPasswordFields
	Failure  string
	Done     bool // the password was set
}

func (a *Admin) showReset(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	return a.render(w, r, http.StatusOK, "admin-reset", resetView{})
}

// requestReset sends mails with a link. The answer is the same for unknown
// addresses, and does not wait for the mails.
func (a *Admin) requestReset(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	email := r.PostFormValue("email")
	if a.LinkBase == "" {
		return a.render(w, r, httpkit.StatusOf(errNoLinks), "admin-reset", resetView{Email: againShown(email), Failure: messageOf(errNoLinks)})
	}
	mails, err := a.Links.Request(r.Context(), email, session.OriginOf(r))
	if kind := fault.KindOf(err); err != nil && (kind == fault.Throttled || kind == fault.Unprocessable) {
		httpkit.SetRetryAfter(w.Header(), err)
		return a.render(w, r, httpkit.StatusOf(err), "admin-reset", resetView{Email: againShown(email), Failure: messageOf(err)})
	}
	if err != nil {
		return err
	}
	for _, m := range mails {
		a.SendLink(m, a.LinkBase+PasswordPath(m.Link))
	}
	return redirect(w, resetPath+"done/")
}

// PasswordPath is the path of a link that sets a password.
func PasswordPath(l auth.PasswordLink) string { return "/admin/reset/" + l.UID + "/" + l.Token + "/" }

func (a *Admin) showResetSent(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	return a.render(w, r, http.StatusOK, "admin-reset", resetView{Sent: true})
}

// linkOf returns the link of the path, with the token that the browser keeps.
func linkOf(r *http.Request) auth.PasswordLink {
	return auth.PasswordLink{UID: httpkit.PathValue(r, "uid"), Token: session.LinkOf(r)}
}

// showNewPassword keeps the token of a link and redirects, or shows the form.
// Nothing changes, because programs that scan mails open links too.
func (a *Admin) showNewPassword(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	link := linkOf(r)
	fromMail := httpkit.PathValue(r, "token") != keptToken
	if fromMail {
		link.Token = httpkit.PathValue(r, "token")
	}
	owner, err := a.Links.Owner(r.Context(), link)
	if err != nil {
		return a.refuseNewPassword(w, r, newPasswordView{}, err)
	}
	if fromMail {
		session.SetLink(w, r, link.Token)
		return redirect(w, PasswordPath(auth.PasswordLink{UID: link.UID, Token: keptToken}))
	}
	return a.render(w, r, http.StatusOK, "admin-new-password", a.newPasswordOf(owner))
}

// newPasswordOf returns the form for an account.
func (a *Admin) newPasswordOf(owner auth.Account) newPasswordView {
	v := newPasswordView{Username: owner.Username, Password: a.newPassword("New password", "new_password1", "new_password2")}
	v.Password.Focus = true
	return v
}

func (a *Admin) setNewPassword(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	link := linkOf(r)
	owner, err := a.Links.Owner(r.Context(), link)
	if err != nil {
		return a.refuseNewPassword(w, r, newPasswordView{}, err)
	}
	device, err := a.Links.Set(r.Context(), auth.LinkedPassword{
		Link: link, Text: secret.New(r.PostFormValue("new_password1")), Again: secret.New(r.PostFormValue("new_password2")),
		Origin: session.OriginOf(r), Device: session.DeviceOf(r),
	})
	if err != nil {
		return a.refuseNewPassword(w, r, a.newPasswordOf(owner), err)
	}
	session.SetLink(w, r, "")
	session.SetDevice(w, r, device)
	return redirect(w, resetDonePath)
}

// refuseNewPassword shows why a link is not valid, the errors of the fields, or how
// long to wait.
func (a *Admin) refuseNewPassword(w http.ResponseWriter, r *http.Request, view newPasswordView, err error) error {
	refused, ok := errors.AsType[*fault.Error](err)
	status := http.StatusOK
	switch {
	case errors.Is(err, auth.ErrBadLink):
		view = newPasswordView{Failure: refused.Message}
	case ok && len(refused.Fields) > 0:
		view.Password.refuse(byField(refused.Fields))
	case ok && refused.Kind == fault.Unavailable && view.Username != "":
		view.Failure, status = refused.Message, httpkit.StatusOf(err)
		httpkit.SetRetryAfter(w.Header(), err)
	default:
		return err
	}
	return a.render(w, r, status, "admin-new-password", view)
}

func (a *Admin) showResetDone(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	return a.render(w, r, http.StatusOK, "admin-new-password", newPasswordView{Done: true})
}
