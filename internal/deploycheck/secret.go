package deploycheck

import (
	"strings"

	"roster/internal/config"
	"roster/internal/finding"
)

// A SECRET_KEY is good from this length and this many different characters on,
// as Django's own check has it (security.W009), and must not be one that
// django-admin startproject has made for development.
const (
	goodKeyLength   = 50
	goodKeyVariety  = 5
	developmentKey  = "django-insecure-"
	manyFallbacks   = 2
	shortestGoodLen = 12
)

// secretRules are about keys and what lies in files.
var secretRules = []rule{
	{
		id: "secret-key.made", severity: finding.Warning, title: "SECRET_KEY is not set",
		reason: "It is made, and kept beside the database: whoever copies that folder has both, and a server elsewhere would make another.",
		remedy: "Set SECRET_KEY to 50 random characters, the same for every process: openssl rand -base64 48.",
		wrong:  func(f Facts) bool { return f.Config.SecretKey.Reveal() == "" },
	},
	{
		id: "secret-key.weak", severity: finding.Error, title: "SECRET_KEY can be guessed",
		reason: "It is short, has few different characters, or was made for development. Whoever knows it forges forms and seals of the audit trail.",
		remedy: "Set SECRET_KEY to 50 random characters and move the old one to SECRET_KEY_FALLBACKS for a while.",
		wrong:  func(f Facts) bool { return isWeak(f.Config.SecretKey.Reveal()) },
	},
	{
		id: "secret-key.fallbacks", severity: finding.Info, title: "Several old keys are still taken",
		reason: "Whoever has one of SECRET_KEY_FALLBACKS can still use it.",
		remedy: "Take out those that are older than a day, once roster audit verify needs them no more.",
		wrong:  func(f Facts) bool { return len(f.Config.SecretKeyFallbacks) >= manyFallbacks },
	},
	{
		id: "file.dotenv", severity: finding.Error, title: "Others on this machine can read .env",
		reason: "It holds SECRET_KEY and passwords.",
		remedy: "chmod 600 .env, or 640 with a group of its own.",
		wrong:  func(f Facts) bool { return f.Machine.DotenvMode.Perm()&0o007 != 0 },
	},
	{
		id: "file.database", severity: finding.Warning, title: "Others on this machine can read the database file",
		reason: "It holds all users, and the hashes of staff passwords.",
		remedy: "chmod 640 the file, and let its folder be entered by Roster's user alone (chmod 750).",
		wrong:  func(f Facts) bool { return f.Machine.DatabaseMode.Perm()&0o007 != 0 },
	},
}

func isWeak(key string) bool {
	if key == "" {
		return false // that is secret-key.made
	}
	different := make(map[rune]bool)
	for _, r := range key {
		different[r] = true
	}
	return len([]rune(key)) < goodKeyLength || len(different) < goodKeyVariety || strings.HasPrefix(key, developmentKey)
}

// usesMySQL reports whether the checks about a server make sense.
func usesMySQL(f Facts) bool { return f.Config.DBEngine == config.MySQL }
