package query

import "context"

type relaxedKey struct{}

// Relaxed returns a context whose reads may miss commits of the last few
// seconds: a Store may read from a lagging replica. Without it, every read sees
// all earlier commits of any process, as transactions always do.
func Relaxed(ctx context.Context) context.Context {
	return context.WithValue(ctx, relaxedKey{}, true)
}

// Fresh reverts Relaxed, for a read that decides permissions.
func Fresh(ctx context.Context) context.Context {
	if IsFresh(ctx) {
		return ctx
	}
	return context.WithValue(ctx, relaxedKey{}, false)
}

// IsFresh reports whether reads under ctx see all earlier commits.
func IsFresh(ctx context.Context) bool {
	relaxed, _ := ctx.Value(relaxedKey{}).(bool)
	return !relaxed
}
