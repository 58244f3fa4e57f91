package api_test

import (
	"regexp"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/secret"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// newTokenFixture returns the API as a new staff account finds it.
func newTokenFixture(t *testing.T, db *store.Store, as func(access.Actor) access.Actor) *fixture {
	t.Helper()
	ann := auth.Account{Username: "ann", Password: secret.New("!"), IsActive: true, IsStaff: true, DateJoined: noon}
	err := db.InAuthTx(t.Context(), func(tx auth.Tx) (err error) {
		ann.ID, err = tx.InsertAccount(ann)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	actor := as(access.NewActor(access.Account{ID: ann.ID, Username: "ann", IsStaff: true}))
	return newFixture(t, db, setup{pageSize: 2, policy: access.DjangoModelPermissions, now: func() time.Time { return noon }, actor: actor})
}

func itself(a access.Actor) access.Actor { return a }

// A person creates a token, sees it once, rotates it and revokes it.
func TestTokens_Story(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := newTokenFixture(t, open(t), itself)
			made := f.ask(t, 201, "POST /api/tokens/", `{"name": "nightly", "scopes": ["users:read"], "expires_in_days": 30}`)
			wantAt(t, made, map[string]any{"id": 1.0, "name": "nightly", "expires_at": "2026-12-23T12:00:00Z", "used_at": nil, "used_from": nil})
			text, _ := made["token"].(string)
			if !regexp.MustCompile(`^rst_[a-z2-7]{26}[0-9a-z]{7}$`).MatchString(text) || text[:10] != made["hint"] {
				t.Errorf("got token %q, hint %v", text, made["hint"])
			}
			wantAt(t, f.ask(t, 200, "GET /api/tokens/1/", ""), map[string]any{"token": nil, "hint": text[:10]})
			f.ask(t, 201, "POST /api/tokens/", `{"name": "usual"}`)
			wantAt(t, f.ask(t, 201, "POST /api/tokens/", `{"name": "ever", "expires_in_days": null}`), map[string]any{"id": 3.0, "expires_at": nil})
			wantAt(t, f.ask(t, 200, "GET /api/tokens/2/", ""), map[string]any{"expires_at": "2027-02-21T12:00:00Z"})
			page := f.ask(t, 200, "GET /api/tokens/?page=2", "")
			wantAt(t, page, map[string]any{"count": 3.0, "next": nil, "previous": "http://example.com/api/tokens/"})
			wantAt(t, f.ask(t, 201, "POST /api/tokens/1/rotate/", `{"overlap_hours": 24}`), map[string]any{"id": 4.0, "name": "nightly", "expires_at": "2026-12-23T12:00:00Z"})
			wantAt(t, f.ask(t, 200, "GET /api/tokens/1/", ""), map[string]any{"expires_at": "2026-11-24T12:00:00Z"})
			f.ask(t, 204, "DELETE /api/tokens/1/", "")
			f.ask(t, 404, "GET /api/tokens/1/", "")
			f.ask(t, 404, "DELETE /api/tokens/1/", "")
			f.ask(t, 200, "OPTIONS /api/tokens/", "")
		})
	}
}

func TestTokens_Invalid(t *testing.T) {
	t.Parallel()
	f := newTokenFixture(t, storetest.OpenSQLite(t), itself)
	for body, field := range map[string]string{
		`{}`:                                                  "name",
		`{"name": ""}`:                                        "name",
		`{"name": 3, "scopes": "users:read"}`:                 "scopes",
		`{"name": "x", "scopes": ["users:all"]}`:              "scopes",
		`{"name": "x", "scopes": {"users": true}}`:            "scopes",
		`{"name": "x", "scopes": null}`:                       "scopes",
		`{"name": "x", "scopes": [1]}`:                        "scopes",
		`{"name": "x", "expires_in_days": 0}`:                 "expires_in_days",
		`{"name": "x", "expires_in_days": -1}`:                "expires_in_days",
		`{"name": "x", "expires_in_days": 3651}`:              "expires_in_days",
		`{"name": "x", "expires_in_days": 1e300}`:             "expires_in_days",
		`{"name": "x", "expires_in_days": 99999999999999999}`: "expires_in_days",
	} {
		answer := f.ask(t, 400, "POST /api/tokens/", body)
		if _, named := answer[field]; !named || len(answer) != 1 {
			t.Errorf("%s: got %v, want %s named", body, answer, field)
		}
	}
	f.ask(t, 201, "POST /api/tokens/", `{"name": "x"}`)
	for _, body := range []string{`{"overlap_hours": -1}`, `{"overlap_hours": 169}`, `{"overlap_hours": 9223372036854775807}`, `{"overlap_hours": "x"}`, `{"overlap_hours": ""}`, `{"overlap_hours": null}`} {
		answer := f.ask(t, 400, "POST /api/tokens/1/rotate/", body)
		if _, named := answer["overlap_hours"]; !named {
			t.Errorf("%s: got %v", body, answer)
		}
	}
	f.ask(t, 201, "POST /api/tokens/1/rotate/", ``)
}

// A program cannot give itself more tokens, or touch others than its own.
func TestTokens_OfPrograms(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	person := newTokenFixture(t, db, itself)
	person.ask(t, 201, "POST /api/tokens/", `{"name": "mine"}`)
	person.ask(t, 201, "POST /api/tokens/", `{"name": "other"}`)
	program := newFixture(t, db, setup{policy: access.DjangoModelPermissions, now: func() time.Time { return noon },
		actor: access.NewActor(access.Account{ID: 1, Username: "ann"}).By(access.Credential{Kind: access.APIToken, ID: 1, Name: "mine"})})
	program.ask(t, 403, "POST /api/tokens/", `{"name": "more"}`)
	program.ask(t, 403, "DELETE /api/tokens/2/", "")
	program.ask(t, 403, "POST /api/tokens/2/rotate/", "")
	program.ask(t, 200, "GET /api/tokens/1/", "")
	program.ask(t, 201, "POST /api/tokens/1/rotate/", "")
	program.ask(t, 204, "DELETE /api/tokens/1/", "")
}
