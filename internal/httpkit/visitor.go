package httpkit

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// loginPath is the page to log in, with the parameter next of Django.
const loginPath = "/admin/login/"

type visitorKey struct{}

// Visitor is the account that sent a request, as pages show it.
type Visitor struct {
	Name       string // "" if no one is logged in
	Navigation Navigation
	Language   string // the code of the language that the account has chosen, "" for none
}

// WithVisitor returns a request whose pages show the account that sent it. find
// returns the account, and is called when a page is rendered or its language is
// needed.
func WithVisitor(r *http.Request, find func() Visitor) *http.Request {
	if ctx, ok := contextOf(r.Context()); ok {
		ctx.visitor = find
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), visitorKey{}, find))
}

// visitorOf returns the account that sent the request.
func visitorOf(r *http.Request) Visitor {
	find, _ := r.Context().Value(visitorKey{}).(func() Visitor)
	if ctx, ok := contextOf(r.Context()); ok {
		find = ctx.visitor
	}
	if find == nil {
		return Visitor{}
	}
	return find()
}

// loginURL returns the address of the login that returns to the page of the
// request; "" on the pages of the login.
func loginURL(r *http.Request) string {
	switch {
	case strings.HasPrefix(r.URL.Path, loginPath), r.URL.Path == "/admin/logout/":
		return ""
	case !isSafe(r.Method):
		return loginPath // a form cannot be sent again by a redirect
	}
	page := pageOf(r)
	if strings.HasPrefix(page, loginPath) {
		return page
	}
	return loginPath + "?next=" + url.QueryEscape(page)
}
