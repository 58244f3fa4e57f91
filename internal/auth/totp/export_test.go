package totp

import "roster/internal/secret"

// KeyOf returns the key of those bytes, of any number.
func KeyOf(bits string) Key { return Key{secret.New(encoding().EncodeToString([]byte(bits)))} }
