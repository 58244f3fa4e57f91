package totp

import "roster/internal/secret"

// KeyOfAny returns the key of those bytes, of any number.
func KeyOfAny(bits string) Key { return Key{secret.New(encoding().EncodeToString([]byte(bits)))} }
