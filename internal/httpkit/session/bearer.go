package session

import (
	"context"
	"net/http"
	"strings"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// TokenAuthenticator looks up API tokens; *auth.APITokens implements it.
type TokenAuthenticator interface {
	// Authenticate returns the actor of the token, or an Unauthenticated error.
	Authenticate(ctx context.Context, text string, from access.Origin) (access.Actor, error)
}

// APIActor returns the sender of a request to the API: the account of its API
// token, otherwise that of its session, otherwise that of HTTP Basic. A credential that is not valid makes the
// request one of a refused actor, even where no credential is needed, as in
// Django REST Framework.
func (k *Keeper) APIActor(r *http.Request) access.Actor {
	text, ok := bearerOf(r)
	if !ok {
		return k.basicActor(r)
	}
	actor, err := k.tokens.Authenticate(r.Context(), text, OriginOf(r))
	if err == nil {
		return actor
	}
	if fault.KindOf(err) == fault.Unauthenticated {
		err = &httpkit.StatusError{Status: http.StatusUnauthorized, Message: err.Error()}
	}
	return access.Refused(err)
}

// bearerOf returns the token in the Authorization header, with the scheme of
// RFC 6750 or that of Django REST Framework's TokenAuthentication.
func bearerOf(r *http.Request) (text string, ok bool) {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "Token") {
		return "", false
	}
	return strings.TrimSpace(text), true
}
