package admin

import (
	"errors"
	"net/http"

	"roster/internal/auth"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
)

// explain says what a person who is not let in can do.
func (v *providerView) explain(p Provider, err error) {
	switch {
	case errors.Is(err, auth.ErrNotLinked):
		v.Title, v.Link = "No account is linked", true
		v.Text = "No account here is linked to your login at " + p.Label + ". If you have an account with the same e-mail address, log in to it once" +
			" to link them. Otherwise, ask an administrator for an account."
	case errors.Is(err, auth.ErrUnverified):
		v.Title = "Your address is not verified"
		v.Text = p.Label + " has not verified your e-mail address. Verify it there, or ask an administrator to link your account."
	case errors.Is(err, auth.ErrNoUsername):
		v.Title = "No account was created"
		v.Text = "Your username at " + p.Label + " is taken or not valid here. Ask an administrator for an account."
	case errors.Is(err, auth.ErrBarred):
		v.Title = "Your account may not log in"
		v.Text = "Your account here is not active, or not one of staff. Ask an administrator to change that."
	}
}

// keepLink lets the browser keep a person who may be linked to an account.
func (a *Admin) keepLink(w http.ResponseWriter, r *http.Request, f auth.Flow, c auth.Claims) {
	link := auth.Link{Provider: f.Provider, Issuer: c.Issuer, Subject: c.Subject, Email: c.Email, Next: f.Next, Ends: a.Now().Add(auth.FlowLife).Unix()}
	session.ProviderLink.Set(w, r, a.Logins.Keys.SealLink(link), auth.FlowLife)
}

// linkView is the data of the page that asks whether to link a login.
type linkView struct {
	Label, Email, Username string
	Failure                string
}

// linkOf returns the link to confirm, with the provider.
func (a *Admin) linkOf(r *http.Request) (auth.Link, Provider, bool) {
	link, ok := a.Logins.Keys.OpenLink(session.ProviderLink.Get(r), a.Now())
	p, known := a.Logins.named(link.Provider)
	return link, p, ok && known
}

// showLink asks whether to link a login at a provider to the visitor's account.
func (a *Admin) showLink(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	link, p, ok := a.linkOf(r)
	if !ok {
		return a.render(w, r, http.StatusBadRequest, "admin-provider", providerView{Title: "Nothing to link", Text: messageOf(auth.ErrReplayed)})
	}
	return a.render(w, r, http.StatusOK, "admin-link", linkView{Label: p.Label, Email: link.Email, Username: in.Account.Username})
}

// link links the login to the visitor's account.
func (a *Admin) link(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	link, p, ok := a.linkOf(r)
	if !ok {
		return a.showLink(w, r, in)
	}
	if err := a.Logins.Identities.Link(r.Context(), in, link, session.OriginOf(r)); err != nil {
		return a.refuseProvider(w, r, p, err)
	}
	session.ProviderLink.Clear(w, r)
	return redirect(w, link.Next)
}

// maxHint is the maximum length of an ID token that the browser keeps for the
// logout, in bytes. Most providers do not need it.
const maxHint = 2000

// keepHint lets the browser keep what a logout at the provider needs.
func (a *Admin) keepHint(w http.ResponseWriter, r *http.Request, p Provider, c auth.Claims) {
	hint := auth.LogoutHint{Provider: p.Rules.Name, Token: c.Hint}
	if len(hint.Token) > maxHint {
		hint.Token = ""
	}
	session.ProviderHint.Set(w, r, a.Logins.Keys.SealHint(hint), 0)
}

// providerLogout returns the provider that began the session, with the address of
// its logout, "" for none.
func (a *Admin) providerLogout(w http.ResponseWriter, r *http.Request) (exit button) {
	hint, ok := a.Logins.Keys.OpenHint(session.ProviderHint.Get(r))
	p, known := a.Logins.named(hint.Provider)
	if !ok || !known {
		return button{}
	}
	session.ProviderHint.Clear(w, r)
	info := httpkit.RequestOf(r)
	if !a.LinkHosts.Allow(info.Host) {
		return button{}
	}
	return button{p.Label, p.LogoutURL(r.Context(), hint.Token, info.Base()+loginPath)}
}
