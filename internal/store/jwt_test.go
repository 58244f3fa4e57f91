package store_test

import (
	"log/slog"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/auth/jwt"
	"roster/internal/auth/password"
	"roster/internal/fault"
	"roster/internal/secret"
	"roster/internal/store/storetest"
)

// A login with tokens, its refreshes and its end are stored alike on each engine,
// and so are the keys.
func TestJWTs(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, now := open(t), func() time.Time { return noon }
			hasher := password.NewHasher(password.Weak)
			limiter := password.NewLimiter(hasher, 1, 0)
			hash, err := limiter.Hash(t.Context(), "", secret.New("Correct-horse-9"))
			if err != nil {
				t.Fatal(err)
			}
			ann := member("ann")
			ann.Password = secret.New(hash)
			ann = addAccount(t, s, ann)
			sessions := auth.NewSessions(s, auth.SessionOptions{
				Limiter: limiter, Throttle: auth.NewLoginThrottle(s, auth.DefaultLoginRates(), now),
				Failures: s, Now: now, Log: slog.New(slog.DiscardHandler),
			})
			jwts := auth.NewJWTs(sessions, auth.JWTOptions{
				Profile: jwt.Profile{Algorithm: jwt.EdDSA, Now: now}, Keys: auth.NewKeys("a secret"), AccessLife: time.Minute, RefreshLife: time.Hour,
			})
			pair, err := jwts.Obtain(t.Context(), auth.LoginRequest{Username: "ann", Password: secret.New("Correct-horse-9")})
			if err != nil {
				t.Fatal(err)
			}
			used := pair
			if pair, err = jwts.Refresh(t.Context(), pair.Refresh.Reveal(), access.Origin{}); err != nil {
				t.Fatal(err)
			}
			actor, err := jwts.Authenticate(t.Context(), pair.Access.Reveal(), access.Origin{})
			if err != nil || actor.ID() != ann.ID {
				t.Errorf("got account %d, %v", actor.ID(), err)
			}
			if _, err := jwts.Refresh(t.Context(), used.Refresh.Reveal(), access.Origin{}); fault.KindOf(err) != fault.BadCredential {
				t.Errorf("the second use: got %v", err)
			}
			if _, err := jwts.Authenticate(t.Context(), pair.Access.Reveal(), access.Origin{}); fault.KindOf(err) != fault.BadCredential {
				t.Errorf("after the second use: got %v", err)
			}
			keys, err := s.ListSigningKeys(t.Context())
			if err != nil || len(keys) != 1 || !keys[0].CreatedAt.Equal(noon) || keys[0].Algorithm != jwt.EdDSA {
				t.Errorf("got the keys %+v, %v", keys, err)
			}
			err = s.InAuthTx(t.Context(), func(tx auth.Tx) error {
				keys[0].Sealed = "other"
				if err := tx.ResealSigningKey(keys[0]); err != nil {
					return err
				}
				stored, err := tx.ListSigningKeys()
				if err == nil && stored[0] != keys[0] {
					t.Errorf("got %+v, want %+v", stored[0], keys[0])
				}
				if err == nil {
					err = tx.DeleteSigningKey(keys[0].ID)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if keys, err := s.ListSigningKeys(t.Context()); err != nil || len(keys) != 0 {
				t.Errorf("got the keys %+v, %v", keys, err)
			}
		})
	}
}
