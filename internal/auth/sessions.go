package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth/password"
	"roster/internal/fault"
)

// The lifetimes of staff sessions, and how long a password confirmation is
// valid, from NIST SP 800-63B.
const (
	SessionIdle  = 30 * time.Minute // of inactivity
	SessionLife  = 12 * time.Hour   // in total
	ConfirmLife  = 10 * time.Minute // for sensitive actions
	seenEvery    = time.Minute      // how often activity is recorded
	maxUserAgent = 255              // bytes
)

// Session is a signed-in browser, or a program with JSON Web Tokens.
type Session struct {
	ID          int64
	Account     int64
	Mark        string // derived from the account's password; a change ends the session
	CreatedAt   time.Time
	SeenAt      time.Time // last activity, up to a minute late
	EndsAt      time.Time // unless used earlier
	ConfirmedAt time.Time // last password entry, or login at the provider of the identity
	NeedsCode   bool      // the second factor is missing: no permissions yet
	Address     string    // of the login
	UserAgent   string    // of the login, at most 255 bytes
	Identity    int64     // with which a provider logged in, 0 for a password
	MFA         bool      // the provider has checked a second factor
	RefreshID   string    // of the refresh token that continues it; "" in a browser
}

// SignedIn is a session with its account.
type SignedIn struct {
	Session     Session
	Account     Account
	Permissions []access.Permission // of the account and its groups
	HasFactor   bool                // has a second factor: an app or a passkey
	HasApp      bool                // has an authenticator app
	MustEnrol   bool                // must set up a second factor before anything else
}

// Actor returns the session's actor, which is anonymous while a second factor
// is missing.
func (s SignedIn) Actor() access.Actor {
	if s.Session.NeedsCode || s.MustEnrol {
		return access.Actor{}
	}
	return actorOf(s.Account, s.Permissions)
}

// Confirmed reports whether the password was entered recently enough for
// sensitive actions.
func (s SignedIn) Confirmed(now time.Time) bool { return now.Sub(s.Session.ConfirmedAt) < ConfirmLife }

func actorOf(a Account, permissions []access.Permission) access.Actor {
	return access.NewActor(access.Account{
		ID: a.ID, Username: a.Username, IsStaff: a.IsStaff, IsSuperuser: a.IsSuperuser, Permissions: permissions,
	})
}

// Sessions logs staff in and manages their sessions. Every login, failed login,
// logout and revocation writes an entry to the audit trail. It is safe for
// concurrent use.
type Sessions struct {
	store Store
	SessionOptions
}

// SessionOptions configure Sessions.
type SessionOptions struct {
	Limiter     *password.Limiter
	Throttle    *LoginThrottle
	Failures    Counters // limit audit entries about failed logins, and mails to unlock a login
	Keys        Keys     // sign what known browsers keep and challenges of passkeys; zero: neither exists
	RequireTOTP bool     // staff must set up a second factor
	Now         func() time.Time
	Log         *slog.Logger
	// Tried is called after each login attempt, with its step and the error;
	// may be nil.
	Tried func(step string, err error)
}

// The steps of a login.
const (
	StepPassword = "password"
	StepCode     = "code"
	StepBasic    = "basic" // a password in a request to the API
	StepPasskey  = "passkey"
	StepProvider = "provider"
)

func (s *Sessions) tried(step string, err error) {
	if s.Tried != nil {
		s.Tried(step, err)
	}
}

// NewSessions returns the service on that store.
func NewSessions(store Store, o SessionOptions) *Sessions { return &Sessions{store, o} }

// errNoSession is returned for an unknown or expired token.
var errNoSession = fault.New(fault.Unauthenticated, "The session is not valid.")

