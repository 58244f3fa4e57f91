package auth_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/auth"
	"roster/internal/auth/jwt"
	"roster/internal/fault"
	"roster/internal/secret"
)

// keyIDs are the published keys.
func keyIDs(t *testing.T, j *auth.JWTs) (ids []string) {
	t.Helper()
	keys, err := j.PublicKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		ids = append(ids, key.ID)
	}
	return ids
}

// Keys are replaced by age: the new one is published for a day before it signs, and
// the old one until the last token it signed has expired.
func TestJWTs_KeyRotation(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.EdDSA)
	const day = 24 * time.Hour
	first := keyIDs(t, s.jwts)
	other := s.newJWTs(jwt.EdDSA, jwtSecret) // another server
	if got := keyIDs(t, other); len(first) != 1 || !slices.Equal(got, first) {
		t.Fatalf("two servers publish %v and %v", first, got)
	}
	s.Advance(90*day - time.Second)
	if got := keyIDs(t, s.jwts); !slices.Equal(got, first) {
		t.Errorf("before 90 days: got %v", got)
	}
	s.Advance(time.Minute)
	both := keyIDs(t, s.jwts)
	if len(both) != 2 || both[1] != first[0] || !slices.Equal(keyIDs(t, other), both) {
		t.Fatalf("after 90 days: got %v", both)
	}
	s.Advance(day)
	s.jwts = other // has looked a day ago
	s.obtain(t)
	s.wantAlive(t, "signed with the new key")
	s.Advance(day + 5*time.Minute)
	if got := keyIDs(t, s.jwts); !slices.Equal(got, both[:1]) {
		t.Errorf("after the last token: got %v, want %v", got, both[:1])
	}
}

// With another SECRET_KEY and the former one as a fallback tokens stay valid, and
// upkeep encrypts the keys with the new one; without it new keys are made.
func TestJWTs_SecretKeyRotation(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.EdDSA)
	first := keyIDs(t, s.jwts)
	s.jwts = s.newJWTs(jwt.EdDSA, "another secret", jwtSecret)
	s.wantAlive(t, "with the fallback")
	if !auth.ResealSigningKeys(t.Context(), s.jwts) {
		t.Error("the keys were not encrypted")
	}
	s.jwts = s.newJWTs(jwt.EdDSA, "another secret")
	s.wantAlive(t, "without the fallback")
	s.jwts = s.newJWTs(jwt.EdDSA, "a third secret")
	if got := keyIDs(t, s.jwts); len(got) != 1 || got[0] == first[0] {
		t.Errorf("with a lost SECRET_KEY: got %v", got)
	}
	_, err := s.authenticate(t, s.pair.Access)
	wantKind(t, "with a lost SECRET_KEY", err, fault.BadCredential)
	if _, err := s.newJWTs(jwt.EdDSA, "").Obtain(t.Context(), loginOf("ann", passwordOf("ann"))); err == nil {
		t.Error("keys are stored without SECRET_KEY")
	}
}

// With HS256 the fallbacks verify too, and there is no key to publish.
func TestJWTs_SharedSecret(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.HS256)
	s.jwts = s.newJWTs(jwt.HS256, "another secret", jwtSecret)
	s.wantAlive(t, "with the fallback")
	s.jwts = s.newJWTs(jwt.HS256, "another secret")
	_, err := s.authenticate(t, s.pair.Access)
	wantKind(t, "without it", err, fault.BadCredential)
	if ids := keyIDs(t, s.jwts); len(ids) != 0 {
		t.Errorf("published %v", ids)
	}
	s.jwts = s.newJWTs(jwt.EdDSA, jwtSecret)
	_, err = s.authenticate(t, s.pair.Access)
	wantKind(t, "with another algorithm", err, fault.BadCredential)
}

// A token of another service with SECRET_KEY names an account and no login. It is
// an access token, and ends with its account.
func TestJWTs_OfOtherServices(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.HS256)
	foreign := func(account int64, kind string) secret.Text {
		text, err := jwt.Profile{Algorithm: jwt.HS256}.Sign(jwt.SecretKey([]byte(jwtSecret)), jwt.Claims{
			Type: kind, ID: "x", Account: account, IssuedAt: s.Now(), ExpiresAt: s.Now().Add(time.Minute),
		})
		if err != nil {
			t.Fatal(err)
		}
		return secret.New(text)
	}
	actor, err := s.authenticate(t, foreign(s.ann.ID, jwt.Access))
	if err != nil || actor.ID() != s.ann.ID {
		t.Errorf("got account %d, %v", actor.ID(), err)
	}
	if err := s.jwts.Verify(t.Context(), foreign(s.ann.ID, "sliding").Reveal()); err != nil {
		t.Errorf("verify: %v", err)
	}
	wantKind(t, "refresh", s.refresh(t, foreign(s.ann.ID, jwt.Refresh)), fault.BadCredential)
	for account, want := range map[int64]string{0: "no recognizable user", 99: "User not found"} {
		if _, err := s.authenticate(t, foreign(account, jwt.Access)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("account %d: got %v, want %s", account, err, want)
		}
	}
	no := false
	if _, err := s.accounts.Update(t.Context(), system, s.ann.ID, auth.AccountChange{IsActive: &no}); err != nil {
		t.Fatal(err)
	}
	_, err = s.authenticate(t, foreign(s.ann.ID, jwt.Access))
	wantKind(t, "deactivated", err, fault.BadCredential)
}
