package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
)

const (
	providerPath = "/admin/login/{provider}/"
	callbackPath = "/admin/login/{provider}/callback/"
	linkPath     = "/admin/identities/link/"
	purposeField = "for"
)

// maxFlowNext is the maximum length of an address to return to after a login at a
// provider, in bytes: it is in a cookie.
const maxFlowNext = 1500

// IdentityProvider logs people in at a provider; *oidc.Provider implements it.
type IdentityProvider interface {
	// Authorize returns the address at which a person logs in, and the flow that the
	// callback needs.
	Authorize(ctx context.Context, f auth.Flow) (address string, begun auth.Flow, err error)
	// Redeem returns the claims of the person who has logged in. The error may be
	// Invalid or Unavailable.
	Redeem(ctx context.Context, f auth.Flow, a auth.Answer) (auth.Claims, error)
	// LogoutURL returns the address that ends the session at the provider and leads
	// back, "" for none.
	LogoutURL(ctx context.Context, hint, back string) string
}

// Provider is a provider with its button on the login page.
type Provider struct {
	IdentityProvider

	Label  string
	Issuer string
	Rules  auth.ProviderRules // with the name, which is in its addresses
}

// ProviderLogins are the logins at OpenID Connect providers.
type ProviderLogins struct {
	Providers  []Provider
	Identities *auth.Identities
	Keys       auth.Keys
}

// named returns the provider of that name.
func (l ProviderLogins) named(name string) (Provider, bool) {
	for _, p := range l.Providers {
		if p.Rules.Name == name {
			return p, true
		}
	}
	return Provider{}, false
}

// button is a link to a login at a provider.
type button struct{ Label, URL string }

// buttons returns the links to logins for a purpose.
func (l ProviderLogins) buttons(purpose auth.Purpose, next string) (all []button) {
	for _, p := range l.Providers {
		values := url.Values{}
		if purpose != auth.ToLogIn {
			values.Set(purposeField, string(purpose))
		}
		if next != homePath {
			values.Set(nextField, next)
		}
		address := loginPath + p.Rules.Name + "/"
		if len(values) > 0 {
			address += "?" + values.Encode()
		}
		all = append(all, button{p.Label, address})
	}
	return all
}

// providerOf returns the provider of a request.
func (a *Admin) providerOf(r *http.Request) (Provider, error) {
	p, ok := a.Logins.named(httpkit.PathValue(r, "provider"))
	if !ok {
		return p, fault.New(fault.NotFound, "Not found.")
	}
	return p, nil
}

// startProvider redirects to the provider, and lets the browser keep what the
// callback needs.
func (a *Admin) startProvider(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	p, err := a.providerOf(r)
	if err != nil {
		return err
	}
	info := httpkit.RequestOf(r)
	if !a.LinkHosts.Allow(info.Host) {
		return a.refuseProvider(w, r, p, fault.New(fault.Unprocessable, "The host name of this server is not in ALLOWED_HOSTS."))
	}
	flow := auth.NewFlow(p.Rules.Name, a.Now())
	flow.RedirectURI = info.Base() + loginPath + p.Rules.Name + "/callback/"
	if flow.Next = nextOf(r); len(flow.Next) > maxFlowNext {
		flow.Next = homePath
	}
	if complete := in.Account.ID != 0 && !in.Session.NeedsCode; complete {
		flow.Purpose = auth.ParsePurpose(r.FormValue(purposeField))
	}
	address, flow, err := p.Authorize(r.Context(), flow)
	if err != nil {
		return a.refuseProvider(w, r, p, err)
	}
	session.ProviderFlow.Set(w, r, a.Logins.Keys.SealFlow(flow), auth.FlowLife)
	return redirect(w, address)
}

