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

// How long sessions of staff last, and how long it counts that the password was
// given: the stricter figures of NIST SP 800-63B.
const (
	SessionIdle  = 30 * time.Minute // without a request
	SessionLife  = 12 * time.Hour   // in all
	ConfirmLife  = 10 * time.Minute // before sensitive actions
	seenEvery    = time.Minute      // how often it is noted that a session is in use
	maxUserAgent = 255              // bytes
)

// Session is one browser that somebody has signed in with.
type Session struct {
	ID          int64
	Account     int64
	Mark        string // of the account's password: another password ends the session
	CreatedAt   time.Time
	SeenAt      time.Time // when it was last in use, up to a minute late
	EndsAt      time.Time // unless it is used before
	ConfirmedAt time.Time // when the password was last given
	NeedsCode   bool      // the second factor is missing: nothing is allowed yet
	Address     string    // of the login
	UserAgent   string    // of the login, at most 255 bytes
}

// SignedIn is a session with what is known of its account.
type SignedIn struct {
	Session     Session
	Account     Account
	Permissions []access.Permission // the account's own and those of its groups
	HasFactor   bool                // the account has a second factor
	MustEnrol   bool                // it needs one, and may do nothing else before
}

// Actor returns who acts in the session: nobody known while a second factor is
// missing.
func (s SignedIn) Actor() access.Actor {
	if s.Session.NeedsCode || s.MustEnrol {
		return access.Actor{}
	}
	return actorOf(s.Account, s.Permissions)
}

// Confirmed reports whether the password was given so lately that sensitive
// actions need not ask for it.
func (s SignedIn) Confirmed(now time.Time) bool { return now.Sub(s.Session.ConfirmedAt) < ConfirmLife }

func actorOf(a Account, permissions []access.Permission) access.Actor {
	return access.NewActor(access.Account{
		ID: a.ID, Username: a.Username, IsStaff: a.IsStaff, IsSuperuser: a.IsSuperuser, Permissions: permissions,
	})
}

// Sessions is how staff log in and stay so. Every login, failed login, logout
// and revocation leaves an entry in the audit trail. It is safe for concurrent use.
type Sessions struct {
	store Store
	SessionOptions
}

// SessionOptions are what Sessions needs beside its store.
type SessionOptions struct {
	Limiter     *password.Limiter
	Throttle    *LoginThrottle
	Failures    Counters // bound the entries about failed logins in the trail
	RequireTOTP bool     // staff without a second factor may do nothing but enrol one
	Now         func() time.Time
	Log         *slog.Logger
	// Tried is called after each attempt to log in, with StepPassword or StepCode
	// and what LogIn or EnterCode returns; nil: nothing is.
	Tried func(step string, err error)
}

// The steps of a login.
const (
	StepPassword = "password"
	StepCode     = "code"
)

func (s *Sessions) tried(step string, err error) {
	if s.Tried != nil {
		s.Tried(step, err)
	}
}

// NewSessions returns the service on that store.
func NewSessions(store Store, o SessionOptions) *Sessions { return &Sessions{store, o} }

// errNoSession is the answer to a token that is nobody's, or no longer.
var errNoSession = fault.New(fault.Unauthenticated, "The session is not valid.")

// Authenticate returns who holds the token, as the database has it at this
// moment: an Unauthenticated error when the session has ended or was revoked,
// and when its account was deleted or deactivated, is no longer staff or has
// another password. It prolongs the session.
func (s *Sessions) Authenticate(ctx context.Context, token Token) (SignedIn, error) {
	found, err := s.store.FindSession(ctx, token.Digest())
	if fault.KindOf(err) == fault.NotFound {
		err = errNoSession
	}
	if err != nil {
		return SignedIn{}, err
	}
	now := stamp(s.Now())
	if a := found.Account; !now.Before(found.Session.EndsAt) || !a.IsActive || !a.IsStaff || found.Session.Mark != markOf(a) {
		return SignedIn{}, errNoSession
	}
	found.MustEnrol = s.RequireTOTP && !found.HasFactor
	if now.Sub(found.Session.SeenAt) >= seenEvery && !found.Session.NeedsCode {
		found.Session = found.Session.seen(now)
		s.save(ctx, found.Session)
	}
	return found, nil
}

// seen returns the session, used now.
func (s Session) seen(now time.Time) Session {
	s.SeenAt, s.EndsAt = now, now.Add(SessionIdle)
	if end := s.CreatedAt.Add(SessionLife); end.Before(s.EndsAt) {
		s.EndsAt = end
	}
	return s
}

// save notes that a session is in use. Whoever reads is not refused because
// that cannot be written now.
func (s *Sessions) save(ctx context.Context, used Session) {
	if err := s.store.InAuthTx(ctx, func(tx Tx) error { return tx.UpdateSession(used) }); err != nil {
		s.Log.WarnContext(ctx, "cannot note that a session is in use", "cause", err)
	}
}

// LogOut ends the session that the token belongs to, if there is one.
func (s *Sessions) LogOut(ctx context.Context, token Token, from access.Origin) error {
	return write(ctx, s.store, func(tx Tx) error { return s.end(tx, token, from) })
}

// end removes the session of the token, if there is one.
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

// List returns the sessions of an account, the latest used first: to itself,
// and to who may change accounts.
func (s *Sessions) List(ctx context.Context, actor access.Actor, account int64) ([]Session, error) {
	if err := checkOwn(actor, account); err != nil {
		return nil, err
	}
	return s.store.ListSessions(ctx, account, s.Now())
}

// Revoke ends sessions of an account and returns how many: by itself, or by who
// may change the account.
func (s *Sessions) Revoke(ctx context.Context, actor access.Actor, account int64, which SessionChoice) (n int64, err error) {
	if err := checkOwn(actor, account); err != nil {
		return 0, err
	}
	err = write(ctx, s.store, func(tx Tx) error {
		a, held, err := tx.FindAccount(account)
		if err != nil {
			return err
		}
		if err := checkReach(actor, a, held); err != nil {
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

// checkOwn lets everybody see to their own sessions.
func checkOwn(actor access.Actor, account int64) error {
	if actor.ID() == account && account != 0 {
		return nil
	}
	return actor.Check(access.Accounts.Change())
}

// markOf stands for an account's password: another hash gives another mark.
func markOf(a Account) string {
	sum := sha256.Sum256([]byte("roster session\x00" + a.Password.Reveal()))
	return hex.EncodeToString(sum[:])
}
