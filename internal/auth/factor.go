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

// Factor is what is stored of the second factors of an account besides its
// passkeys: its authenticator app and its recovery codes.
type Factor struct {
	Key       string   // of the app, encrypted with SECRET_KEY; in base32 from earlier versions; "" for none
	Confirmed bool     // a code of the app was entered once: logins require one, or a passkey
	LastUsed  int64    // period of the last accepted code
	Recovery  []string // digests of the unused recovery codes
}

// accept returns the factor of an account after using a code, or ErrBadCode.
// Recovery codes work even if the app's key cannot be decrypted; then the other
// error is its cause, to be logged.
func (f Factor) accept(keys Keys, account int64, code string, now time.Time) (accepted Factor, err, cause error) {
	var key totp.Key
	if f.Confirmed {
		key, _, cause = keys.openFactor(f.Key, account)
	}
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

// errHasFactor prevents an unattended session from replacing the app.
var errHasFactor = fault.New(fault.Conflict, "This account has an authenticator app: remove it first.")

// errNoFactor is returned for recovery codes that could replace nothing.
var errNoFactor = fault.New(fault.Conflict, "This account has no second factor: add one first.")

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
		return tx.SaveFactor(in.Account.ID, Factor{Key: sealed, Recovery: factor.Recovery})
	})
	return key, err
}

// Activate activates the key of the last Enrol with a code from the app. If it
// is the first factor of the account, Activate returns recovery codes, which are
// shown once. A wrong code returns ErrBadCode.
func (f *Factors) Activate(ctx context.Context, in SignedIn, code string, from access.Origin) (codes []secret.Text, err error) {
	err = f.change(ctx, in, func(tx Tx, factor Factor) error {
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
		factor.Confirmed, factor.LastUsed, codes = true, used, nil
		if own, err := tx.ListPasskeys(in.Account.ID); err != nil {
			return err
		} else if len(own) == 0 {
			codes, factor.Recovery = totp.NewRecoveryCodes()
		}
		return firstError(tx.SaveFactor(in.Account.ID, factor), tx.Record(f.entry(in.actor(from), in.Account, appChange(false, true))))
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// Remove removes the authenticator app from the account of the session, and with
// the last factor the recovery codes. The password must have been entered
// recently.
func (f *Factors) Remove(ctx context.Context, in SignedIn, from access.Origin) error {
	return f.change(ctx, in, func(tx Tx, factor Factor) error {
		own, err := tx.ListPasskeys(in.Account.ID)
		if err != nil {
			return err
		}
		err = tx.DeleteFactor(in.Account.ID)
		if err == nil && len(own) > 0 {
			err = tx.SaveFactor(in.Account.ID, Factor{Recovery: factor.Recovery})
		}
		if err != nil || !factor.Confirmed {
			return err
		}
		return tx.Record(f.entry(in.actor(from), in.Account, appChange(true, false)))
	})
}

// RenewCodes replaces the recovery codes of the account of the session, used or
// not, and returns the new ones, which are shown once. The account must have a
// second factor, and the password must have been entered recently.
func (f *Factors) RenewCodes(ctx context.Context, in SignedIn, from access.Origin) (codes []secret.Text, err error) {
	err = f.change(ctx, in, func(tx Tx, factor Factor) error {
		has, err := hasFactor(tx, in.Account.ID)
		if err == nil && !has {
			err = errNoFactor
		}
		if err != nil {
			return err
		}
		unused := len(factor.Recovery)
		codes, factor.Recovery = totp.NewRecoveryCodes()
		renewed := audit.Change{Field: "recovery_codes", Old: unused, New: len(codes)}
		return firstError(tx.SaveFactor(in.Account.ID, factor), tx.Record(f.entry(in.actor(from), in.Account, renewed)))
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// Reset removes the authenticator app, the passkeys and the recovery codes of
// another account, for an owner who has lost them, and reports whether there
// were any. The actor must be allowed to change the account.
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
		own, err := tx.ListPasskeys(account)
		had = factor.Confirmed || len(own) > 0
		return firstError(err, f.reset(tx, actor, a, factor, own))
	})
	return had, err
}

// reset removes the factors of an account with one audit entry, so that the owner
// gets one notice.
func (f *Factors) reset(tx Tx, actor access.Actor, a Account, factor Factor, own []Passkey) error {
	err := tx.DeleteFactor(a.ID)
	var changes []audit.Change
	if factor.Confirmed {
		changes = append(changes, appChange(true, false))
	}
	for _, k := range own {
		err = firstError(err, tx.DeletePasskey(k.ID))
		changes = append(changes, passkeyChange(k.Name, nil))
	}
	if err != nil || len(changes) == 0 {
		return err
	}
	return tx.Record(f.entry(actor, a, changes...))
}

// FactorState says which second factors an account has.
type FactorState struct {
	App      bool
	Passkeys int
	Codes    int // unused recovery codes
}

// Any reports whether logins need a second factor.
func (s FactorState) Any() bool { return s.App || s.Passkeys > 0 }

// State returns the second factors of an account. Accounts may see their own;
// others need permission to view accounts.
func (f *Factors) State(ctx context.Context, actor access.Actor, account int64) (FactorState, error) {
	if actor.ID() != account || account == 0 {
		if err := actor.Check(access.Accounts.View()); err != nil {
			return FactorState{}, err
		}
	}
	factor, err := f.store.FindFactor(ctx, account)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return FactorState{}, err
	}
	own, err := f.store.ListPasskeys(ctx, account)
	return FactorState{factor.Confirmed, len(own), len(factor.Recovery)}, err
}

// change runs fn on the factor of the signed-in account, or the zero Factor.
func (f *Factors) change(ctx context.Context, in SignedIn, fn func(Tx, Factor) error) error {
	if err := in.mayChangeFactors(f.now()); err != nil {
		return err
	}
	return write(ctx, f.store, func(tx Tx) error {
		if _, _, err := tx.FindAccount(in.Account.ID); err != nil { // which orders concurrent calls
			return err
		}
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

// hasFactor reports whether logins of an account need a second factor.
func hasFactor(tx Tx, account int64) (bool, error) {
	factor, err := findFactor(tx, account)
	if err != nil || factor.Confirmed {
		return factor.Confirmed, err
	}
	own, err := tx.ListPasskeys(account)
	return len(own) > 0, err
}

func (f *Factors) entry(actor access.Actor, a Account, changes ...audit.Change) audit.Entry {
	return deed{stamp(f.now()), actor}.entry(audit.Update, a.Object(), changes)
}

// appChange records that an authenticator app was added or removed.
func appChange(was, is bool) audit.Change {
	return audit.Change{Field: "second_factor", Old: was, New: is}
}

// actor returns the signed-in actor, even if the second factor is missing.
func (s SignedIn) actor(from access.Origin) access.Actor { return actorOf(s.Account, nil).From(from) }