// Authenticate returns the session of a token with its current account. It
// returns Unauthenticated if the session has ended or was revoked, or its
// account was deleted or deactivated, is no longer staff, or has another
// password; such a session is deleted, so that it stays ended if the account
// changes back. It extends the session.
func (s *Sessions) Authenticate(ctx context.Context, token Token) (SignedIn, error) {
	found, err := s.store.FindSession(ctx, token.Digest())
	if fault.KindOf(err) == fault.NotFound {
		err = errNoSession
	}
	if err != nil {
		return SignedIn{}, err
	}
	now := stamp(s.Now())
	if !now.Before(found.Session.EndsAt) {
		return SignedIn{}, errNoSession
	}
	if a := found.Account; !a.mayLogIn() || found.Session.Mark != markOf(a) {
		s.drop(ctx, found.Session)
		return SignedIn{}, errNoSession
	}
	found.MustEnrol = s.RequireTOTP && !found.HasFactor && !found.Session.MFA
	if now.Sub(found.Session.SeenAt) >= seenEvery && !found.Session.NeedsCode {
		found.Session = found.Session.seen(now)
		s.save(ctx, found.Session)
	}
	return found, nil
}

// seen returns the session with activity now.
func (s Session) seen(now time.Time) Session {
	s.SeenAt = now
	if s.RefreshID != "" { // ends with its refresh token
		return s
	}
	s.EndsAt = now.Add(SessionIdle)
	if end := s.CreatedAt.Add(SessionLife); end.Before(s.EndsAt) {
		s.EndsAt = end
	}
	return s
}

// save records activity. A failure to write does not reject the request.
func (s *Sessions) save(ctx context.Context, used Session) {
	if err := s.store.InAuthTx(ctx, func(tx Tx) error { return tx.UpdateSession(used) }); err != nil {
		s.Log.WarnContext(ctx, "cannot note that a session is in use", "cause", err)
	}
}

// drop deletes a session that its account has ended.
func (s *Sessions) drop(ctx context.Context, ended Session) {
	err := write(ctx, s.store, func(tx Tx) error {
		_, err := tx.DeleteSessions(ended.Account, SessionChoice{Only: ended.ID})
		return err
	})
	if err != nil {
		s.Log.WarnContext(ctx, "an ended session cannot be deleted", "cause", err)
	}
}

// LogOut ends the session of the token, if it exists.
func (s *Sessions) LogOut(ctx context.Context, token Token, from access.Origin) error {
	return write(ctx, s.store, func(tx Tx) error { return s.end(tx, token, from) })
}

// end deletes the session of the token, if it exists.
func (s *Sessions) end(tx Tx, token Token, from access.Origin) error {
	session, err := tx.FindSession(token.Digest())
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	account, _, err := tx.FindAccount(session.Account)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	if _, err := tx.DeleteSessions(session.Account, SessionChoice{Only: session.ID}); err != nil || session.NeedsCode {
		return err
	}
	d := deed{stamp(s.Now()), actorOf(account, nil).From(from)}
	return tx.Record(d.entry(audit.Logout, account.Object(), nil))
}

// List returns the sessions of an account, most recently used first. Accounts
// may list their own; others need permission to change accounts.
func (s *Sessions) List(ctx context.Context, actor access.Actor, account int64) ([]Session, error) {
	if err := checkOwn(actor, account); err != nil {
		return nil, err
	}
	return s.store.ListSessions(ctx, account, s.Now())
}

// Revoke ends sessions of an account and returns their number. Accounts may
// revoke their own; others need permission to change the account.
func (s *Sessions) Revoke(ctx context.Context, actor access.Actor, account int64, which SessionChoice) (n int64, err error) {
	if err := checkOwn(actor, account); err != nil {
		return 0, err
	}
	err = write(ctx, s.store, func(tx Tx) error {
		a, held, err := tx.FindAccount(account)
		if err != nil {
			return err
		}
		if err := CheckReach(actor, a, held); err != nil {
			return err
		}
		if n, err = tx.DeleteSessions(account, which); err != nil || n == 0 {
			return err
		}
		d := deed{stamp(s.Now()), actor}
		return tx.Record(d.entry(audit.Logout, a.Object(), []audit.Change{{Field: "sessions", Old: n, New: int64(0)}}))
	})
	return n, err
}

// checkOwn allows every account to manage its own sessions.
func checkOwn(actor access.Actor, account int64) error {
	if actor.ID() == account && account != 0 {
		return nil
	}
	return actor.Check(access.Accounts.Change())
}

// markOf identifies an account's password hash: another hash has another mark.
func markOf(a Account) string {
	sum := sha256.Sum256([]byte("roster session\x00" + a.Password.Reveal()))
	return hex.EncodeToString(sum[:])
}
