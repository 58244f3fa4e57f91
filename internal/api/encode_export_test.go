package api

// The encoder, for tests.
var (
	AppendUser   = appendUser
	AppendString = appendString
)
