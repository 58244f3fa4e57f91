package deploycheck

import (
	"fmt"

	"roster/internal/config"
	"roster/internal/finding"
)

// maxFailures is how many logins may fail for one account in an hour: the 100 of
// NIST SP 800-63B, section 3.2.2, twice over.
const maxFailures = 200

// staffRules are about those who administer.
var staffRules = []rule{
	{
		id: "staff.totp", severity: finding.Warning, title: "Staff may log in with a password alone",
		reason: "One password that leaked is enough to read and change all users.",
		remedy: "Set REQUIRE_TOTP=true: each account then sets up an authenticator app at its next login.",
		wrong:  func(f Facts) bool { return !f.Config.RequireTOTP },
	},
	{
		id: "staff.throttle", severity: finding.Error, title: "Logins may fail too often",
		reason: "THROTTLE_LOGIN leaves room to try many passwords for an account; the usual ones are found.",
		remedy: "Set THROTTLE_LOGIN=10/5min.",
		wrong:  func(f Facts) bool { return f.FailuresPerHour > maxFailures },
		about:  func(f Facts) string { return fmt.Sprintf("%d an hour", f.FailuresPerHour) },
	},
	{
		id: "staff.password-length", severity: finding.Warning, title: "Short passwords are taken",
		reason: "PASSWORD_MIN_LENGTH is below 12, which OWASP's Application Security Verification Standard asks for where there is no second factor.",
		remedy: "Set PASSWORD_MIN_LENGTH=12.",
		wrong:  func(f Facts) bool { return f.Config.PasswordMinLength < shortestGoodLen },
	},
	{
		id: "staff.hasher", severity: finding.Info, title: "Passwords are hashed so that Django verifies them",
		reason: "PASSWORD_HASHER=pbkdf2_sha256 costs an attacker less than argon2 does.",
		remedy: "Set PASSWORD_HASHER=argon2 once there is no way back to Django; hashes are renewed at logins.",
		wrong:  func(f Facts) bool { return f.Config.PasswordHasher == config.PasswordPBKDF2 },
	},
	{
		id: "staff.no-superuser", severity: finding.Warning, title: "There is no active superuser",
		reason: "Nobody can give anybody permissions.",
		remedy: "Run roster createsuperuser.",
		wrong:  func(f Facts) bool { return f.Database.Reached && f.Database.Superusers == 0 },
	},
}
