package auth

import (
	"context"
	"slices"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/secret"
)

// Identities logs staff in whom an OpenID Connect provider has identified, and
// manages the links of such identities to accounts. An identity is linked to an
// account in three ways: the account is made at the first login, its owner logs in
// to it and confirms, or an administrator adds the identity. An address alone never
// links, because nothing has verified the addresses of accounts. Every change
// writes an entry to the audit trail. It is safe for concurrent use.
type Identities struct {
	sessions *Sessions
}

// NewIdentities returns the service, which begins sessions of that service.
func NewIdentities(sessions *Sessions) *Identities { return &Identities{sessions} }

// flowRate limits the logins that an address completes at providers.
var flowRate = Rate{60, time.Minute}

var (
	errSeveralOwners  = fault.New(fault.Conflict, "This login is linked to another account.")
	errManyIdentities = fault.New(fault.Conflict, "This account has 20 linked logins, the maximum. Unlink one first.")
	errOtherAddress   = fault.New(fault.Conflict, "The account has another e-mail address than the login at the provider. An administrator can link them.")
	errOtherPerson    = fault.New(fault.Denied, "This is not a login of your account.")
	errOldLogin       = fault.New(fault.Denied, "The provider did not ask you to log in again.")
)

// Use marks the state of a flow as used. It returns ErrReplayed if it was already,
// on any server, or Throttled after too many logins from the address.
func (s *Identities) Use(ctx context.Context, f Flow, from access.Origin) error {
	o := s.sessions.SessionOptions
	wait, err := o.Failures.Take(ctx, o.Now(), Use{"flow-address:" + addressKey(addressOf(from)), flowRate})
	switch {
	case err != nil:
		return err
	case wait > 0:
		return &fault.Error{Kind: fault.Throttled, Message: "Too many logins. Please try again later.", RetryAfter: wait}
	}
	wait, err = o.Failures.Take(ctx, o.Now(), Use{"flow:" + hexDigest(secret.New(f.State)), Rate{1, 2 * FlowLife}})
	if err == nil && wait > 0 {
		err = ErrReplayed
	}
	return err
}

// List returns the identities of an account. Accounts may list their own; others
// need permission to change accounts.
func (s *Identities) List(ctx context.Context, actor access.Actor, account int64) ([]Identity, error) {
	if err := checkOwn(actor, account); err != nil {
		return nil, err
	}
	return s.sessions.store.ListIdentities(ctx, account)
}

// Own returns the identities of the account of a session, even if its second factor
// must be set up first.
func (s *Identities) Own(ctx context.Context, in SignedIn) ([]Identity, error) {
	if in.Session.NeedsCode || in.Account.ID == 0 {
		return nil, errNoSession
	}
	return s.sessions.store.ListIdentities(ctx, in.Account.ID)
}

// Link links a person to the account of the session, whose owner has entered the
// password recently. The provider must have verified the address of the account.
func (s *Identities) Link(ctx context.Context, in SignedIn, l Link, from access.Origin) error {
	switch {
	case in.Session.NeedsCode:
		return errNoSession
	case !in.Confirmed(s.sessions.Now()):
		return errConfirmFirst
	case l.Email == "" || !sameEmail(l.Email, in.Account.Email):
		return errOtherAddress
	}
	return s.add(ctx, in.actor(from), in.Account.ID, Identity{Issuer: l.Issuer, Subject: l.Subject, Email: l.Email})
}

// sameEmail compares addresses as Roster does those of users.
func sameEmail(a, b string) bool { return form.Lower(a) == form.Lower(b) }

// Add links the login of a person at a provider to an account. The actor must be
// allowed to change the account.
func (s *Identities) Add(ctx context.Context, actor access.Actor, account int64, issuer, subject string) error {
	if err := actor.Check(access.Accounts.Change()); err != nil {
		return err
	}
	if subject = form.Strip(subject); subject == "" || len(subject) > maxSubject || badText(subject, maxSubject) != nil {
		var faults fault.Fields
		faults.Add("subject", "Enter the subject of the person at the provider, the claim sub.")
		return faults.Err()
	}
	return s.add(ctx, actor, account, Identity{Issuer: issuer, Subject: subject})
}

