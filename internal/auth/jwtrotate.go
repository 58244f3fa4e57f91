package auth

import (
	"context"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth/jwt"
	"roster/internal/fault"
)

var errSharedKey = fault.New(fault.Unprocessable, "JWT_ALGORITHM=HS256 signs with SECRET_KEY, so there is no key to rotate. docs/secrets.md says how to change SECRET_KEY.")

// KeyRotation says what becomes of the keys of JSON Web Tokens.
type KeyRotation struct {
	// Now lets the new key sign at once, not a day after it was published. Another key
	// that was made within the last day takes over when it is a day old.
	Now    bool
	Revoke bool // the other keys are deleted, which ends all tokens; it implies Now
}

// RotateKeys makes a new key and returns its id. Other keys verify until their tokens
// have expired. Servers follow within signingKeysFor. It writes an entry to the audit
// trail for each key.
func (j *JWTs) RotateKeys(ctx context.Context, actor access.Actor, r KeyRotation) (id string, err error) {
	if err := actor.Check(access.Accounts.Change()); err != nil {
		return "", err
	}
	keys, ok := j.keys.(*storedKeys)
	if !ok {
		return "", errSharedKey
	}
	key, err := keys.replace(ctx, actor, r)
	j.Forget()
	return key.ID, err
}

// replace stores a new key.
func (k *storedKeys) replace(ctx context.Context, actor access.Actor, r KeyRotation) (jwt.Key, error) {
	made, sealed, err := k.make()
	if err != nil {
		return made, err
	}
	d := deed{made.CreatedAt, actor}
	if r.Now || r.Revoke {
		sealed.CreatedAt = sealed.CreatedAt.Add(-signingKeyLead)
	}
	err = write(ctx, k.store, func(tx Tx) error {
		stored, err := tx.ListSigningKeys()
		if err != nil {
			return err
		}
		for _, old := range stored {
			if !r.Revoke {
				break
			}
			if err := firstError(tx.DeleteSigningKey(old.ID), tx.Record(d.entry(audit.Delete, objectOfKey(old.ID), nil))); err != nil {
				return err
			}
		}
		return firstError(tx.InsertSigningKey(sealed), tx.Record(d.entry(audit.Create, objectOfKey(made.ID), nil)))
	})
	k.mu.Lock()
	defer k.mu.Unlock()
	k.loaded = nil
	return made, err
}

func objectOfKey(id string) audit.Object { return audit.Object{Type: "signing key", Name: id} }
