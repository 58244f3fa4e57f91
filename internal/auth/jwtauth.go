package auth

import (
	"context"
	"errors"
	"time"

	"roster/internal/access"
	"roster/internal/auth/jwt"
	"roster/internal/fault"
	"roster/internal/secret"
)

// Authenticate returns the actor of an access token. It returns BadCredential if the
// token is not valid, its login has ended, or its account is not active. A token is
// looked up once in tokenKept.
func (j *JWTs) Authenticate(ctx context.Context, text string, from access.Origin) (access.Actor, error) {
	digest, now := hexDigest(secret.New(text)), j.sessions.Now()
	if actor, ok := j.get(digest, now); ok {
		return actor.From(from), nil
	}
	find := j.own
	if issuer := jwt.IssuerOf(text); j.Issuers[issuer] != nil {
		find = func(ctx context.Context, text string) (access.Actor, time.Time, error) {
			return j.issued(ctx, issuer, text)
		}
	}
	actor, expires, err := find(ctx, text)
	if err != nil {
		return access.Actor{}, asAccess(err)
	}
	until := now.Add(tokenKept)
	if expires.Before(until) {
		until = expires
	}
	j.put(digest, actor, until)
	return actor.From(from), nil
}

// own returns the actor of an access token of Roster, and until when it is valid.
func (j *JWTs) own(ctx context.Context, text string) (actor access.Actor, until time.Time, err error) {
	c, err := j.parse(ctx, text, jwt.Access)
	if err != nil {
		return actor, until, err
	}
	in, err := j.signedIn(ctx, c)
	return actorOf(in.Account, in.Permissions).By(access.Credential{Kind: access.JWT}), c.ExpiresAt, err
}

// asAccess returns the error about a token as simplejwt's JWTAuthentication does.
func asAccess(err error) error {
	refused, ok := errors.AsType[*fault.Error](err)
	why, isJWT := errors.AsType[*JWTError](err)
	if !ok || !isJWT || why.Code != codeNotValid || refused.Message == messageNoUserID {
		return err
	}
	return refuseJWT(messageNotValid, JWTError{Code: codeNotValid, About: refused.Message})
}

// signedIn returns the account of a token.
func (j *JWTs) signedIn(ctx context.Context, c jwt.Claims) (SignedIn, error) {
	switch {
	case c.Account == 0:
		return SignedIn{}, refuseJWT(messageNoUserID, JWTError{Code: codeNotValid})
	case c.Session == "":
		return j.account(ctx, c)
	}
	in, err := j.sessions.store.FindSession(ctx, loginToken(c.Session).Digest())
	switch {
	case err != nil && fault.KindOf(err) != fault.NotFound:
		return SignedIn{}, err
	case err != nil || in.Account.ID != c.Account || !in.Account.mayLogIn() || in.Session.Mark != markOf(in.Account):
		if err == nil {
			j.sessions.drop(ctx, in.Session)
		}
		_, err := j.account(ctx, c) // says more, if the account is the reason
		return SignedIn{}, firstError(err, errBlacklisted)
	}
	return in, j.checkFactor(in)
}

// account returns the account of a token that a password alone was enough for.
func (j *JWTs) account(ctx context.Context, c jwt.Claims) (SignedIn, error) {
	in, err := j.active(ctx, c.Account)
	if err != nil {
		return in, err
	}
	return in, j.checkFactor(in)
}

// active returns an account that may log in.
func (j *JWTs) active(ctx context.Context, account int64) (SignedIn, error) {
	in, err := j.sessions.store.FindSignedIn(ctx, account)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return in, refuseJWT(messageNoUser, JWTError{Code: codeNoUser})
	case err != nil:
		return in, err
	case !in.Account.mayLogIn():
		return in, refuseJWT("User is inactive", JWTError{Code: "user_inactive"})
	}
	return in, nil
}

// checkFactor refuses tokens of a login by a password alone.
func (j *JWTs) checkFactor(in SignedIn) error {
	if in.HasFactor || j.sessions.RequireTOTP {
		return refuseJWT(messageFactor, JWTError{Code: codeNotValid, About: messageFactor})
	}
	return nil
}

// Verify returns nil for any valid token, BadCredential for one that is not, and
// Invalid for one whose login has ended or that was replaced.
func (j *JWTs) Verify(ctx context.Context, text string) error {
	c, err := j.parse(ctx, text, "")
	if err != nil || c.Session == "" {
		return err
	}
	in, err := j.signedIn(ctx, c)
	if errors.Is(err, errBlacklisted) || err == nil && c.Type == jwt.Refresh && c.ID != in.Session.RefreshID {
		var fields fault.Fields
		fields.Add("non_field_errors", string(jwt.ErrBlacklisted))
		return fields.Err()
	}
	return err
}

// PublicKeys returns the keys that verify tokens; none with HS256.
func (j *JWTs) PublicKeys(ctx context.Context) ([]jwt.JWK, error) {
	keys, err := j.keys.all(ctx)
	public := []jwt.JWK{}
	for _, key := range keys {
		if jwk, ok := key.JWK(); ok {
			public = append(public, jwk)
		}
	}
	return public, err
}

// reseal encrypts the stored keys with the present SECRET_KEY, and reports success.
func (j *JWTs) reseal(ctx context.Context) bool {
	stored, ok := j.keys.(*storedKeys)
	if !ok {
		return true
	}
	err := stored.reseal(ctx)
	if err != nil && ctx.Err() == nil {
		j.sessions.Log.Warn("keys for JSON Web Tokens could not be encrypted", "cause", err)
	}
	return err == nil
}
