package admin

import (
	"net/http"
	"strconv"

	"roster/internal/auth"
	"roster/internal/auth/passkey"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
	"roster/internal/lang"
)

// The pages on which browsers are asked for a passkey.
const (
	loginPage   = "admin-login"
	codePage    = "admin-code"
	confirmPage = "admin-reauth"
)

// passkeyView is a row of the list.
type passkeyView struct {
	auth.Passkey

	Since, Used moment // Used is the zero moment: never
	Elsewhere   bool   // it is bound to another host name
}

// site returns the site of a request, false if passkeys cannot be used at its
// host. Only trusted hosts are sites, because clients choose the Host header.
func (a *Admin) site(r *http.Request) (passkey.Site, bool) {
	info := httpkit.RequestOf(r)
	if !a.LinkHosts.Allow(info.Host) {
		return passkey.Site{}, false
	}
	site, err := passkey.NewSite(info.Scheme, info.Host)
	return site, err == nil
}

// waysIn returns the logins that this server offers besides those with a password.
func (a *Admin) waysIn(r *http.Request) (ways auth.WaysIn) {
	site, _ := a.site(r)
	ways.Site = site.ID
	for _, p := range a.Logins.Providers {
		ways.Issuers = append(ways.Issuers, p.Issuer)
	}
	return ways
}

// showForm shows a page with a short form, which asks for a passkey too.
func (a *Admin) showForm(w http.ResponseWriter, r *http.Request, status int, page string, view formView) (err error) {
	in, _ := a.Keeper.Of(r)
	view.App = in.HasApp
	if site, ok := a.site(r); ok {
		switch page {
		case loginPage:
			view.Passkey, err = a.Passkeys.OfferLogin(site, session.Browser(w, r))
		case codePage, confirmPage:
			view.Passkey, err = a.Passkeys.OfferOwn(r.Context(), in, site, page == confirmPage)
		}
	}
	if err != nil {
		return err
	}
	return a.render(w, r, status, page, view)
}

// answer returns the browser's answer in a form, false for a form without one.
func (a *Admin) answer(r *http.Request) (answer auth.PasskeyAnswer, ok bool) {
	answer = auth.PasskeyAnswer{Challenge: r.PostFormValue("challenge"), Credential: r.PostFormValue("credential")}
	answer.Site, _ = a.site(r) // the zero Site verifies nothing
	return answer, answer.Credential != ""
}

// passkeyLogin is a login with a passkey, alone or after the password.
func passkeyLogin(w http.ResponseWriter, r *http.Request, answer auth.PasskeyAnswer) auth.PasskeyLogin {
	token, _ := session.TokenOf(r)
	return auth.PasskeyLogin{
		PasskeyAnswer: answer, Browser: session.Browser(w, r), Token: token,
		Origin: session.OriginOf(r), UserAgent: r.UserAgent(), Device: session.DeviceOf(r),
	}
}

// welcome continues with a login, or shows its page with the error.
func (a *Admin) welcome(w http.ResponseWriter, r *http.Request, page string, login auth.Login, err error) error {
	if err != nil {
		view := formView{Next: nextOf(r)}
		if page == loginPage {
			view = a.loginView(r)
		}
		return a.tryAgain(w, r, page, view, err)
	}
	session.Set(w, r, login.Token)
	session.SetDevice(w, r, login.Device)
	return redirect(w, nextOf(r))
}

// newPasskey asks for the name of a new passkey, and for the passkey.
func (a *Admin) newPasskey(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	site, ok := a.site(r)
	if !ok {
		return redirect(w, factorPath)
	}
	offer, err := a.Passkeys.OfferNew(r.Context(), in, site)
	if err != nil {
		return a.refuseFactor(w, r, in, err)
	}
	return a.render(w, r, http.StatusOK, "admin-totp", factorView{Required: in.MustEnrol, New: offer})
}

func (a *Admin) addPasskey(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	answer, _ := a.answer(r)
	codes, err := a.Passkeys.Add(r.Context(), in, auth.NewPasskey{PasskeyAnswer: answer, Name: r.PostFormValue("name"), Origin: session.OriginOf(r)})
	switch {
	case err != nil:
		return a.refuseFactor(w, r, in, err)
	case len(codes) == 0:
		return redirect(w, factorPath)
	}
	return a.showCodes(w, r, "The passkey was added. Logins now require it, or one of the codes below.", codes)
}

// changePasskey renames or removes the passkey that the form names.
func (a *Admin) changePasskey(w http.ResponseWriter, r *http.Request, in auth.SignedIn, action string) (err error) {
	id, _ := strconv.ParseInt(r.PostFormValue("passkey"), 10, 64) // 0 is NotFound
	if action == "remove-passkey" {
		err = a.Passkeys.Remove(r.Context(), in, id, a.waysIn(r), session.OriginOf(r))
	} else {
		err = a.Passkeys.Rename(r.Context(), in, id, r.PostFormValue("name"), session.OriginOf(r))
	}
	if err != nil {
		return a.refuseFactor(w, r, in, err)
	}
	return redirect(w, factorPath)
}

// refuseFactor shows the page with an error that the visitor can correct.
func (a *Admin) refuseFactor(w http.ResponseWriter, r *http.Request, in auth.SignedIn, err error) error {
	status := httpkit.StatusOf(err)
	switch fault.KindOf(err) {
	case fault.Invalid:
		status = http.StatusOK
	case fault.Conflict:
	default:
		return err
	}
	return a.renderFactors(w, r, status, in, factorView{Failure: messageOf(err)})
}

// renderFactors shows the factors of the account.
func (a *Admin) renderFactors(w http.ResponseWriter, r *http.Request, status int, in auth.SignedIn, v factorView) error {
	l := lang.From(r.Context())
	own, err := a.Passkeys.ListOwn(r.Context(), in)
	if err != nil {
		return err
	}
	if in.HasFactor {
		state, err := a.Factors.State(r.Context(), a.Keeper.Actor(r), in.Account.ID)
		if err != nil {
			return err
		}
		v.Codes = l.N(int64(state.Codes), "You have %s unused code.", "You have %s unused codes.")
	}
	site, ok := a.site(r)
	v.App, v.Required, v.CanAdd, v.Zone = in.HasApp, in.MustEnrol, ok && len(own) < auth.MaxPasskeys, a.Zone.String()
	v.BadHost = !ok
	for _, k := range own {
		v.Passkeys = append(v.Passkeys, passkeyView{k, a.moment(l, k.CreatedAt), a.momentOrNone(l, k.UsedAt), k.Site != site.ID})
	}
	return a.render(w, r, status, "admin-totp", v)
}
