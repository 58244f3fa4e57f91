package deploycheck

import (
	"slices"
	"strings"

	"roster/internal/config"
	"roster/internal/finding"
)

// mailRules check e-mail.
var mailRules = []rule{
	{
		id: "mail.nowhere", severity: finding.Warning, title: "Mail does not leave this machine",
		reason: "EMAIL_BACKEND prints messages or writes them to files; no one receives welcome mails, notifications or reports.",
		remedy: "Set EMAIL_BACKEND=smtp with EMAIL_HOST, and test it with roster sendtestemail.",
		wrong:  func(f Facts) bool { return f.Config.EmailBackend != config.EmailSMTP },
	},
	{
		id: "mail.clear", severity: finding.Warning, title: "Mail is sent without encryption",
		reason: "Names and addresses of users can be intercepted on the way to EMAIL_HOST.",
		remedy: "Set EMAIL_USE_TLS=true (port 587) or EMAIL_USE_SSL=true (port 465).",
		wrong: func(f Facts) bool {
			c := f.Config
			return c.EmailBackend == config.EmailSMTP && !c.EmailUseTLS && !c.EmailUseSSL && !isHere(c.EmailHost)
		},
	},
	{
		id: "mail.unsubscribe", severity: finding.Warning, title: "Mailings have no link to unsubscribe",
		reason: "Large providers reject mailings without one or treat them as spam. Links need the public address of this site.",
		remedy: "Set SITE_URL=https://users.example.com, or a host name in ALLOWED_HOSTS.",
		wrong: func(f Facts) bool {
			c := f.Config
			reported := len(c.AllowedHosts) == 0 || slices.Contains(c.AllowedHosts, "*") // by another check
			return c.EmailBackend == config.EmailSMTP && c.SiteAddress() == "" && !reported
		},
	},
	{
		id: "mail.sender", severity: finding.Warning, title: "DEFAULT_FROM_EMAIL is not a real address",
		reason: "Servers reject mail from localhost or treat it as spam, and replies are lost.",
		remedy: "Set an address of your domain: DEFAULT_FROM_EMAIL=Users <users@example.com>.",
		wrong: func(f Facts) bool {
			return f.Config.EmailBackend == config.EmailSMTP && strings.HasSuffix(strings.TrimRight(f.Config.DefaultFromEmail, ">"), "@localhost")
		},
	},
}
