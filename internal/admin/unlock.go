package admin

import (
	"errors"
	"net/http"
	"net/url"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
)

const unlockPath = "/admin/login/unlock/"

// TokenField is the field of a link's token.
const TokenField = "token"

// errNoLinks is why no mail with a link can be sent.
var errNoLinks = fault.New(fault.Unprocessable, "This server sends no links, because SITE_URL is not set.")

// unlockView is the data of the page.
type unlockView struct {
	Token   string // of a mail, "" before it was requested
	Sent    bool   // a mail is on its way, if the account exists
	Failure string
}

// showUnlock asks for the username or, for the link in a mail, for a click:
// programs that scan mails follow links.
func (a *Admin) showUnlock(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	return a.render(w, r, http.StatusOK, "admin-unlock", unlockView{Token: r.URL.Query().Get(TokenField)})
}

func (a *Admin) unlock(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	if token := r.PostFormValue(TokenField); token != "" {
		return a.unlockBy(w, r, token)
	}
	if a.LinkBase == "" {
		return a.refuseUnlock(w, r, errNoLinks)
	}
	mail, err := a.Sessions.RequestUnlock(r.Context(), r.PostFormValue("username"), session.OriginOf(r))
	if err != nil {
		return a.refuseUnlock(w, r, err)
	}
	if mail.To != "" {
		a.SendUnlock(mail, a.LinkBase+unlockPath+"?"+TokenField+"="+url.QueryEscape(mail.Token))
	}
	return a.render(w, r, http.StatusOK, "admin-unlock", unlockView{Sent: true})
}

// unlockBy unlocks the login of the account of a mail, and continues with it.
func (a *Admin) unlockBy(w http.ResponseWriter, r *http.Request, token string) error {
	device, err := a.Sessions.UnlockBy(r.Context(), token, session.DeviceOf(r), session.OriginOf(r))
	if err != nil {
		return a.refuseUnlock(w, r, err)
	}
	session.SetDevice(w, r, device)
	return redirect(w, loginPath)
}

// refuseUnlock shows the form with an error that the visitor can correct.
func (a *Admin) refuseUnlock(w http.ResponseWriter, r *http.Request, err error) error {
	status := httpkit.StatusOf(err)
	switch {
	case errors.Is(err, auth.ErrBadUnlock):
		status = http.StatusOK
	case fault.KindOf(err) != fault.Throttled && fault.KindOf(err) != fault.Unprocessable:
		return err
	}
	httpkit.SetRetryAfter(w.Header(), err)
	return a.render(w, r, status, "admin-unlock", unlockView{Failure: messageOf(err)})
}
