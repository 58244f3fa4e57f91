package store_test

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/secret"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// tokenStory is a store with two accounts, a clock and the service of tokens.
type tokenStory struct {
	*store.Store

	tokens   *auth.APITokens
	now      time.Time
	ann, bob auth.Account
}

var root = access.System("test")

func newTokenStory(t *testing.T, s *store.Store) *tokenStory {
	t.Helper()
	story := &tokenStory{Store: s, now: noon, ann: addAccount(t, s, member("ann")), bob: addAccount(t, s, member("bob"))}
	story.tokens = auth.NewAPITokens(s, func() time.Time { return story.now }, slog.New(slog.DiscardHandler))
	return story
}

func (s *tokenStory) create(t *testing.T, n auth.NewAPIToken) (auth.APIToken, secret.Text) {
	t.Helper()
	token, text, err := s.tokens.Create(t.Context(), root, s.ann.ID, n)
	if err != nil {
		t.Fatal(err)
	}
	return token, text
}

// actor is who a token is, the anonymous actor when it is refused.
func (s *tokenStory) actor(t *testing.T, text secret.Text) access.Actor {
	t.Helper()
	s.tokens.Forget()
	actor, err := s.tokens.Authenticate(t.Context(), text.Reveal(), access.Origin{Address: "192.0.2.7"})
	if err != nil && fault.KindOf(err) != fault.BadCredential {
		t.Fatal(err)
	}
	return actor
}

func TestAPITokens(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		for name, test := range map[string]func(*testing.T, *tokenStory){
			"Life": testTokenLife, "Rotate": testTokenRotate, "Use": testTokenUse, "Own": testTokenOwn, "Bounded": testTokenBounded, "Kept": testTokenKept,
		} {
			t.Run(engine+"/"+name, func(t *testing.T) {
				t.Parallel()
				test(t, newTokenStory(t, open(t)))
			})
		}
	}
}

// A token acts as its account until it expires or is revoked. Its text is not
// in the database.
func testTokenLife(t *testing.T, s *tokenStory) {
	day, text := s.create(t, auth.NewAPIToken{Name: " nightly ", Scopes: []auth.Scope{"users:write", "users:read", "users:read"}, Life: 24 * time.Hour})
	if day.Name != "nightly" || len(day.Scopes) != 2 || !day.ExpiresAt.Equal(noon.Add(24*time.Hour)) || !strings.HasPrefix(text.Reveal(), day.Hint) {
		t.Errorf("got %+v", day)
	}
	for _, column := range []string{"digest", "name", "hint", "scopes"} {
		stored, err := store.Texts(t.Context(), s.Store, "SELECT "+column+" FROM roster_api_tokens")
		if err != nil || strings.Contains(strings.Join(stored, " "), text.Reveal()) {
			t.Errorf("%s holds the token, or %v", column, err)
		}
	}
	ever, forever := s.create(t, auth.NewAPIToken{Name: "ever"})
	for _, step := range []struct {
		at        time.Duration
		day, ever bool
	}{{0, true, true}, {24*time.Hour - time.Microsecond, true, true}, {24 * time.Hour, false, true}, {10 * 365 * 24 * time.Hour, false, true}} {
		s.now = noon.Add(step.at)
		if got := s.actor(t, text).ID() == s.ann.ID; got != step.day {
			t.Errorf("after %v the token of a day is valid: %v", step.at, got)
		}
		if got := s.actor(t, forever).ID() == s.ann.ID; got != step.ever {
			t.Errorf("after %v the other token is valid: %v", step.at, got)
		}
	}
	if err := s.tokens.Revoke(t.Context(), root, ever.ID); err != nil {
		t.Fatal(err)
	}
	if s.actor(t, forever).Authenticated() {
		t.Error("a revoked token is valid")
	}
	wantKind(t, s.tokens.Revoke(t.Context(), root, ever.ID), fault.NotFound)
}

// A rotated token has the life of the old one, which ends after the overlap.
func testTokenRotate(t *testing.T, s *tokenStory) {
	old, oldText := s.create(t, auth.NewAPIToken{Name: "ci", Scopes: []auth.Scope{"users:read"}, Life: 48 * time.Hour})
	s.now = noon.Add(time.Hour)
	fresh, text, err := s.tokens.Rotate(t.Context(), s.actor(t, oldText), old.ID, time.Hour)
	if err != nil || fresh.Name != "ci" || !fresh.ExpiresAt.Equal(s.now.Add(48*time.Hour)) || fresh.ID == old.ID {
		t.Fatalf("got %+v, %v", fresh, err)
	}
	s.now = s.now.Add(time.Hour - time.Microsecond)
	if !s.actor(t, oldText).Authenticated() || !s.actor(t, text).Authenticated() {
		t.Error("the tokens do not overlap")
	}
	s.now = s.now.Add(time.Microsecond)
	if s.actor(t, oldText).Authenticated() || !s.actor(t, text).Authenticated() {
		t.Error("the old token outlives its overlap")
	}
	for _, overlap := range []time.Duration{-1, auth.MaxTokenOverlap + 1} {
		_, _, err = s.tokens.Rotate(t.Context(), root, fresh.ID, overlap)
		wantKind(t, err, fault.Invalid)
	}
}

// The last use is recorded at most once a minute.
func testTokenUse(t *testing.T, s *tokenStory) {
	token, text := s.create(t, auth.NewAPIToken{Name: "used"})
	for _, step := range []struct{ at, want time.Duration }{{0, 0}, {59 * time.Second, 0}, {time.Minute, time.Minute}} {
		s.now = noon.Add(step.at)
		s.actor(t, text)
		got, err := s.tokens.Find(t.Context(), root, token.ID)
		if err != nil || !got.UsedAt.Equal(noon.Add(step.want).Truncate(time.Microsecond)) || got.UsedFrom != "192.0.2.7" {
			t.Errorf("after %v: got %v from %q, %v", step.at, got.UsedAt, got.UsedFrom, err)
		}
	}
}

