package web

import (
	"context"
	"net/http"

	"roster/internal/access"
	"roster/internal/httpkit"
)

// UnsubscribePath is the beginning of the path of links to unsubscribe; the token
// of a user and a slash follow.
const UnsubscribePath = "/unsubscribe/"

// Subscriptions finds and changes who gets mailings, by the token of a link;
// *user.Subscriptions implements it.
type Subscriptions interface {
	// ByToken returns the address of the user, and whether the user gets
	// mailings; NotFound if the token is invalid.
	ByToken(ctx context.Context, token string) (address string, gets bool, err error)
	// SetByToken stores whether the user gets mailings.
	SetByToken(ctx context.Context, actor access.Actor, token string, gets bool) error
}

// subscriptionView is the data of the page.
type subscriptionView struct {
	Address string
	Gets    bool
	Changed bool // just now
}

// showSubscription asks for a click: programs that scan mails follow links.
func (p *Pages) showSubscription(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	return p.renderSubscription(w, r, false)
}

// setSubscription unsubscribes the user, or subscribes the user again if the form
// says so. Mail programs send "List-Unsubscribe=One-Click" on behalf of the user
// (RFC 8058), without cookies.
func (p *Pages) setSubscription(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	gets := r.PostFormValue("subscribe") != ""
	if err := p.Subscriptions.SetByToken(r.Context(), actor, httpkit.PathValue(r, "token"), gets); err != nil {
		return err
	}
	return p.renderSubscription(w, r, true)
}

func (p *Pages) renderSubscription(w http.ResponseWriter, r *http.Request, changed bool) error {
	address, gets, err := p.Subscriptions.ByToken(r.Context(), httpkit.PathValue(r, "token"))
	if err != nil {
		return err
	}
	return p.Pages.Render(w, r, http.StatusOK, "unsubscribe", subscriptionView{address, gets, changed})
}
