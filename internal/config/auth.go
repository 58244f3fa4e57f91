package config

// The values of PASSWORD_HASHER.
const (
	PasswordArgon2 = "argon2"
	PasswordPBKDF2 = "pbkdf2_sha256" // what Django verifies without further packages
)
