package auth

import (
	"context"
	"log/slog"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth/totp"
	"roster/internal/fault"
	"roster/internal/secret"
)

// Factor is the second factor of an account as it is stored: its authenticator
// app and its recovery codes.
type Factor struct {
	Key       string   // of the app, encrypted with SECRET_KEY; in base32 from earlier versions
	Confirmed bool     // a code was entered once: logins require one
	LastUsed  int64    // period of the last accepted code
	Recovery  []string // digests of the unused recovery codes
}

// accept returns the factor of an account after using a code, or ErrBadCode.
// Recovery codes work even if the app's key cannot be decrypted; then the other
// error is its cause, to be logged.
func (f Factor) accept(keys Keys, account int64, code string, now time.Time) (accepted Factor, err, cause error) {
	key, _, cause := keys.openFactor(f.Key, account)
	if used, ok := key.Verify(code, now, f.LastUsed); ok {
		f.LastUsed = used
		f.Key, err = keys.sealFactor(key, account)
		return f, err, cause
	}
	left, ok := totp.Redeem(code, f.Recovery)
	if !ok {
		return f, ErrBadCode, cause
	}
	f.Recovery = left
	return f, nil, cause
}

// Factors manages second factors. Every change writes an entry to the audit
// trail. It is safe for concurrent use.
type Factors struct {
	store Store
	keys  Keys
	now   func() time.Time
	log   *slog.Logger
}

// NewFactors returns the service on that store. keys encrypt the keys of
// authenticator apps; without them, factors can only be removed.
func NewFactors(store Store, keys Keys, now func() time.Time, log *slog.Logger) *Factors {
	return &Factors{store: store, keys: keys, now: now, log: log}
}

// errConfirmFirst is returned if the password was not entered recently.
var errConfirmFirst = fault.New(fault.Denied, "Enter your password again first.")

// errHasFactor prevents an unattended session from replacing the factor.
var errHasFactor = fault.New(fault.Conflict, "This account has a second factor: remove it first.")

// Enrol returns a new key for the account of the session. It takes effect when
// Activate receives a code. The password must have been entered recently. Each
// call returns another key.
func (f *Factors) Enrol(ctx context.Context, in SignedIn) (totp.Key, error) {
	key := totp.NewKey()
	sealed, err := f.keys.sealFactor(key, in.Account.ID)
	if err != nil {
		return totp.Key{}, err
	}
	err = f.change(ctx, in, func(tx Tx, factor Factor) error {
		if factor.Confirmed {
			return errHasFactor
		}
		return tx.SaveFactor(in.Account.ID, Factor{Key: sealed})
	})
	return key, err
}

// Activate activates the key of the last Enrol with a code from the app, and
// returns recovery codes, which are shown once. A wrong code returns
// ErrBadCode.
func (f *Factors) Activate(ctx context.Context, in SignedIn, code string, from access.Origin) ([]secret.Text, error) {
	codes, digests := totp.NewRecoveryCodes()
	err := f.change(ctx, in, func(tx Tx, factor Factor) error {
		if factor.Confirmed {
			return errHasFactor
		}
		key, _, err := f.keys.openFactor(factor.Key, in.Account.ID)
		if err != nil && factor.Key != "" {
			return err
		}
		used, ok := key.Verify(code, f.now(), factor.LastUsed)
		if !ok {
			return ErrBadCode
		}
		factor = Factor{Key: factor.Key, Confirmed: true, LastUsed: used, Recovery: digests}
		return firstError(tx.SaveFactor(in.Account.ID, factor), tx.Record(f.entry(in.actor(from), in.Account, false, true)))
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// Remove removes the second factor from the account of the session. The
// password must have been entered recently.
func (f *Factors) Remove(ctx context.Context, in SignedIn, from access.Origin) error {
	return f.change(ctx, in, func(tx Tx, factor Factor) error {
		return f.remove(tx, in.actor(from), in.Account, factor)
	})
}

// Reset removes the second factor of another account, for an owner who has lost
// it, and reports whether there was one. The actor must be allowed to change
// the account.
func (f *Factors) Reset(ctx context.Context, actor access.Actor, account int64) (had bool, err error) {
	if err := actor.Check(access.Accounts.Change()); err != nil {
		return false, err
	}
	err = write(ctx, f.store, func(tx Tx) error {
		a, held, err := tx.FindAccount(account)
		if err == nil {
			err = CheckReach(actor, a, held)
		}
		if err != nil {
			return err
		}
		factor, err := findFactor(tx, account)
		if err != nil {
			return err
		}
		had = factor.Confirmed
		return f.remove(tx, actor, a, factor)
	})
	return had, err
}

func (f *Factors) remove(tx Tx, actor access.Actor, a Account, factor Factor) error {
	if err := tx.DeleteFactor(a.ID); err != nil || !factor.Confirmed {
		return err
	}
	return tx.Record(f.entry(actor, a, true, false))
}

// change runs fn on the factor of the signed-in account, or the zero Factor.
func (f *Factors) change(ctx context.Context, in SignedIn, fn func(Tx, Factor) error) error {
	switch {
	case in.Session.NeedsCode:
		return errNoSession
	case !in.Confirmed(f.now()):
		return errConfirmFirst
	}
	return write(ctx, f.store, func(tx Tx) error {
		factor, err := findFactor(tx, in.Account.ID)
		if err != nil {
			return err
		}
		return fn(tx, factor)
	})
}

func findFactor(tx Tx, account int64) (Factor, error) {
	factor, err := tx.FindFactor(account)
	if fault.KindOf(err) == fault.NotFound {
		return Factor{}, nil
	}
	return factor, err
}

func (f *Factors) entry(actor access.Actor, a Account, was, is bool) audit.Entry {
	return deed{stamp(f.now()), actor}.entry(audit.Update, a.Object(), []audit.Change{{Field: "second_factor", Old: was, New: is}})
}

// actor returns the signed-in actor, even if the second factor is missing.
func (s SignedIn) actor(from access.Origin) access.Actor { return actorOf(s.Account, nil).From(from) }
