package user_test

import (
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// signer signs with its first key, and verifies with all.
type signer []string

func (s signer) SignUnsubscribe(text string) string {
	if len(s) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(s[0] + text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (s signer) SignedUnsubscribe(text, given string) bool {
	return slices.ContainsFunc(s, func(key string) bool { return signer{key}.SignUnsubscribe(text) == given })
}

// A user unsubscribes by the link of a mail, or an account does so, and again the
// other way. Each change is recorded once.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			log, root, anonymous := slog.New(slog.DiscardHandler), access.System("test"), access.Actor{}
			users := user.NewUsers(s, time.Now, log)
			ada, err := users.Create(t.Context(), root, form.Input{
				"username": {Kind: form.String, Text: "ada"}, "email": {Kind: form.String, Text: "ada@example.com"},
			})
			if err != nil {
				t.Fatal(err)
			}
			old := user.NewSubscriptions(s, signer{"an older secret"}, time.Now, log)
			subs := user.NewSubscriptions(s, signer{"a secret", "an older secret"}, time.Now, log)
			wantGets := func(want bool) {
				t.Helper()
				gets, err := subs.Gets(t.Context(), root, ada.ID)
				if err != nil || gets != want {
					t.Errorf("got %v, %v, want %v", gets, err, want)
				}
				address, gets, err := subs.ByToken(t.Context(), subs.Token(ada.ID))
				if err != nil || gets != want || address != "ada@example.com" {
					t.Errorf("by token: got %s, %v, %v, want %v", address, gets, err, want)
				}
			}
			wantGets(true)
			for range 2 {
				if err := subs.SetByToken(t.Context(), anonymous, old.Token(ada.ID), false); err != nil {
					t.Error(err)
				}
			}
			wantGets(false)
			if err := subs.Set(t.Context(), anonymous, ada.ID, true); fault.KindOf(err) != fault.Unauthenticated {
				t.Errorf("got %v, want it refused", err)
			}
			if err := subs.Set(t.Context(), root, ada.ID, true); err != nil {
				t.Error(err)
			}
			wantGets(true)
			entries, err := s.FilterAudit(t.Context(), audit.Filter{ObjectID: ada.ID, Action: audit.Update}, 0, 10)
			if err != nil || len(entries) != 2 || entries[0].Changes[0].Field != "mailings" {
				t.Errorf("got %+v, %v, want two entries", entries, err)
			}
			if err := subs.Set(t.Context(), root, ada.ID, false); err != nil {
				t.Error(err)
			}
			if err := users.Delete(t.Context(), root, ada.ID); err != nil {
				t.Fatal(err)
			}
			if unsubscribed, err := s.IsUnsubscribed(t.Context(), ada.ID); err != nil || unsubscribed {
				t.Errorf("got %v, %v, want nothing kept about a deleted user", unsubscribed, err)
			}
			if err := subs.SetByToken(t.Context(), anonymous, subs.Token(ada.ID), false); fault.KindOf(err) != fault.NotFound {
				t.Errorf("got %v, want NotFound for a deleted user", err)
			}
		})
	}
}

// A token is valid for its user alone, and under a known key alone, also where the
// users that others name are there.
func TestSubscriptions_BadTokens(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	db := storetest.OpenSQLite(t)
	insertMany(t, db, 8)
	subs := user.NewSubscriptions(db, signer{"a secret"}, time.Now, log)
	good := subs.Token(7)
	if address, gets, err := subs.ByToken(t.Context(), good); err != nil || !gets || address != "user7@example.com" {
		t.Errorf("a good token: got %s, %t, %v", address, gets, err)
	}
	_, mac, _ := strings.Cut(good, "-")
	foreign := user.NewSubscriptions(nil, signer{"another secret"}, time.Now, log).Token(7)
	for _, token := range []string{"", "-", "7", "7-", mac, "8-" + mac, "07-" + mac, "+7-" + mac, "7-" + mac[1:], "7-" + mac + "A", foreign, "0-" + mac, "-7-" + mac, "8-" + foreign[2:], good + "-", " " + good} {
		if _, _, err := subs.ByToken(t.Context(), token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: got %v, want NotFound", token, err)
		}
		if err := subs.SetByToken(t.Context(), access.Actor{}, token, false); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: got %v, want NotFound", token, err)
		}
	}
	if got := user.NewSubscriptions(nil, signer{}, time.Now, log).Token(7); got != "" {
		t.Errorf("got %q, want no token without a key", got)
	}
}
