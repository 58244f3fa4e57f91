package config

// The values of PASSWORD_HASHER.
const (
	PasswordArgon2 = "argon2"
	PasswordPBKDF2 = "pbkdf2_sha256" //nolint:gosec // a name; Django verifies it without further packages
)
