package config

import (
	"slices"
	"strings"

	"roster/internal/secret"
)

// The sources of a setting.
const (
	SourceDefault = "default"
	SourceEnv     = "env"
	SourceDotenv  = ".env"
)

// Setting is a setting for display.
type Setting struct {
	Name   string
	Value  string // as written; "[secret]" for a secret
	Source string // SourceDefault, SourceEnv or SourceDotenv, plus ", as NAME" if it was set by another name
}

// setting is a row of the table of settings.
type setting struct {
	name     string
	standard string // the default
	also     string // an alternative name, used by Celery
	secret   bool
	hide     func(value string) string // masks the secret part of a value
	blank    bool                      // an empty value counts as set
	least    int                       // minimum of an integer
	most     int                       // maximum of an integer; 0 for other types
}

// sqliteFile is the default of DB_NAME, for SQLite only.
const sqliteFile = "db.sqlite3"

// settings lists all settings in display order.
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
	{name: "BROKER_URL", also: "CELERY_BROKER_URL", standard: Embedded, hide: hideLogin},
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
	{name: "BACKUP_DIR"},
	{name: "BACKUP_KEEP", standard: "7", least: 1, most: 3650},
	{name: "BACKUP_KEY", secret: true},
	{name: "PASSWORD_HASHER", standard: PasswordArgon2},
	{name: "PASSWORD_MIN_LENGTH", standard: "12", least: 1, most: 128},
	{name: "THROTTLE_LOGIN", standard: "10/5min"},
	{name: "REQUIRE_TOTP", standard: "false"},
	{name: "AUDIT_KEEP_DAYS", standard: "0", least: 0, most: 36500},
	{name: "LOG_DIR", standard: "logs", blank: true},
	{name: "LOG_LEVEL", standard: "INFO"},
	{name: "LOG_FORMAT", standard: "text"},
	{name: "LOG_LEVELS"},
	{name: "SLOW_QUERY_MS", standard: "500", least: 1, most: 600000},
	{name: "METRICS_ALLOW"},
	{name: "METRICS_TOKEN", secret: true},
	{name: "METRICS_BIND"},
	{name: "PPROF", standard: PprofOff},
	{name: "OTEL_EXPORTER_OTLP_ENDPOINT"},
	{name: "OTEL_EXPORTER_OTLP_HEADERS", secret: true},
	{name: "TRACE_SAMPLE_PERCENT", standard: "100", least: 0, most: 100},
	{name: "TRUSTED_PROXIES"},
	{name: "SHUTDOWN_DELAY", standard: "0", least: 0, most: 600},
	{name: "TIME_ZONE", standard: "UTC"},
}

// merge returns the value of every setting by name, and the settings for
// display. The environment overrides the file, and the file overrides the
// default.
func merge(environ, dotenv map[string]string) (map[string]string, []Setting) {
	values := make(map[string]string, len(settings))
	shown := make([]Setting, 0, len(settings))
	for _, s := range settings {
		picked := s.pick(environ, dotenv)
		values[s.name] = picked.Value
		switch {
		case s.secret && picked.Value != "":
			picked.Value = secret.Redacted
		case s.hide != nil:
			picked.Value = s.hide(picked.Value)
		}
		shown = append(shown, picked)
	}
	return values, shown
}

// pick returns the setting with its effective value.
func (s setting) pick(environ, dotenv map[string]string) Setting {
	if value, as, ok := s.find(environ); ok {
		return Setting{s.name, value, SourceEnv + as}
	}
	if value, as, ok := s.find(dotenv); ok {
		return Setting{s.name, value, SourceDotenv + as}
	}
	return Setting{s.name, s.standard, SourceDefault}
}

// setAs introduces the alternative name in Setting.Source.
const setAs = ", as "

// find returns the trimmed value, a note if it was set by its alternative name,
// and whether it counts as set. The setting's own name takes precedence.
func (s setting) find(values map[string]string) (value, as string, ok bool) {
	if value, ok = values[s.name]; ok {
		value = strings.TrimSpace(value)
		ok = value != "" || s.blank
	}
	if !ok && s.also != "" {
		value, as = strings.TrimSpace(values[s.also]), setAs+s.also
		ok = value != ""
	}
	return value, as, ok
}

// known returns the names of all settings.
func known() (names []string) {
	for _, s := range settings {
		names = append(names, s.name)
	}
	return names
}

// Dump returns every setting in the order of the documentation, with masked
// secrets. It may be called before Validate, and after it failed. A generated
// key is not a setting and not included.
func (c Config) Dump() []Setting { return slices.Clone(c.shown) }
