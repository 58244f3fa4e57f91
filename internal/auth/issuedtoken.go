package auth

import (
	"context"
	"errors"
	"time"

	"roster/internal/access"
	"roster/internal/auth/jwt"
	"roster/internal/fault"
)

// IssuedToken is what a valid access token of another issuer says.
type IssuedToken struct {
	Subject   string
	ExpiresAt time.Time
	MFA       bool // the issuer has checked a second factor
}

// ErrNotIssued says that a text is no valid access token of an issuer.
var ErrNotIssued = errors.New("not a valid access token of the issuer")

// TokenIssuer verifies the access tokens of an issuer; *oidc.Issuer implements it.
type TokenIssuer interface {
	// Verify returns what a valid token says, ErrNotIssued for another text, or an
	// Unavailable error.
	Verify(ctx context.Context, text string) (IssuedToken, error)
}

// issued returns the actor of an access token of another issuer, and until when it is
// valid. The account is the one to which the subject is linked.
func (j *JWTs) issued(ctx context.Context, issuer, text string) (actor access.Actor, until time.Time, err error) {
	token, err := j.Issuers[issuer].Verify(ctx, text)
	switch {
	case errors.Is(err, ErrNotIssued):
		return actor, until, refuseJWT(string(jwt.ErrInvalid), JWTError{Code: codeNotValid})
	case err != nil:
		return actor, until, err
	}
	in, err := j.subject(ctx, issuer, token)
	if err != nil {
		return actor, until, err
	}
	return actorOf(in.Account, in.Permissions).By(access.Credential{Kind: access.JWT, Name: issuer}), token.ExpiresAt, nil
}

// subject returns the account of a token's subject.
func (j *JWTs) subject(ctx context.Context, issuer string, token IssuedToken) (SignedIn, error) {
	i, err := j.sessions.store.FindIdentity(ctx, issuer, token.Subject)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return SignedIn{}, refuseJWT(messageNoUser, JWTError{Code: codeNoUser})
	case err != nil:
		return SignedIn{}, err
	}
	in, err := j.active(ctx, i.Account)
	if err == nil && !token.MFA {
		err = j.checkFactor(in)
	}
	return in, err
}
