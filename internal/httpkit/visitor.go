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

// WithVisitor returns a request whose pages show the account that sent it. name
// returns its username, "" if no one is logged in; it is called when a page is
// rendered.
func WithVisitor(r *http.Request, name func() string) *http.Request {
	if ctx, ok := contextOf(r.Context()); ok {
		ctx.visitor = name
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), visitorKey{}, name))
}

// visitorOf returns the username of the account that sent the request, "" for
// none.
func visitorOf(r *http.Request) string {
	name, _ := r.Context().Value(visitorKey{}).(func() string)
	if ctx, ok := contextOf(r.Context()); ok {
		name = ctx.visitor
	}
	if name == nil {
		return ""
	}
	return name()
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
	return loginPath + "?next=" + url.QueryEscape(r.URL.RequestURI())
}
