package config

// The values of PASSWORD_HASHER.
const (
	PasswordArgon2 = "argon2"
	PasswordPBKDF2 = "pbkdf2_sha256" //nolint:gosec // a name; Django verifies it without further packages
)

// The values of JWT_ALGORITHM.
const (
	JWTEdDSA = "EdDSA"
	JWTRS256 = "RS256"
	JWTHS256 = "HS256" // with SECRET_KEY, as simplejwt
)
