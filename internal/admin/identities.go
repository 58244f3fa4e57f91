package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/lang"
)

const identitiesPath = "/admin/identities/"

// identitiesView is the data of the page.
type identitiesView struct {
	Account   int64
	Owner     string // the username of another account, "" for the visitor's own
	Lines     []identityView
	Buttons   []button   // to link a login to the visitor's own account
	Providers []Provider // to link a login to another account
	Zone      string     // of the times

	Subject string // as entered
	Failure string
}

// identityView is a row of the list.
type identityView struct {
	auth.Identity

	Label       string // of the provider
	Since, Used moment // the zero moment: never
}

// showIdentities lists the logins at providers that are linked to the visitor's
// account, or to another one.
func (a *Admin) showIdentities(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	v, err := a.newIdentitiesView(r, in, r.URL.Query().Get("account"))
	if err != nil {
		return err
	}
	return a.renderIdentities(w, r, http.StatusOK, v)
}

// newIdentitiesView returns the page of an account; "" stands for the visitor's own.
func (a *Admin) newIdentitiesView(r *http.Request, in auth.SignedIn, account string) (v identitiesView, err error) {
	v = identitiesView{Account: in.Account.ID, Zone: a.Zone.String()}
	if account == "" || account == strconv.FormatInt(in.Account.ID, 10) {
		v.Buttons = a.Logins.buttons(auth.ToLink, identitiesPath)
		return v, nil
	}
	if v.Account, err = strconv.ParseInt(account, 10, 64); err != nil {
		return v, fault.New(fault.NotFound, "Not found.")
	}
	owner, _, err := a.Accounts.Find(r.Context(), a.Keeper.Actor(r), v.Account)
	v.Owner, v.Providers = owner.Username, a.Logins.Providers
	return v, err
}

func (a *Admin) renderIdentities(w http.ResponseWriter, r *http.Request, status int, v identitiesView) error {
	found, err := a.Logins.Identities.List(r.Context(), a.Keeper.Actor(r), v.Account)
	if err != nil {
		return err
	}
	l := lang.From(r.Context())
	for _, i := range found {
		v.Lines = append(v.Lines, identityView{i, a.Logins.labelOf(i.Issuer), a.moment(l, i.CreatedAt), a.momentOrNone(l, i.UsedAt)})
	}
	return a.render(w, r, status, "admin-identities", v)
}

// labelOf returns the label of the provider with that issuer, or the issuer.
func (l ProviderLogins) labelOf(issuer string) string {
	for _, p := range l.Providers {
		if p.Issuer == issuer {
			return p.Label
		}
	}
	return issuer
}

// changeIdentities unlinks the login that the form names, or links one to another
// account.
func (a *Admin) changeIdentities(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	v, err := a.newIdentitiesView(r, in, r.PostFormValue("account"))
	if err != nil {
		return err
	}
	switch r.PostFormValue("action") {
	case "link":
		v.Subject = againShown(r.PostFormValue("subject"))
		p, _ := a.Logins.named(r.PostFormValue("provider"))
		err = a.Logins.Identities.Add(r.Context(), a.Keeper.Actor(r), v.Account, p.Issuer, r.PostFormValue("subject"))
	case "unlink":
		id, _ := strconv.ParseInt(r.PostFormValue("identity"), 10, 64) // 0 is NotFound
		err = a.Logins.Identities.Unlink(r.Context(), a.Keeper.Actor(r), id, a.waysIn(r))
	}
	if shown, ok := errors.AsType[*fault.Error](err); ok && (shown.Kind == fault.Invalid || shown.Kind == fault.Conflict) {
		v.Failure = messageOf(err)
		return a.renderIdentities(w, r, httpkit.StatusOf(err), v)
	}
	if err != nil {
		return err
	}
	return redirect(w, v.address(in))
}

// address is the page of the account.
func (v identitiesView) address(in auth.SignedIn) string {
	if v.Account == in.Account.ID {
		return identitiesPath
	}
	return identitiesPath + "?" + url.Values{"account": {strconv.FormatInt(v.Account, 10)}}.Encode()
}
