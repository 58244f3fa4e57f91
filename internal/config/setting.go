package config

import (
	"slices"
	"strings"

	"roster/internal/secret"
)

// The sources of a setting's value.
const (
	SourceDefault = "default"
	SourceEnv     = "env"
	SourceDotenv  = ".env"
)

// Setting is one setting as it may be shown.
type Setting struct {
	Name   string
	Value  string // as it was written; "[secret]" for a secret that is set
	Source string // SourceDefault, SourceEnv or SourceDotenv
}

// setting is a line of the table of settings.
type setting struct {
	name     string
	standard string // the default
	secret   bool
	blank    bool // an empty value is a value
	least    int  // of a whole number
	most     int  // of a whole number; 0 for what is none
}

// sqliteFile is the default of DB_NAME, for SQLite alone.
const sqliteFile = "db.sqlite3"

// settings is the order in which settings and their faults are shown.
var settings = []setting{
	{name: "DEBUG", standard: "false"},
	{name: "SECRET_KEY", secret: true},
	{name: "SECRET_KEY_FALLBACKS", secret: true},
	{name: "ALLOWED_HOSTS"},
	{name: "DB_ENGINE", standard: "sqlite"},
	{name: "DB_NAME", standard: sqliteFile},
	{name: "DB_USER"},
	{name: "DB_PASSWORD", secret: true},
	{name: "DB_HOST", standard: "127.0.0.1"},
	{name: "DB_PORT", standard: "3306", least: 1, most: 65535},
	{name: "DB_REPLICA_HOSTS"},
	{name: "DB_TLS", standard: TLSOff},
	{name: "DB_POOL_SIZE", standard: "10", least: 1, most: 1000},
	{name: "DB_MAX_OVERFLOW", standard: "10", least: 0, most: 1000},
	{name: "DB_POOL_RECYCLE", standard: "86400", least: 1, most: 31536000},
	{name: "DB_WAIT", standard: "60", least: 0, most: 3600},
	{name: "AUTO_MIGRATE", standard: "false"},
	{name: "PAGE_SIZE", standard: "10", least: 1, most: 1000},
	{name: "API_PERMISSION", standard: "auto"},
	{name: "CORS_ALLOWED_ORIGINS"},
	{name: "CORS_ALLOW_ALL_ORIGINS", standard: "false"},
	{name: "EMAIL_BACKEND", standard: EmailConsole},
	{name: "EMAIL_HOST", standard: "localhost"},
	{name: "EMAIL_PORT", standard: "25", least: 1, most: 65535},
	{name: "EMAIL_HOST_USER"},
	{name: "EMAIL_HOST_PASSWORD", secret: true},
	{name: "EMAIL_USE_TLS", standard: "false"},
	{name: "EMAIL_USE_SSL", standard: "false"},
	{name: "EMAIL_TIMEOUT", standard: "30", least: 1, most: 600},
	{name: "EMAIL_FILE_PATH"},
	{name: "EMAIL_TEMPLATES"},
	{name: "WELCOME_EMAIL", standard: "false"},
	{name: "TASK_KEEP_DAYS", standard: "7", least: 1, most: 3650},
	{name: "DEFAULT_FROM_EMAIL", standard: "webmaster@localhost"},
	{name: "PASSWORD_HASHER", standard: PasswordArgon2},
	{name: "PASSWORD_MIN_LENGTH", standard: "12", least: 1, most: 128},
	{name: "THROTTLE_LOGIN", standard: "10/5min"},
	{name: "REQUIRE_TOTP", standard: "false"},
	{name: "LOG_DIR", standard: "logs", blank: true},
	{name: "LOG_LEVEL", standard: "INFO"},
	{name: "LOG_FORMAT", standard: "text"},
	{name: "LOG_LEVELS"},
	{name: "TRUSTED_PROXIES"},
	{name: "TIME_ZONE", standard: "UTC"},
}

// merge picks the value of every setting: the environment before the file
// before the default. It returns the values by name, and the settings as they
// may be shown.
func merge(environ, dotenv map[string]string) (map[string]string, []Setting) {
	values := make(map[string]string, len(settings))
	shown := make([]Setting, 0, len(settings))
	for _, s := range settings {
		value, source := s.pick(environ, dotenv)
		values[s.name] = value
		if s.secret && value != "" {
			value = secret.Redacted
		}
		shown = append(shown, Setting{Name: s.name, Value: value, Source: source})
	}
	return values, shown
}

func (s setting) pick(environ, dotenv map[string]string) (value, source string) {
	if value, ok := s.find(environ); ok {
		return value, SourceEnv
	}
	if value, ok := s.find(dotenv); ok {
		return value, SourceDotenv
	}
	return s.standard, SourceDefault
}

// find returns the trimmed value and whether it counts as set.
func (s setting) find(values map[string]string) (string, bool) {
	value, ok := values[s.name]
	value = strings.TrimSpace(value)
	return value, ok && (value != "" || s.blank)
}

// Dump returns every setting in the order of the documentation, with its
// secrets hidden. It may be called before Validate, and when that has failed.
// A key that EnsureSecretKey made is not a setting and not shown.
func (c Config) Dump() []Setting { return slices.Clone(c.shown) }
