package auth_test

import (
	"log/slog"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
)

// The owner of a token is notified of a new one, and of one that replaces it, but
// not whenever a program rotates its own.
func TestNotices_Tokens(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, named("ann"), false)
	tokens := auth.NewAPITokens(f.db, f.Now, slog.New(slog.DiscardHandler))
	token, text, err := tokens.Create(t.Context(), system, ann.ID, auth.NewAPIToken{Name: "export", Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	itself, err := tokens.Authenticate(t.Context(), text.Reveal(), home)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		actor access.Actor
		want  int
	}{{"itself", itself, 1}, {"a person", system, 2}} {
		if token, _, err = tokens.Rotate(t.Context(), tt.actor, token.ID, time.Hour); err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, row := range f.trail(t) {
			got += len(auth.Notices(row.Entry))
		}
		if got != tt.want {
			t.Errorf("rotated by %s: got %d notices, want %d", tt.name, got, tt.want)
		}
	}
}
