package access_test

import (
	"testing"

	"roster/internal/access"
	"roster/internal/fault"
)

func TestActor_Check(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		actor access.Actor
		perm  access.Permission
		want  fault.Kind // Internal: allowed
	}{
		{"nobody sees what is public", access.Actor{}, access.Public, fault.Internal},
		{"nobody", access.Actor{}, access.ViewUser, fault.Unauthenticated},
		{"allow any: view", access.AllowAny.Anonymous(), access.ViewUser, fault.Internal},
		{"allow any: delete", access.AllowAny.Anonymous(), access.DeleteUser, fault.Internal},
		{"allow any is about users", access.AllowAny.Anonymous(), "auth.add_user", fault.Unauthenticated},
		{"authenticated only", access.IsAuthenticated.Anonymous(), access.ViewUser, fault.Unauthenticated},
		{"model permissions", access.DjangoModelPermissions.Anonymous(), access.ViewUser, fault.Unauthenticated},
		{"the system", access.System("cleanup"), "auth.add_user", fault.Internal},
	}
	for _, tt := range tests {
		err := tt.actor.Check(tt.perm)
		if allowed := err == nil; allowed != (tt.want == fault.Internal) || !allowed && fault.KindOf(err) != tt.want {
			t.Errorf("%s: got %v, want kind %d", tt.name, err, tt.want)
		}
	}
}

func TestActor_Name(t *testing.T) {
	t.Parallel()
	if got := (access.Actor{}).Name(); got != "anonymous" {
		t.Errorf("got %q", got)
	}
	if got := access.System("cleanup").Name(); got != "system:cleanup" {
		t.Errorf("got %q", got)
	}
}

func TestParsePolicy(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{"AllowAny": true, "IsAuthenticated": true, "DjangoModelPermissions": true, "allowany": false, "": false} {
		got, err := access.ParsePolicy(name)
		if (err == nil) != ok || ok && string(got) != name {
			t.Errorf("%q: got %q, %v", name, got, err)
		}
	}
}