func (s *Identities) add(ctx context.Context, actor access.Actor, account int64, i Identity) error {
	err := write(ctx, s.sessions.store, func(tx Tx) error {
		a, held, err := tx.FindAccount(account)
		if err != nil {
			return err
		}
		if actor.ID() != account {
			if err := CheckReach(actor, a, held); err != nil {
				return err
			}
		}
		owner, _, err := s.owner(tx, i)
		switch {
		case err == nil && owner.Account == account:
			return nil
		case err == nil:
			return errSeveralOwners
		case fault.KindOf(err) != fault.NotFound:
			return err
		}
		_, err = s.insert(tx, actor, a, i)
		return err
	})
	if err == nil {
		s.sessions.Log.InfoContext(ctx, "identity linked", "id", account, "issuer", i.Issuer, "actor", actor.Name())
	}
	return err
}

// owner returns the stored identity of a person with its account, or NotFound. It
// deletes one whose account was deleted by Django.
func (s *Identities) owner(tx Tx, i Identity) (stored Identity, a Account, err error) {
	if stored, err = tx.FindIdentity(i.Issuer, i.Subject); err != nil {
		return stored, a, err
	}
	a, _, err = tx.FindAccount(stored.Account)
	if fault.KindOf(err) == fault.NotFound {
		err = firstError(tx.DeleteIdentity(stored.ID), err)
	}
	return stored, a, err
}

// insert stores a new identity of an account, and records it.
func (s *Identities) insert(tx Tx, actor access.Actor, a Account, i Identity) (Identity, error) {
	own, err := tx.ListIdentities(a.ID)
	if err == nil && len(own) >= MaxIdentities {
		err = errManyIdentities
	}
	if err != nil {
		return i, err
	}
	i.Account, i.CreatedAt = a.ID, stamp(s.sessions.Now())
	if i.ID, err = tx.InsertIdentity(i); err != nil {
		return i, err
	}
	changes := []audit.Change{{Field: "identity", New: i.Issuer}}
	return i, tx.Record(deed{i.CreatedAt, actor}.entry(audit.Update, a.Object(), changes))
}

// Unlink deletes an identity, and ends the sessions that it began. Accounts may
// unlink their own, but not their only way in; others need permission to change
// the account. It returns NotFound.
func (s *Identities) Unlink(ctx context.Context, actor access.Actor, id int64, ways WaysIn) error {
	return write(ctx, s.sessions.store, func(tx Tx) error {
		i, err := tx.FindIdentityByID(id)
		if err != nil {
			return err
		}
		if err := checkOwn(actor, i.Account); err != nil {
			return errNotFound
		}
		a, held, err := tx.FindAccount(i.Account)
		if err != nil {
			return err
		}
		if actor.ID() != a.ID {
			err = CheckReach(actor, a, held)
		} else if ways.offers(i) {
			err = checkUnlink(tx, a, i, ways)
		}
		if err != nil {
			return err
		}
		changes := []audit.Change{{Field: "identity", Old: i.Issuer}}
		return firstError(tx.DeleteIdentity(id), tx.Record(deed{stamp(s.sessions.Now()), actor}.entry(audit.Update, a.Object(), changes)))
	})
}

// checkUnlink returns why the owner of an account may not unlink an identity.
func checkUnlink(tx Tx, a Account, i Identity, ways WaysIn) error {
	rest, err := tx.ListIdentities(a.ID)
	if err != nil {
		return err
	}
	rest = slices.DeleteFunc(rest, func(other Identity) bool { return other.ID == i.ID })
	own, err := tx.ListPasskeys(a.ID)
	return firstError(err, ways.checkLast(a, rest, own))
}
