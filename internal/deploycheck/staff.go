package deploycheck

import (
	"fmt"
	"strings"

	"roster/internal/config"
	"roster/internal/finding"
)

// maxFailures is the maximum number of failed logins per account and hour:
// twice the 100 of NIST SP 800-63B, section 3.2.2.
const maxFailures = 200

// staffRules check the settings for staff accounts.
var staffRules = []rule{
	{
		id: "staff.totp", severity: finding.Warning, title: "Staff can log in with only a password",
		reason: "One leaked password is enough to read and change all users.",
		remedy: "Set REQUIRE_TOTP=true: each account then sets up an authenticator app or a passkey at its next login.",
		wrong:  func(f Facts) bool { return !f.Config.RequireTOTP },
	},
	{
		id: "staff.throttle", severity: finding.Error, title: "The login throttle is too lenient",
		reason: "THROTTLE_LOGIN allows so many attempts per account that common passwords can be guessed.",
		remedy: "Set THROTTLE_LOGIN=10/5min.",
		wrong:  func(f Facts) bool { return f.FailuresPerHour > maxFailures },
		about:  func(f Facts) string { return fmt.Sprintf("%d an hour", f.FailuresPerHour) },
	},
	{
		id: "staff.password-length", severity: finding.Warning, title: "Short passwords are allowed",
		reason: "PASSWORD_MIN_LENGTH is below 12, which OWASP's Application Security Verification Standard requires without a second factor.",
		remedy: "Set PASSWORD_MIN_LENGTH=12.",
		wrong:  func(f Facts) bool { return f.Config.PasswordMinLength < shortestGoodLen },
	},
	{
		id: "staff.hasher", severity: finding.Info, title: "Passwords are hashed for compatibility with Django",
		reason: "PASSWORD_HASHER=pbkdf2_sha256 is cheaper to attack than argon2.",
		remedy: "Set PASSWORD_HASHER=argon2 once you no longer need to return to Django; hashes are upgraded at login.",
		wrong:  func(f Facts) bool { return f.Config.PasswordHasher == config.PasswordPBKDF2 },
	},
	{
		id: "staff.oidc-create", severity: finding.Warning, title: "Everyone with an account at a provider gets one here",
		reason: "OIDC_<NAME>_CREATE makes accounts without asking for a group. They may not log in before they are staff, but anyone can make them.",
		remedy: "Set OIDC_<NAME>_GROUPS_CLAIM and OIDC_<NAME>_STAFF_GROUPS, or OIDC_<NAME>_CREATE=false.",
		wrong:  func(f Facts) bool { return len(openProviders(f)) > 0 },
		about:  func(f Facts) string { return strings.Join(openProviders(f), ", ") },
	},
	{
		id: "staff.no-superuser", severity: finding.Warning, title: "There is no active superuser",
		reason: "No one can grant permissions.",
		remedy: "Run roster createsuperuser.",
		wrong:  func(f Facts) bool { return f.Database.Reached && f.Database.Superusers == 0 },
	},
}

// openProviders returns the names of providers all of whose people get accounts.
func openProviders(f Facts) (names []string) {
	for _, p := range f.Config.Providers() {
		if p.Create && len(p.StaffGroups) == 0 {
			names = append(names, p.Name)
		}
	}
	return names
}
