package session

import (
	"context"
	"net/http"
	"strings"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
)

// TokenAuthenticator looks up tokens; *auth.APITokens and *auth.JWTs implement it.
type TokenAuthenticator interface {
	// Authenticate returns the actor of the token, or a BadCredential error.
	Authenticate(ctx context.Context, text string, from access.Origin) (access.Actor, error)
}

// AcceptJWT lets APIActor accept JSON Web Tokens. Call it before the first request.
func (k *Keeper) AcceptJWT(jwts TokenAuthenticator) { k.jwts = jwts }

// APIActor returns the sender of a request to the API: the account of its API
// token or JSON Web Token, otherwise that of its session, otherwise that of HTTP
// Basic. A credential that is not valid makes the request one of a refused actor,
// even where no credential is needed, as in Django REST Framework.
func (k *Keeper) APIActor(r *http.Request) access.Actor {
	text, ok, err := bearerOf(r)
	switch {
	case err != nil:
		return access.Refused(err)
	case !ok:
		return k.basicActor(r)
	}
	tokens := k.tokens
	if k.jwts != nil && strings.Count(text, ".") == 2 {
		tokens = k.jwts
	}
	actor, err := tokens.Authenticate(r.Context(), text, OriginOf(r))
	if err != nil {
		return access.Refused(err)
	}
	return actor
}

// bearerOf returns the token in the Authorization header, with the scheme of
// RFC 6750 or that of Django REST Framework's TokenAuthentication.
// A malformed header is refused as by simplejwt and by TokenAuthentication.
func bearerOf(r *http.Request) (text string, ok bool, err error) {
	words := strings.Fields(r.Header.Get("Authorization"))
	isBearer := len(words) > 0 && strings.EqualFold(words[0], "Bearer")
	switch {
	case !isBearer && (len(words) == 0 || !strings.EqualFold(words[0], "Token")):
		return "", false, nil
	case len(words) == 2:
		return words[1], true, nil
	case isBearer:
		return "", false, auth.ErrBearerHeader
	case len(words) == 1:
		return "", false, errNoToken
	}
	return "", false, errSpaces
}

// The errors about a header with the scheme Token, worded like Django REST
// Framework's.
var (
	errNoToken = fault.New(fault.BadCredential, "Invalid token header. No credentials provided.")
	errSpaces  = fault.New(fault.BadCredential, "Invalid token header. Token string should not contain spaces.")
)
