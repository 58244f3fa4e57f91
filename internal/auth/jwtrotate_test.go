package auth_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/auth/jwt"
	"roster/internal/fault"
)

func (s *jwtStory) rotate(t *testing.T, r auth.KeyRotation) string {
	t.Helper()
	id, err := s.newJWTs(jwt.EdDSA, jwtSecret).RotateKeys(t.Context(), system, r) // as the command does
	if err != nil {
		t.Fatal(err)
	}
	s.Advance(time.Minute) // the server follows
	return id
}

// wantSigner logs in again and checks which key signs.
func (s *jwtStory) wantSigner(t *testing.T, when, id string) {
	t.Helper()
	s.obtain(t)
	encoded, _, _ := strings.Cut(s.pair.Access.Reveal(), ".")
	var header struct{ Kid string }
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err == nil {
		err = json.Unmarshal(text, &header)
	}
	if got := header.Kid; got != id || err != nil {
		t.Errorf("%s: got a token of the key %q, %v, want %q", when, got, err, id)
	}
}

// A new key signs a day after it was published, or at once; the former one verifies
// until its tokens have expired.
func TestJWTs_RotateKeys(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.EdDSA)
	first := keyIDs(t, s.jwts)[0]
	s.Advance(48 * time.Hour)
	second := s.rotate(t, auth.KeyRotation{})
	s.wantSigner(t, "before a day", first)
	if got := keyIDs(t, s.jwts); !slices.Equal(got, []string{second, first}) {
		t.Errorf("got the keys %v", got)
	}
	s.Advance(24 * time.Hour)
	s.wantSigner(t, "after a day", second)
	pair := s.pair
	third := s.rotate(t, auth.KeyRotation{Now: true})
	s.wantSigner(t, "at once", third)
	s.pair = pair
	s.wantAlive(t, "a token of the former key")
	s.Advance(refreshLife + time.Minute)
	if got := keyIDs(t, s.jwts); !slices.Equal(got, []string{third}) {
		t.Errorf("after the last token: got the keys %v", got)
	}
}

// Revoking ends all tokens.
func TestJWTs_RevokeKeys(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.EdDSA)
	id := s.rotate(t, auth.KeyRotation{Revoke: true})
	_, err := s.authenticate(t, s.pair.Access)
	wantKind(t, "a token of the former key", err, fault.BadCredential)
	s.wantSigner(t, "at once", id)
	s.wantAlive(t, "a new token")
	s.wantDeeds(t, audit.Object{Type: "signing key"}, audit.Delete, audit.Create)
}

func TestJWTs_RotateRefused(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.HS256)
	_, err := s.jwts.RotateKeys(t.Context(), system, auth.KeyRotation{})
	wantKind(t, "HS256", err, fault.Unprocessable)
	_, err = s.jwts.RotateKeys(t.Context(), access.Actor{}, auth.KeyRotation{})
	wantKind(t, "anonymous", err, fault.Unauthenticated)
}
