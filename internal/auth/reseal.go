package auth

import (
	"context"

	"roster/internal/fault"
)

// Reseal encrypts with the present SECRET_KEY the keys of authenticator apps that
// are in clear text, as earlier versions stored them, or encrypted with a key of
// SECRET_KEY_FALLBACKS. It returns how many it encrypted, and how many no key
// decrypts. It may be called at any time and repeatedly.
func (f *Factors) Reseal(ctx context.Context) (resealed, unreadable int, err error) {
	const batch = 100
	for after := int64(0); ; {
		accounts, err := f.store.FactorAccounts(ctx, after, batch)
		if err != nil || len(accounts) == 0 {
			return resealed, unreadable, err
		}
		for _, account := range accounts {
			state := sealedWell
			if err := write(ctx, f.store, func(tx Tx) (err error) {
				state, err = f.reseal(tx, account)
				return err
			}); err != nil {
				return resealed, unreadable, err
			}
			switch state {
			case sealedNow:
				resealed++
			case sealedElsewhere:
				unreadable++
			}
		}
		after = accounts[len(accounts)-1]
	}
}

type sealState int

const (
	sealedWell sealState = iota
	sealedNow
	sealedElsewhere // by an unknown key
)

// reseal encrypts the key of one account again, if that is necessary.
func (f *Factors) reseal(tx Tx, account int64) (sealState, error) {
	factor, err := tx.FindFactor(account)
	if fault.KindOf(err) == fault.NotFound {
		return sealedWell, nil // removed in the meantime
	}
	if err != nil || factor.Key == "" && !factor.Confirmed { // recovery codes alone
		return sealedWell, err
	}
	key, outdated, err := f.keys.openFactor(factor.Key, account)
	switch {
	case err != nil:
		return sealedElsewhere, nil //nolint:nilerr // counted, because nothing helps but the former SECRET_KEY
	case !outdated:
		return sealedWell, nil
	}
	if factor.Key, err = f.keys.sealFactor(key, account); err != nil {
		return sealedWell, err
	}
	return sealedNow, tx.SaveFactor(account, factor)
}

// resealAll calls Reseal, logs the result, and reports success.
func (f *Factors) resealAll(ctx context.Context) bool {
	resealed, unreadable, err := f.Reseal(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		f.log.Warn("keys of authenticator apps could not be encrypted", "cause", err)
	case unreadable > 0:
		f.log.Error("keys of authenticator apps cannot be decrypted", "accounts", unreadable, "cause", errSealed)
	case resealed > 0:
		f.log.Info("keys of authenticator apps were encrypted with the present SECRET_KEY", "accounts", resealed)
	}
	return err == nil
}