// finishProvider is the callback: the provider has sent the browser back.
func (a *Admin) finishProvider(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	p, err := a.providerOf(r)
	if err != nil {
		return err
	}
	flow, claims, err := a.redeem(w, r, p)
	if err != nil {
		return a.refuseProvider(w, r, p, err)
	}
	switch {
	case flow.Purpose == auth.ToLogIn:
		return a.logInBy(w, r, p, flow, claims)
	case flow.Purpose == auth.ToConfirm:
		err = a.Logins.Identities.Confirm(r.Context(), in, claims)
	case claims.Email == "":
		err = auth.ErrUnverified
	default:
		a.keepLink(w, r, flow, claims)
		flow.Next = linkPath
	}
	if err != nil {
		return a.refuseProvider(w, r, p, err)
	}
	return redirect(w, flow.Next)
}

// redeem returns what the provider says about the person who comes back, once.
func (a *Admin) redeem(w http.ResponseWriter, r *http.Request, p Provider) (flow auth.Flow, claims auth.Claims, err error) {
	flow, ok := a.Logins.Keys.OpenFlow(session.ProviderFlow.Get(r), a.Now())
	session.ProviderFlow.Clear(w, r)
	query := r.URL.Query()
	answer := auth.Answer{Code: query.Get("code"), State: query.Get("state"), Issuer: query.Get("iss"), Error: query.Get("error")}
	if !ok || flow.Provider != p.Rules.Name || !flow.Answered(answer) {
		return flow, claims, auth.ErrReplayed
	}
	if err := a.Logins.Identities.Use(r.Context(), flow, session.OriginOf(r)); err != nil {
		return flow, claims, err
	}
	if answer.Error != "" {
		return flow, claims, auth.ErrCanceled
	}
	claims, err = p.Redeem(r.Context(), flow, answer)
	return flow, claims, err
}

// logInBy starts a session for the person, or offers to link them to an account.
func (a *Admin) logInBy(w http.ResponseWriter, r *http.Request, p Provider, flow auth.Flow, claims auth.Claims) error {
	former, _ := session.TokenOf(r)
	login, err := a.Logins.Identities.LogIn(r.Context(), auth.IdentityLogin{
		Claims: claims, Rules: p.Rules, Origin: session.OriginOf(r), UserAgent: r.UserAgent(), Former: former, Device: session.DeviceOf(r),
	})
	if err != nil {
		if errors.Is(err, auth.ErrNotLinked) {
			a.keepLink(w, r, flow, claims)
		}
		return a.refuseProvider(w, r, p, err)
	}
	session.Set(w, r, login.Token)
	session.SetDevice(w, r, login.Device)
	a.keepHint(w, r, p, claims)
	if login.NeedsCode {
		return redirect(w, withNext(codePath, flow.Next))
	}
	return redirect(w, flow.Next)
}

// providerView is the data of the page about a login at a provider.
type providerView struct {
	Title, Text string
	Link        bool   // the visitor may link an account
	Retry       string // the address of another attempt, "" for none
}

// refuseProvider explains why a login at a provider was not possible.
func (a *Admin) refuseProvider(w http.ResponseWriter, r *http.Request, p Provider, err error) error {
	v, status := providerView{Title: "Login not completed", Text: messageOf(err)}, httpkit.StatusOf(err)
	retry := loginPath + p.Rules.Name + "/"
	switch fault.KindOf(err) {
	case fault.Unavailable:
		v = providerView{p.Label + " cannot be reached", "Log in with your password, or try again in a moment.", false, retry}
		a.Log.WarnContext(r.Context(), "a provider cannot be reached", "provider", p.Rules.Name, "cause", err)
	case fault.Invalid:
		v.Retry = retry
		a.Log.WarnContext(r.Context(), "a login by a provider was refused", "provider", p.Rules.Name, "cause", err)
	case fault.Denied:
		v.explain(p, err)
	case fault.Throttled, fault.Conflict, fault.Unprocessable:
	default:
		return err
	}
	httpkit.SetRetryAfter(w.Header(), err)
	return a.render(w, r, status, "admin-provider", v)
}
