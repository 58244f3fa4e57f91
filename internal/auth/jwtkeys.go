package auth

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"roster/internal/auth/jwt"
)

// The lives of keys that sign JSON Web Tokens.
const (
	signingKeyAge  = 90 * 24 * time.Hour // then a new one is made
	signingKeyLead = 24 * time.Hour      // it is published for so long before it signs
	signingKeysFor = time.Minute         // how long a server uses them without reading them again
	rereadKeys     = time.Second         // but not for a key that it does not know
)

// keyring has the keys of JSON Web Tokens.
type keyring interface {
	// signing returns the key that signs.
	signing(ctx context.Context) (jwt.Key, error)
	// find returns the keys that may have signed a token with that id in its
	// header, none if the id is unknown.
	find(ctx context.Context, id string) ([]jwt.Key, error)
	// all returns the keys, to publish their public parts.
	all(ctx context.Context) ([]jwt.Key, error)
}

// secretKeys sign with SECRET_KEY, and verify also with its fallbacks, as simplejwt
// and other services that have it.
type secretKeys struct{ Keys }

func (k secretKeys) signing(context.Context) (jwt.Key, error) {
	if len(k.roots) == 0 {
		return jwt.Key{}, errNoKey
	}
	return jwt.SecretKey([]byte(k.roots[0])), nil
}

func (k secretKeys) find(context.Context, string) (keys []jwt.Key, err error) {
	for _, root := range k.roots {
		keys = append(keys, jwt.SecretKey([]byte(root)))
	}
	return keys, nil
}

func (k secretKeys) all(context.Context) ([]jwt.Key, error) { return nil, nil }

// storedKeys are private keys in the database, encrypted with SECRET_KEY. A new one
// is made when there is none, or the newest has reached signingKeyAge. An older one
// verifies until the tokens it signed have expired, and is then deleted.
type storedKeys struct {
	store     Store
	keys      Keys
	algorithm jwt.Algorithm
	life      time.Duration // of the tokens that live longest
	now       func() time.Time
	log       *slog.Logger

	mu     sync.Mutex
	loaded []jwt.Key // newest first
	at     time.Time // when they were loaded
}

func (k *storedKeys) signing(ctx context.Context) (jwt.Key, error) {
	keys, err := k.load(ctx, signingKeysFor)
	if err != nil {
		return jwt.Key{}, err
	}
	return keys[k.signer(keys)], nil
}

func (k *storedKeys) all(ctx context.Context) ([]jwt.Key, error) { return k.load(ctx, signingKeysFor) }

func (k *storedKeys) find(ctx context.Context, id string) ([]jwt.Key, error) {
	for _, age := range []time.Duration{signingKeysFor, rereadKeys} {
		keys, err := k.load(ctx, age)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(keys, func(key jwt.Key) bool { return key.ID == id }); i >= 0 {
			return keys[i : i+1], nil
		}
	}
	return nil, nil
}

// signer returns the index of the key that signs: the newest that was published for
// signingKeyLead, or the oldest.
func (k *storedKeys) signer(keys []jwt.Key) int {
	for i, key := range keys {
		if k.now().Sub(key.CreatedAt) >= signingKeyLead {
			return i
		}
	}
	return len(keys) - 1
}

// load returns the keys, which were read no longer ago than age. There is at least
// one.
func (k *storedKeys) load(ctx context.Context, age time.Duration) ([]jwt.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if k.loaded != nil && now.Sub(k.at) < age {
		return k.loaded, nil
	}
	stored, err := k.store.ListSigningKeys(ctx)
	if err != nil {
		return nil, err
	}
	loaded := k.unseal(stored)
	if k.due(loaded) || len(k.superseded(loaded)) > 0 {
		rotated, err := k.rotate(ctx)
		switch {
		case err == nil:
			loaded = rotated
		case len(loaded) == 0:
			return nil, err
		default:
			k.log.WarnContext(ctx, "the keys for JSON Web Tokens cannot be rotated", "cause", err)
		}
	}
	k.loaded, k.at = loaded, now
	return loaded, nil
}

