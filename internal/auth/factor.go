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

// Factor is the second factor of an account: its authenticator app and its
// recovery codes.
type Factor struct {
	Key       totp.Key
	Confirmed bool     // a code was given once: logins ask for one
	LastUsed  int64    // the period of the latest code that was accepted
	Recovery  []string // digests of the recovery codes that are left
}

// accept returns the factor after a code was used, or false when it is not right.
func (f Factor) accept(code string, now time.Time) (Factor, bool) {
	if used, ok := f.Key.Verify(code, now, f.LastUsed); ok {
		f.LastUsed = used
		return f, true
	}
	left, ok := totp.Redeem(code, f.Recovery)
	f.Recovery = left
	return f, ok
}

// Factors is how accounts get and lose their second factor. Every change leaves
// an entry in the audit trail. It is safe for concurrent use.
type Factors struct {
	store Store
	now   func() time.Time
	log   *slog.Logger
}

// NewFactors returns the service on that store.
func NewFactors(store Store, now func() time.Time, log *slog.Logger) *Factors {
	return &Factors{store: store, now: now, log: log}
}

// errConfirmFirst is the answer to who has not lately given the password.
var errConfirmFirst = fault.New(fault.Denied, "Enter your password again first.")

// errHasFactor keeps a session that was left open from replacing the factor.
var errHasFactor = fault.New(fault.Conflict, "This account has a second factor: remove it first.")

// Enrol returns a new key for the account of the session; it counts once
// Activate was given a code. The password must have been given lately. Repeated
// calls give other keys.
func (f *Factors) Enrol(ctx context.Context, in SignedIn) (totp.Key, error) {
	key := totp.NewKey()
	err := f.change(ctx, in, func(tx Tx, factor Factor) error {
		if factor.Confirmed {
			return errHasFactor
		}
		return tx.SaveFactor(in.Account.ID, Factor{Key: key})
	})
	return key, err
}

// Activate makes the key of the last Enrol count, given a code that its app
// shows, and returns recovery codes, which are shown once. The error is
// ErrBadCode for another code.
func (f *Factors) Activate(ctx context.Context, in SignedIn, code string, from access.Origin) ([]secret.Text, error) {
	codes, digests := totp.NewRecoveryCodes()
	err := f.change(ctx, in, func(tx Tx, factor Factor) error {
		if factor.Confirmed {
			return errHasFactor
		}
		used, ok := factor.Key.Verify(code, f.now(), factor.LastUsed)
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

// Remove takes the second factor from the account of the session. The password
// must have been given lately.
func (f *Factors) Remove(ctx context.Context, in SignedIn, from access.Origin) error {
	return f.change(ctx, in, func(tx Tx, factor Factor) error {
		return f.remove(tx, in.actor(from), in.Account, factor)
	})
}

// Reset takes the second factor from an account whose owner has lost it, by who
// may change the account, and reports whether it had one.
func (f *Factors) Reset(ctx context.Context, actor access.Actor, account int64) (had bool, err error) {
	if err := actor.Check(access.Accounts.Change()); err != nil {
		return false, err
	}
	err = write(ctx, f.store, func(tx Tx) error {
		a, held, err := tx.FindAccount(account)
		if err == nil {
			err = checkReach(actor, a, held)
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

// change runs fn on the factor of the account that is signed in, the zero
// Factor when there is none.
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

// actor is who is signed in, also while the second factor is not there yet.
func (s SignedIn) actor(from access.Origin) access.Actor { return actorOf(s.Account, nil).From(from) }
