package access_test

import (
	"testing"

	"roster/internal/access"
)

func TestActor_ActedWith(t *testing.T) {
	t.Parallel()
	ann := access.NewActor(access.Account{ID: 7, Username: "ann"})
	token := access.Credential{Kind: access.APIToken, ID: 12, Name: "deploy"}
	for _, tt := range []struct {
		actor access.Actor
		want  string
	}{
		{access.Actor{}, ""},
		{access.System("cleanup"), ""},
		{access.System("cli").From(access.Origin{Door: access.CLI}), "command"},
		{ann, "session"},
		{ann.By(token), "API token “deploy” (12)"},
		{ann.By(access.Credential{Kind: access.Basic}).From(access.Origin{Door: access.API}), "HTTP Basic"},
		{ann.By(access.Credential{Kind: access.JWT}), "JWT"},
		{ann.By(access.Credential{Kind: access.JWT, Name: "https://login.example.com"}), "JWT of https://login.example.com"},
	} {
		if got := tt.actor.ActedWith(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.actor.Name(), got, tt.want)
		}
	}
}
