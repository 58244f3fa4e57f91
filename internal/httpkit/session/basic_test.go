package session_test

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
)

// passwords says that two passwords are those of account 9.
type passwords struct{}

func (passwords) Authenticate(_ context.Context, username, password string, from access.Origin) (access.Actor, error) {
	if username == "ann" && password == "pä:ss" || username == "zoë" && password == "pw" {
		return access.NewActor(access.Account{ID: 9, Username: username}).From(from), nil
	}
	return access.Actor{}, fault.New(fault.Unauthenticated, "Invalid username/password.")
}

// The answers are those of Django REST Framework 3.14 with its default classes,
// recorded with the same headers: 403 without WWW-Authenticate.
func TestKeeper_Basic(t *testing.T) {
	t.Parallel()
	const (
		empty  = "Invalid basic header. No credentials provided."
		spaces = "Invalid basic header. Credentials string should not contain spaces."
		base   = "Invalid basic header. Credentials not correctly base64 encoded."
		wrong  = "Invalid username/password."
	)
	encoded := base64.StdEncoding.EncodeToString([]byte("ann:pä:ss"))
	for header, want := range map[string]string{ // "": accepted
		"Basic " + encoded:           "",
		"basic  " + encoded + " ":    "",
		"BASIC\t" + encoded:          "",
		"Basic YW5uOnDkOnNz":         "", // Latin-1
		"Basic em/rOnB3":             "",
		"Basic YW5uOn.DDpDpzcw==":    "",
		"Basic YW5uOn\xa0DDpDpzcw==": "",
		"Basic":                      empty,
		"Basic ":                     empty,
		"Basic a b":                  spaces,
		"Basic a":                    base,
		"Basic ab":                   base,
		"Basic abc":                  base,
		"Basic ab=":                  base,
		"Basic a=bc":                 base,
		"Basic YW5uOnDDpDpzcw":       base,
		"Basic ab==":                 wrong,
		"Basic ab==zz":               wrong,
		"Basic =":                    wrong,
		"Basic !":                    wrong,
		"Basic %%%%":                 wrong,
		"Basic Og==":                 wrong,
		"Basic YW5u":                 wrong,
		"Basic YW5uOndyb25n":         wrong,
	} {
		keeper := session.NewKeeper(&known{}, program{}, slog.New(slog.DiscardHandler))
		r := httptest.NewRequest(http.MethodGet, "/api/users/", http.NoBody)
		r.Header.Set("Authorization", header)
		if actor := keeper.APIActor(r); actor.Authenticated() || actor.Check(access.Public) != nil {
			t.Errorf("%q without HTTP Basic: got account %d, want an anonymous actor", header, actor.ID())
		}
		keeper.AcceptBasic(passwords{})
		actor := keeper.APIActor(r)
		err := actor.Check(access.Public)
		switch {
		case want == "" && (err != nil || actor.ID() != 9 || actor.Origin().Address != "192.0.2.1"):
			t.Errorf("%q: got account %d, %v", header, actor.ID(), err)
		case want != "" && (err == nil || err.Error() != want || httpkit.StatusOf(err) != http.StatusForbidden):
			t.Errorf("%q: got %v, want 403 %s", header, err, want)
		}
	}
}

// A session comes first, as in Django REST Framework.
func TestKeeper_BasicAfterSession(t *testing.T) {
	t.Parallel()
	token := auth.NewToken()
	keeper := session.NewKeeper(&known{token: token}, program{}, slog.New(slog.DiscardHandler))
	keeper.AcceptBasic(passwords{})
	r := httptest.NewRequest(http.MethodGet, "http://example.com/api/users/", http.NoBody)
	r.AddCookie(cookieOf(t, "http://example.com/", token))
	r.SetBasicAuth("ann", "wrong")
	keeper.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if actor := keeper.APIActor(r); actor.ID() != 7 {
			t.Errorf("got account %d, want that of the session", actor.ID())
		}
	})).ServeHTTP(httptest.NewRecorder(), r)
}