// due reports whether a new key must be made.
func (k *storedKeys) due(keys []jwt.Key) bool {
	return len(keys) == 0 || k.now().Sub(keys[0].CreatedAt) >= signingKeyAge
}

// superseded returns the keys whose tokens have all expired.
func (k *storedKeys) superseded(keys []jwt.Key) []jwt.Key {
	for i, key := range keys {
		if k.now().Sub(key.CreatedAt) >= signingKeyLead+k.life+signingKeysFor {
			return keys[i+1:]
		}
	}
	return nil
}

// rotate makes a new key if it is due, and deletes those no longer needed.
func (k *storedKeys) rotate(ctx context.Context) (keys []jwt.Key, err error) {
	made, sealed, err := k.make()
	if err != nil {
		return nil, err
	}
	err = write(ctx, k.store, func(tx Tx) error {
		stored, err := tx.ListSigningKeys() // another server may have been faster
		if err != nil {
			return err
		}
		keys = k.unseal(stored)
		if k.due(keys) {
			if err := tx.InsertSigningKey(sealed); err != nil {
				return err
			}
			keys = append([]jwt.Key{made}, keys...)
		}
		old := k.superseded(keys)
		keys = keys[:len(keys)-len(old)]
		for _, key := range old {
			if err := tx.DeleteSigningKey(key.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && keys[0].ID == made.ID {
		k.log.InfoContext(ctx, "a key for JSON Web Tokens was made", "id", made.ID, "algorithm", k.algorithm)
	}
	return keys, err
}

// make returns a new key, and how it is stored.
func (k *storedKeys) make() (key jwt.Key, stored SealedKey, err error) {
	if key, err = jwt.NewKey(strings.ToLower(rand.Text()), k.algorithm); err != nil {
		return key, stored, err
	}
	key.CreatedAt = stamp(k.now())
	stored = SealedKey{ID: key.ID, Algorithm: k.algorithm, CreatedAt: key.CreatedAt}
	stored.Sealed, err = k.seal(key)
	return key, stored, err
}

func (k *storedKeys) seal(key jwt.Key) (string, error) {
	private, err := key.Private()
	if err != nil {
		return "", err
	}
	return k.keys.seal(forSigning, key.ID, private)
}

// unseal decrypts the keys of the algorithm. One that was encrypted with another
// SECRET_KEY is logged and left out: its tokens are refused.
func (k *storedKeys) unseal(stored []SealedKey) (keys []jwt.Key) {
	for _, s := range stored {
		if s.Algorithm != k.algorithm {
			continue
		}
		private, _, err := k.keys.open(forSigning, s.ID, s.Sealed)
		if err == nil {
			var key jwt.Key
			if key, err = jwt.ParseKey(s.ID, private); err == nil {
				key.CreatedAt = s.CreatedAt
				keys = append(keys, key)
				continue
			}
		}
		k.log.Error("a key for JSON Web Tokens cannot be used; if SECRET_KEY changed, set the former one as SECRET_KEY_FALLBACKS", "id", s.ID, "cause", err)
	}
	return keys
}

// reseal encrypts all keys with the present SECRET_KEY.
func (k *storedKeys) reseal(ctx context.Context) error {
	return write(ctx, k.store, func(tx Tx) error {
		stored, err := tx.ListSigningKeys()
		if err != nil {
			return err
		}
		for _, s := range stored {
			private, outdated, err := k.keys.open(forSigning, s.ID, s.Sealed)
			if err != nil || !outdated {
				continue // unseal logs it
			}
			if s.Sealed, err = k.keys.seal(forSigning, s.ID, private); err != nil {
				return err
			}
			if err := tx.ResealSigningKey(s); err != nil {
				return err
			}
		}
		return nil
	})
}
