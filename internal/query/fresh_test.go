package query_test

import (
	"context"
	"testing"

	"roster/internal/query"
)

func TestIsFresh(t *testing.T) {
	t.Parallel()
	plain := t.Context()
	relaxed := query.Relaxed(plain)
	for _, c := range []struct {
		name string
		ctx  context.Context
		want bool
	}{
		{"by itself", plain, true},
		{"relaxed", relaxed, false},
		{"relaxed twice", query.Relaxed(relaxed), false},
		{"below a relaxed one", context.WithoutCancel(relaxed), false},
		{"fresh again", query.Fresh(relaxed), true},
		{"relaxed again", query.Relaxed(query.Fresh(relaxed)), false},
	} {
		if got := query.IsFresh(c.ctx); got != c.want {
			t.Errorf("%s: got fresh %v, want %v", c.name, got, c.want)
		}
	}
	if query.Fresh(plain) != plain {
		t.Error("Fresh made a context where the given one would do")
	}
}
