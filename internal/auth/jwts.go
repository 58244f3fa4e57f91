package auth

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth/jwt"
	"roster/internal/fault"
	"roster/internal/secret"
)

// JWTError says why a token or a login is refused, in the terms of simplejwt. It is
// the cause of a fault of kind BadCredential.
type JWTError struct {
	Code  string // such as "token_not_valid"; "" for none
	About string // why a token is no access token; "" if that is not the point
}

// Error returns the code and the reason.
func (e *JWTError) Error() string { return e.Code + " " + e.About }

const (
	codeNotValid = "token_not_valid"
	codeNoUser   = "user_not_found"

	messageNotValid = "Given token not valid for any token type"
	messageNoUserID = "Token contained no recognizable user identification"
	messageNoUser   = "User not found"
	messageNoLogin  = "No active account found with the given credentials"
	messageFactor   = "A password alone is not enough for this account, which needs a second factor. Use an API token."
)

// ErrBearerHeader is returned for a header with the scheme Bearer that has not one
// token.
var ErrBearerHeader = refuseJWT("Authorization header must contain two space-delimited values", JWTError{Code: "bad_authorization_header"})

// errBlacklisted is returned for a token whose login has ended, and for a refresh
// token that was used.
var errBlacklisted = refuseJWT(string(jwt.ErrBlacklisted), JWTError{Code: codeNotValid})

func refuseJWT(message string, why JWTError) error {
	return fault.Wrap(fault.BadCredential, message, &why)
}

// JWTOptions configure JWTs.
type JWTOptions struct {
	Profile     jwt.Profile
	Keys        Keys                   // sign, or encrypt the keys that do
	AccessLife  time.Duration          // of an access token, whole seconds
	RefreshLife time.Duration          // of a refresh token, whole seconds
	Issuers     map[string]TokenIssuer // others whose access tokens are accepted, by their claim iss
}

// JWTs issues and verifies JSON Web Tokens as djangorestframework-simplejwt 5.2 does
// with ROTATE_REFRESH_TOKENS and BLACKLIST_AFTER_ROTATION. A login is a Session, to
// which all its tokens refer, so that they end with it: at a logout, with another
// password or a second factor, or when the account is deactivated. A refresh token
// is valid once; a second use ends the login. It is safe for concurrent use.
type JWTs struct {
	JWTOptions

	sessions *Sessions
	keys     keyring
	recent[access.Actor]
}

// NewJWTs returns the service. It uses the store, throttle and clock of sessions.
func NewJWTs(sessions *Sessions, o JWTOptions) *JWTs {
	j := &JWTs{JWTOptions: o, sessions: sessions, keys: secretKeys{o.Keys}}
	if o.Profile.Algorithm != jwt.HS256 {
		j.keys = &storedKeys{
			store: sessions.store, keys: o.Keys, algorithm: o.Profile.Algorithm, life: o.RefreshLife,
			now: sessions.Now, log: sessions.Log,
		}
	}
	return j
}

// JWTPair is what a login or a refresh returns.
type JWTPair struct{ Access, Refresh secret.Text }

// Obtain logs a staff account in by its password, as Sessions.LogIn does. It refuses
// accounts that have or need a second factor, because a password alone is half a
// login. Its errors are of kind BadCredential, or those of LogIn.
func (j *JWTs) Obtain(ctx context.Context, r LoginRequest) (pair JWTPair, err error) {
	s := j.sessions
	defer func() { s.tried(StepPassword, err) }()
	p, err := s.enterPassword(ctx, r)
	if err != nil {
		return pair, asBadCredential(err)
	}
	login := randomID()
	session := Session{RefreshID: randomID(), EndsAt: stamp(s.Now().Add(j.RefreshLife))}
	if pair, err = j.sign(ctx, p.account.ID, login, session.RefreshID); err != nil {
		return pair, err
	}
	err = write(ctx, s.store, func(tx Tx) error {
		needsCode, err := s.begin(tx, p, session, loginToken(login))
		if err == nil && (needsCode || s.RequireTOTP) {
			err = refuseJWT(messageFactor, JWTError{})
		}
		return err
	})
	if err != nil {
		return JWTPair{}, asBadCredential(err)
	}
	s.Log.InfoContext(ctx, "logged in for tokens", "id", p.account.ID)
	return pair, nil
}

// asBadCredential returns ErrBadLogin as simplejwt words it, and other errors as
// they are.
func asBadCredential(err error) error {
	if errors.Is(err, ErrBadLogin) {
		return refuseJWT(messageNoLogin, JWTError{})
	}
	return err
}

// sign returns the tokens of a login.
func (j *JWTs) sign(ctx context.Context, account int64, login, refresh string) (pair JWTPair, err error) {
	key, err := j.keys.signing(ctx)
	if err != nil {
		return pair, err
	}
	now := j.sessions.Now()
	c := jwt.Claims{Type: jwt.Refresh, ID: refresh, Account: account, Session: login, IssuedAt: now, ExpiresAt: now.Add(j.RefreshLife)}
	long, err := j.Profile.Sign(key, c)
	if err != nil {
		return pair, err
	}
	c.Type, c.ID, c.ExpiresAt = jwt.Access, randomID(), now.Add(j.AccessLife)
	short, err := j.Profile.Sign(key, c)
	return JWTPair{Access: secret.New(short), Refresh: secret.New(long)}, err
}

