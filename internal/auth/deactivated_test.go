package auth_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"roster/internal/auth"
	"roster/internal/auth/jwt"
)

// A server refuses every credential of an account that another server deactivated,
// half a second later at the latest, however often it was used meanwhile.
func TestDeactivation_OnAnotherServer(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.EdDSA)
	tokens, basic := auth.NewAPITokens(s.db, s.Now, slog.New(slog.DiscardHandler)), auth.NewBasicAuth(s.sessions)
	_, text, err := tokens.Create(t.Context(), system, s.ann.ID, auth.NewAPIToken{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	session := s.logIn(t, s.ann)
	for name, use := range map[string]func(context.Context) error{
		"session": func(ctx context.Context) error { _, err := s.sessions.Authenticate(ctx, session); return err },
		"API token": func(ctx context.Context) error {
			_, err := tokens.Authenticate(ctx, text.Reveal(), home)
			return err
		},
		"JSON Web Token": func(ctx context.Context) error {
			_, err := s.jwts.Authenticate(ctx, s.pair.Access.Reveal(), home)
			return err
		},
		"HTTP Basic": func(ctx context.Context) error {
			_, err := basic.Authenticate(ctx, "ann", passwordOf("ann").Reveal(), home)
			return err
		},
	} {
		s.set(t, s.ann.ID, func(a *auth.Account) { a.IsActive = true })
		if err := use(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s.set(t, s.ann.ID, func(a *auth.Account) { a.IsActive = false })
		for range 5 {
			_ = use(t.Context()) // which is accepted or not
			s.Advance(100 * time.Millisecond)
		}
		if err := use(t.Context()); err == nil {
			t.Errorf("%s: accepted half a second after the deactivation", name)
		}
	}
}
