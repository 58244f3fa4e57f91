package user_test

import (
	"context"
	"testing"

	"roster/internal/user"
)

func TestIsFresh(t *testing.T) {
	t.Parallel()
	plain := t.Context()
	relaxed := user.Relaxed(plain)
	for _, c := range []struct {
		name string
		ctx  context.Context
		want bool
	}{
		{"by itself", plain, true},
		{"relaxed", relaxed, false},
		{"relaxed twice", user.Relaxed(relaxed), false},
		{"below a relaxed one", context.WithoutCancel(relaxed), false},
		{"fresh again", user.Fresh(relaxed), true},
		{"relaxed again", user.Relaxed(user.Fresh(relaxed)), false},
	} {
		if got := user.IsFresh(c.ctx); got != c.want {
			t.Errorf("%s: got fresh %v, want %v", c.name, got, c.want)
		}
	}
	if user.Fresh(plain) != plain {
		t.Error("Fresh made a context where the given one would do")
	}
}