// Accounts manage their own tokens alone, and a token none but itself.
func testTokenOwn(t *testing.T, s *tokenStory) {
	token, text := s.create(t, auth.NewAPIToken{Name: "ann's"})
	other, _ := s.create(t, auth.NewAPIToken{Name: "ann's other"})
	bob := access.NewActor(access.Account{ID: s.bob.ID, Username: "bob"})
	_, _, err := s.tokens.Create(t.Context(), bob, s.ann.ID, auth.NewAPIToken{Name: "x"})
	wantKind(t, err, fault.Denied)
	_, err = s.tokens.Find(t.Context(), bob, token.ID)
	wantKind(t, err, fault.NotFound)
	wantKind(t, s.tokens.Revoke(t.Context(), bob, token.ID), fault.NotFound)
	_, err = s.tokens.List(t.Context(), bob, s.ann.ID)
	wantKind(t, err, fault.Denied)
	_, err = s.tokens.List(t.Context(), access.Actor{}, 0)
	wantKind(t, err, fault.Unauthenticated)

	program := s.actor(t, text)
	_, _, err = s.tokens.Create(t.Context(), program, s.ann.ID, auth.NewAPIToken{Name: "x"})
	wantKind(t, err, fault.Denied)
	wantKind(t, s.tokens.Revoke(t.Context(), program, other.ID), fault.Denied)
	if found, err := s.tokens.List(t.Context(), program, s.ann.ID); err != nil || len(found) != 2 || found[0].ID != other.ID {
		t.Errorf("got %+v, %v, want both tokens, the newest first", found, err)
	}
	if err := s.tokens.Revoke(t.Context(), program, token.ID); err != nil {
		t.Errorf("a token cannot revoke itself: %v", err)
	}

	boss := access.NewActor(access.Account{ID: 99, Username: "boss", Permissions: []access.Permission{access.Accounts.Change()}})
	if err := s.tokens.Revoke(t.Context(), boss, other.ID); err != nil {
		t.Errorf("who may change accounts cannot revoke their tokens: %v", err)
	}
	for _, n := range []auth.NewAPIToken{{}, {Name: strings.Repeat("é", 101)}, {Name: "a\x00b"}, {Name: "x", Scopes: []auth.Scope{"users:all"}}, {Name: "x", Life: -1}, {Name: "x", Life: 3651 * 24 * time.Hour}} {
		_, _, err := s.tokens.Create(t.Context(), root, s.ann.ID, n)
		wantKind(t, err, fault.Invalid)
	}
	_, _, err = s.tokens.Create(t.Context(), root, 999, auth.NewAPIToken{Name: "x"})
	wantKind(t, err, fault.NotFound)
}

// An account has at most 100 tokens. Those that expired long ago make room.
func testTokenBounded(t *testing.T, s *tokenStory) {
	for i := range auth.MaxTokens {
		s.create(t, auth.NewAPIToken{Name: strconv.Itoa(i), Life: time.Hour})
	}
	_, _, err := s.tokens.Create(t.Context(), root, s.ann.ID, auth.NewAPIToken{Name: "one more"})
	wantKind(t, err, fault.Conflict)
	s.now = noon.Add(31 * 24 * time.Hour)
	s.create(t, auth.NewAPIToken{Name: "later"})
	if found, err := s.tokens.List(t.Context(), root, s.ann.ID); err != nil || len(found) != 1 {
		t.Errorf("got %d tokens, %v, want those that expired long ago deleted", len(found), err)
	}
}

// A server looks a token up once in half a second. A token that another server
// has revoked is refused after that.
func testTokenKept(t *testing.T, s *tokenStory) {
	token, text := s.create(t, auth.NewAPIToken{Name: "kept"})
	valid := func() bool {
		_, err := s.tokens.Authenticate(t.Context(), text.Reveal(), access.Origin{})
		return err == nil
	}
	if !valid() {
		t.Fatal("the token is not valid")
	}
	elsewhere := auth.NewAPITokens(s.Store, func() time.Time { return s.now }, slog.New(slog.DiscardHandler))
	if err := elsewhere.Revoke(t.Context(), root, token.ID); err != nil {
		t.Fatal(err)
	}
	s.now = noon.Add(499 * time.Millisecond)
	if !valid() {
		t.Error("the token was looked up again within half a second")
	}
	s.now = noon.Add(500 * time.Millisecond)
	if valid() {
		t.Error("a token revoked half a second ago is valid")
	}
}

func TestAPITokens_Text(t *testing.T) {
	t.Parallel()
	s := newTokenStory(t, storetest.OpenSQLite(t))
	_, valid := s.create(t, auth.NewAPIToken{Name: "text"})
	text := valid.Reveal()
	for _, bad := range []string{"", "rst_", text[:len(text)-1], text + "0", strings.ToUpper(text), "rst" + text[3:len(text)-1] + "!", "xst_" + text[4:], " " + text} {
		if bad != text && s.actor(t, secret.New(bad)).Authenticated() {
			t.Errorf("%q is a valid token", bad)
		}
	}
	if len(text) != 37 || !s.actor(t, valid).Authenticated() {
		t.Errorf("got a token of %d characters", len(text))
	}
	if shown := fmt.Sprintf("%v %+v %s %q", valid, valid, valid, valid); strings.Contains(shown, text) {
		t.Errorf("formatting shows the token: %s", shown)
	}
}
