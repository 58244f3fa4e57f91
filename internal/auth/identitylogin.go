package auth

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
)

// IdentityLogin is a login of a person whom a provider has identified.
type IdentityLogin struct {
	Claims    Claims
	Rules     ProviderRules
	Origin    access.Origin
	UserAgent string
	Former    Token  // as in LoginRequest
	Device    string // as in LoginRequest
}

func (r IdentityLogin) actor() access.Actor {
	return access.System("oidc:" + r.Rules.Name).From(r.Origin)
}

// LogIn starts a session for the account that is linked to a person. It first makes
// the account if there is none and the rules say so, and gives it the groups and
// flags of the claims. A second factor is needed unless the provider has checked
// one. It returns ErrNotLinked, ErrUnverified, ErrNoUsername, or ErrBarred for an
// account that is not active or not staff.
func (s *Identities) LogIn(ctx context.Context, r IdentityLogin) (login Login, err error) {
	sessions := s.sessions
	defer func() { sessions.tried(StepProvider, err) }()
	login.Token = NewToken()
	var account Account
	err = write(ctx, sessions.store, func(tx Tx) (err error) {
		var i Identity
		if i, account, err = s.resolve(tx, r); err != nil {
			return err
		}
		if !account.mayLogIn() {
			return nil // what the claims changed is stored
		}
		session := Session{Identity: i.ID, MFA: r.Claims.MFA, ConfirmedAt: confirmedAt(r.Claims.AuthTime, stamp(sessions.Now()))}
		former := LoginRequest{Origin: r.Origin, UserAgent: r.UserAgent, Former: r.Former}
		_, former.known = sessions.knownDevice(r.Device, account)
		login.NeedsCode, err = sessions.open(tx, former, account, session, login.Token)
		return err
	})
	if err == nil && !account.mayLogIn() {
		err = ErrBarred
	}
	if err != nil {
		sessions.Log.WarnContext(ctx, "login by a provider refused", "provider", r.Rules.Name, "id", account.ID, "cause", err)
		return Login{}, err
	}
	if !login.NeedsCode {
		login.Device = sessions.remember(r.Device, account)
	}
	sessions.Log.InfoContext(ctx, "logged in", "id", account.ID, "provider", r.Rules.Name, "needs_code", login.NeedsCode)
	return login, nil
}

// confirmedAt returns when a person logged in at the provider. A login at an unknown
// time does not confirm sensitive actions.
func confirmedAt(authTime, now time.Time) time.Time {
	if authTime.IsZero() {
		return now.Add(-ConfirmLife)
	}
	return earlier(authTime, now)
}

func earlier(a, b time.Time) time.Time {
	if a.After(b) {
		return b
	}
	return stamp(a)
}

// resolve returns the identity and the account of a person, changed as the claims
// say. The claims do not change an account that is not active.
func (s *Identities) resolve(tx Tx, r IdentityLogin) (i Identity, a Account, err error) {
	i, a, err = s.owner(tx, Identity{Issuer: r.Claims.Issuer, Subject: r.Claims.Subject})
	if fault.KindOf(err) == fault.NotFound {
		i, a, err = s.create(tx, r)
	}
	if err != nil || !a.IsActive {
		return i, a, err
	}
	i.UsedAt = stamp(s.sessions.Now())
	if r.Claims.Email != "" {
		i.Email = r.Claims.Email
	}
	if err := tx.UpdateIdentity(i); err != nil {
		return i, a, err
	}
	a, err = s.sync(tx, r, i)
	return i, a, err
}

// create makes the account of a person who has none, without a password.
func (s *Identities) create(tx Tx, r IdentityLogin) (Identity, Account, error) {
	c := r.Claims
	if c.Email == "" {
		return Identity{}, Account{}, ErrUnverified
	}
	if !r.Rules.Create {
		return Identity{}, Account{}, ErrNotLinked
	}
	taken, err := tx.TakenEmail(c.Email)
	if err == nil && taken {
		err = ErrNotLinked // its owner must confirm
	}
	if err != nil {
		return Identity{}, Account{}, err
	}
	username, err := freeUsername(tx, c)
	if err != nil {
		return Identity{}, Account{}, err
	}
	change := AccountChange{Username: &username, Email: &c.Email, FirstName: fitting(c.FirstName), LastName: fitting(c.LastName)}
	e := edit{tx: tx, deed: deed{stamp(s.sessions.Now()), r.actor()}}
	e.after = change.apply(Account{IsActive: true, Password: unusable(), DateJoined: e.at})
	e.faults = e.after.faults()
	if err := e.insert(change); err != nil {
		return Identity{}, Account{}, err
	}
	i, err := s.insert(tx, r.actor(), e.after, Identity{Issuer: c.Issuer, Subject: c.Subject, Email: c.Email})
	return i, e.after, err
}

// freeUsername returns the username that the provider proposes, else the address, or
// ErrNoUsername if accounts have both.
func freeUsername(tx Tx, c Claims) (string, error) {
	for _, candidate := range []string{c.Username, c.Email} {
		name := NormalizeUsername(candidate)
		if (Account{Username: name}).faults().Has("username") {
			continue
		}
		taken, err := tx.TakenUsername(name, 0)
		if err != nil {
			return "", err
		}
		if !taken {
			return name, nil
		}
	}
	return "", ErrNoUsername
}

// fitting returns a name that the column can hold, nil for another.
func fitting(name string) *string {
	if name == "" || len(badText(name, maxName)) > 0 {
		return nil
	}
	return &name
}

// Confirm records that the owner of a session has logged in again, at the provider
// of an identity of the account. Providers that do not say when a person logged in
// were asked to let them log in again.
func (s *Identities) Confirm(ctx context.Context, in SignedIn, c Claims) error {
	now := stamp(s.sessions.Now())
	at := now
	if !c.AuthTime.IsZero() {
		at = earlier(c.AuthTime, now)
	}
	switch {
	case in.Session.NeedsCode || in.Account.ID == 0:
		return errNoSession
	case now.Sub(at) >= ConfirmLife:
		return errOldLogin
	}
	return write(ctx, s.sessions.store, func(tx Tx) error {
		i, err := tx.FindIdentity(c.Issuer, c.Subject)
		if fault.KindOf(err) == fault.NotFound || err == nil && i.Account != in.Account.ID {
			return errOtherPerson
		}
		if err != nil {
			return err
		}
		used := in.Session.seen(now)
		used.ConfirmedAt = at
		return tx.UpdateSession(used)
	})
}
