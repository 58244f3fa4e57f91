package query

import "context"

type relaxedKey struct{}

// Relaxed returns a context whose reads may miss what was committed during the
// last few seconds: a Store may take them from a copy that lags. Without it
// every read sees all that was committed before it began, by any process.
// Transactions always see that.
func Relaxed(ctx context.Context) context.Context {
	return context.WithValue(ctx, relaxedKey{}, true)
}

// Fresh undoes Relaxed, for a read that decides what a caller may do.
func Fresh(ctx context.Context) context.Context {
	if IsFresh(ctx) {
		return ctx
	}
	return context.WithValue(ctx, relaxedKey{}, false)
}

// IsFresh reports whether reads under ctx see all that was committed before.
func IsFresh(ctx context.Context) bool {
	relaxed, _ := ctx.Value(relaxedKey{}).(bool)
	return !relaxed
}