// Refresh returns new tokens for a refresh token, which becomes invalid.
func (j *JWTs) Refresh(ctx context.Context, text string, from access.Origin) (pair JWTPair, err error) {
	c, err := j.parse(ctx, text, jwt.Refresh)
	if err != nil {
		return pair, err
	}
	next := randomID()
	if pair, err = j.sign(ctx, c.Account, c.Session, next); err != nil {
		return pair, err
	}
	err = j.use(ctx, c, from, func(tx Tx, session Session, _ Account) error {
		session.RefreshID, session.SeenAt = next, stamp(j.sessions.Now())
		session.EndsAt = session.SeenAt.Add(j.RefreshLife)
		return tx.UpdateSession(session)
	})
	if err != nil {
		return JWTPair{}, err
	}
	return pair, nil
}

// Blacklist ends the login of a refresh token.
func (j *JWTs) Blacklist(ctx context.Context, text string, from access.Origin) error {
	c, err := j.parse(ctx, text, jwt.Refresh)
	if err != nil {
		return err
	}
	return j.use(ctx, c, from, func(tx Tx, session Session, a Account) error {
		return j.end(tx, session, a, from, "")
	})
}

// reused is the reason in the audit trail.
const reused = "A refresh token was used twice, so its login was ended."

// use runs fn on the login of a refresh token. If the token was used before, it was
// stolen, or replaces a stolen one: that ends the login (RFC 9700, 4.14.2).
func (j *JWTs) use(ctx context.Context, c jwt.Claims, from access.Origin, fn func(Tx, Session, Account) error) error {
	var refused error
	err := write(ctx, j.sessions.store, func(tx Tx) (err error) {
		session, a, err := j.find(tx, c)
		refused = nil
		switch {
		case errors.Is(err, errBlacklisted):
			refused = errBlacklisted
			return nil
		case err != nil:
			return err
		case session.RefreshID != c.ID:
			refused = errBlacklisted
			return j.end(tx, session, a, from, reused)
		}
		return fn(tx, session, a)
	})
	j.Forget()
	return firstError(err, refused)
}

// find returns the login of a token and its account, or errBlacklisted if it has
// ended; then it deletes it, so that it stays ended.
func (j *JWTs) find(tx Tx, c jwt.Claims) (Session, Account, error) {
	session, err := tx.FindSession(loginToken(c.Session).Digest())
	if fault.KindOf(err) == fault.NotFound {
		return session, Account{}, errBlacklisted
	}
	if err != nil {
		return session, Account{}, err
	}
	a, _, err := tx.FindAccount(session.Account)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return session, a, err
	}
	half, err2 := hasFactor(tx, session.Account)
	if err2 != nil {
		return session, a, err2
	}
	if err != nil || !a.mayLogIn() || session.Mark != markOf(a) || half || j.sessions.RequireTOTP {
		_, err = tx.DeleteSessions(session.Account, SessionChoice{Only: session.ID})
		return session, a, firstError(err, errBlacklisted)
	}
	return session, a, nil
}

// end deletes the login and records it.
func (j *JWTs) end(tx Tx, session Session, a Account, from access.Origin, reason string) error {
	if _, err := tx.DeleteSessions(a.ID, SessionChoice{Only: session.ID}); err != nil {
		return err
	}
	actor := actorOf(a, nil).From(from).By(access.Credential{Kind: access.JWT}).Because(reason)
	if reason == reused {
		j.sessions.Log.Warn("a refresh token was used twice", "id", a.ID, "address", from.Address)
	}
	return tx.Record(deed{stamp(j.sessions.Now()), actor}.entry(audit.Logout, a.Object(), nil))
}

// parse verifies a token of that type, "" for any. A token without a login, which
// another service with SECRET_KEY issued, is no refresh token.
func (j *JWTs) parse(ctx context.Context, text, kind string) (jwt.Claims, error) {
	c, err := j.Profile.Parse(text, func(id string) ([]jwt.Key, error) { return j.keys.find(ctx, id) })
	if err == nil {
		err = c.Check(kind)
	}
	if err == nil && c.Session == "" && (kind == jwt.Refresh || j.Profile.Algorithm != jwt.HS256) {
		err = jwt.ErrInvalid
	}
	if why, ok := errors.AsType[jwt.Error](err); ok {
		err = refuseJWT(string(why), JWTError{Code: codeNotValid})
	}
	return c, err
}

// randomID returns 128 random bits as simplejwt writes them.
func randomID() string {
	bits := make([]byte, 16)
	_, _ = rand.Read(bits) // documented never to fail
	return hex.EncodeToString(bits)
}

// loginToken identifies a login. It is never that of a browser's session, because
// ParseToken refuses its text.
func loginToken(id string) Token { return Token{secret.New("jwt " + id)} }
