// Package config reads the settings from the environment and a .env file,
// judges them all at once, and shows them without their secrets.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"reflect"
	"strconv"
	"time"

	"github.com/caarlos0/env/v11"

	"roster/internal/secret"
)

// The values of DB_ENGINE.
const (
	SQLite = "sqlite"
	MySQL  = "mysql"
)

// The values of DB_TLS beside the path of a file.
const (
	TLSOff = "off" // in the clear
	TLSOn  = "on"  // with a certificate that the system's roots vouch for
)

// Config holds the settings of one process. Load makes it; it is usable once
// Validate has returned nil, and is not changed after that except by
// EnsureSecretKey. A list that is not set is nil.
type Config struct {
	Debug              bool                  `env:"DEBUG"`
	SecretKey          secret.Text           `env:"SECRET_KEY"`           // signs; empty until EnsureSecretKey where none is set
	SecretKeyFallbacks []secret.Text         `env:"SECRET_KEY_FALLBACKS"` // verify only, in the order they are tried
	AllowedHosts       []string              `env:"ALLOWED_HOSTS"`        // lower case; Django's patterns: "a.example", ".example", "[::1]", "*"
	DBEngine           string                `env:"DB_ENGINE"`            // SQLite or MySQL
	DBName             string                `env:"DB_NAME"`              // path of the SQLite file, or the database on the MySQL server
	DBUser             string                `env:"DB_USER"`              // what follows is for MySQL alone
	DBPassword         secret.Text           `env:"DB_PASSWORD"`
	DBHost             string                `env:"DB_HOST"` // a name or an address, an IPv6 one without brackets
	DBPort             int                   `env:"DB_PORT"`
	DBReplicaHosts     []string              `env:"DB_REPLICA_HOSTS"`     // as set; Replicas resolves the ports
	DBTLS              string                `env:"DB_TLS"`               // TLSOff, TLSOn or the path of a file with CA certificates
	DBPoolSize         int                   `env:"DB_POOL_SIZE"`         // connections kept, 1 to 1000
	DBMaxOverflow      int                   `env:"DB_MAX_OVERFLOW"`      // connections beyond that under load, 0 to 1000
	DBPoolRecycle      int                   `env:"DB_POOL_RECYCLE"`      // seconds after which a connection is replaced, 1 to 31536000
	DBWait             int                   `env:"DB_WAIT"`              // seconds that a start waits for a server that does not answer, 0 to 3600
	AutoMigrate        bool                  `env:"AUTO_MIGRATE"`         // serve migrates a MySQL database by itself
	BrokerURL          secret.Text           `env:"BROKER_URL"`           // as set; Broker resolves it
	PageSize           int                   `env:"PAGE_SIZE"`            // users a page, 1 to 1000
	APIPermission      string                `env:"API_PERMISSION"`       // as set; Permission resolves "auto"
	CORSAllowedOrigins []string              `env:"CORS_ALLOWED_ORIGINS"` // lower case, "scheme://host[:port]"
	CORSAllowAll       bool                  `env:"CORS_ALLOW_ALL_ORIGINS"`
	EmailBackend       string                `env:"EMAIL_BACKEND"` // EmailConsole, EmailSMTP or EmailFile
	EmailHost          string                `env:"EMAIL_HOST"`    // a name or an address, an IPv6 one without brackets
	EmailPort          int                   `env:"EMAIL_PORT"`
	EmailHostUser      string                `env:"EMAIL_HOST_USER"` // empty: no login
	EmailHostPassword  secret.Text           `env:"EMAIL_HOST_PASSWORD"`
	EmailUseTLS        bool                  `env:"EMAIL_USE_TLS"`       // STARTTLS
	EmailUseSSL        bool                  `env:"EMAIL_USE_SSL"`       // TLS from the first byte
	EmailTimeoutSecs   int                   `env:"EMAIL_TIMEOUT"`       // seconds that a message may take, 1 to 600
	EmailFilePath      string                `env:"EMAIL_FILE_PATH"`     // the directory of EmailFile
	EmailTemplates     string                `env:"EMAIL_TEMPLATES"`     // a directory with the operator's templates; empty: none
	DefaultFromEmail   string                `env:"DEFAULT_FROM_EMAIL"`  // "address" or "Name <address>"
	WelcomeEmail       bool                  `env:"WELCOME_EMAIL"`       // users who are created are greeted by mail
	BackupDir          string                `env:"BACKUP_DIR"`          // where the task backup writes; empty: nowhere
	BackupKeep         int                   `env:"BACKUP_KEEP"`         // days of which it keeps a backup, 1 to 3650
	BackupKey          secret.Text           `env:"BACKUP_KEY"`          // encrypts backups; empty: they are not encrypted
	TaskKeepDays       int                   `env:"TASK_KEEP_DAYS"`      // days that done and canceled tasks are kept, 1 to 3650
	PasswordHasher     string                `env:"PASSWORD_HASHER"`     // PasswordArgon2 or PasswordPBKDF2
	PasswordMinLength  int                   `env:"PASSWORD_MIN_LENGTH"` // of staff, 1 to 128 code points
	ThrottleLogin      Rate                  `env:"THROTTLE_LOGIN"`      // of failed logins to one account
	RequireTOTP        bool                  `env:"REQUIRE_TOTP"`        // staff need a second factor
	AuditKeepDays      int                   `env:"AUDIT_KEEP_DAYS"`     // days that audit entries are kept, 0 for ever to 36500
	LogDir             string                `env:"LOG_DIR"`             // empty: console only
	LogLevel           Level                 `env:"LOG_LEVEL"`
	LogFormat          string                `env:"LOG_FORMAT"`    // "text" or "json"
	LogLevels          map[string]slog.Level `env:"LOG_LEVELS"`    // by component
	SlowQueryMillis    int                   `env:"SLOW_QUERY_MS"` // from when an operation of the database is logged, 1 to 600000
	MetricsAllow       []netip.Prefix        `env:"METRICS_ALLOW"` // whom figures are shown to; nil: see metrics.Guard
	MetricsToken       secret.Text           `env:"METRICS_TOKEN"`
	MetricsBind        string                `env:"METRICS_BIND"`                // "host:port" of a listener for figures and probes alone; empty: none
	Pprof              string                `env:"PPROF"`                       // PprofOff, PprofLocal or PprofAnywhere
	OTLPEndpoint       string                `env:"OTEL_EXPORTER_OTLP_ENDPOINT"` // a URL; empty: no traces
	OTLPHeaders        secret.Text           `env:"OTEL_EXPORTER_OTLP_HEADERS"`  // "name=value,name=value"
	TraceSample        int                   `env:"TRACE_SAMPLE_PERCENT"`        // of requests without a trace of their own, 0 to 100
	TrustedProxies     []netip.Prefix        `env:"TRUSTED_PROXIES"`
	ShutdownDelay      int                   `env:"SHUTDOWN_DELAY"` // seconds that serve goes on after a signal while it is not ready, 0 to 600
	TimeZone           string                `env:"TIME_ZONE"`      // an IANA name; Location resolves it

	flags  map[string]string // what Named returns
	shown  []Setting         // what Dump returns; the secrets are hidden already
	typos  []string          // what Warnings returns
	faults map[string]string // what the parsers said, by setting
}

// Load reads the settings from environ (entries "NAME=value") and the file
// dotenv. The environment wins; an empty value counts as not set, except
// LOG_DIR's, which turns the log files off. A missing file is no error, and
// neither are names that Roster does not know: Warnings tells of those in the
// file that are nearly a setting's. The process environment is not changed.
// For a secret NAME, NAME_FILE names a file that holds it. Flags of the command
// line win over all that; faults name the flag in the place of its setting.
//
// The error is about the file alone: it cannot be read, or a line of it is
// malformed. What is wrong with values is reported by Validate.
func Load(environ []string, dotenv string, flags ...Flag) (Config, error) {
	fromFile, err := readDotenv(dotenv)
	if err != nil {
		return Config{}, err
	}
	fromEnv, typos := env.ToMap(environ), typosIn(fromFile)
	faults := readSecretFiles(fromFile)
	maps.Copy(faults, readSecretFiles(fromEnv))
	named := map[string]string{}
	for _, f := range flags {
		fromEnv[f.Setting], named[f.Setting] = f.Value, f.Name
	}
	values, shown := merge(fromEnv, fromFile)
	c := Config{flags: named, shown: shown, typos: typos, faults: faults}
	err = env.ParseWithOptions(&c, env.Options{Environment: values, FuncMap: parsers})
	c.noteParseErrors(err)
	c.noteNumbers(values)
	return c, nil
}

// Flag is a flag of the command line that stands for a setting.
type Flag struct {
	Name    string // as it is typed, with its dashes
	Setting string
	Value   string
}

// Named returns what whoever started the process knows a setting by: the flag
// that was given for it, or its own name.
func (c Config) Named(setting string) string {
	if flag, ok := c.flags[setting]; ok {
		return flag
	}
	return setting
}

// noteParseErrors keeps what the parsers said, by setting, for Validate.
func (c *Config) noteParseErrors(err error) {
	all, _ := errors.AsType[env.AggregateError](err)
	for _, one := range all.Errors {
		var parse env.ParseError
		if !errors.As(one, &parse) {
			panic(one) // a field of Config without a parser: a defect of this package
		}
		field, _ := reflect.TypeFor[Config]().FieldByName(parse.Name)
		c.faults[field.Tag.Get("env")] = parse.Err.Error()
	}
}

// noteNumbers judges the whole numbers, in the place of what the parser said.
func (c *Config) noteNumbers(values map[string]string) {
	for _, s := range settings {
		n, err := strconv.Atoi(values[s.name])
		if s.most > 0 && (err != nil || n < s.least || n > s.most) {
			c.faults[s.name] = fmt.Sprintf("%s is not a whole number from %d to %d", quote(values[s.name]), s.least, s.most)
		}
	}
}

// Permission returns the permission class of the API when it listens on bind:
// API_PERMISSION, or for "auto" AllowAny on a loopback address and
// DjangoModelPermissions on any other.
func (c Config) Permission(bind string) string {
	switch {
	case c.APIPermission != "auto":
		return c.APIPermission
	case IsLoopback(bind):
		return "AllowAny"
	default:
		return "DjangoModelPermissions"
	}
}

// AuditKeep returns how long audit entries are kept, 0 for ever.
func (c Config) AuditKeep() time.Duration { return time.Duration(c.AuditKeepDays) * 24 * time.Hour }

// TaskKeep returns how long done and canceled tasks are kept.
func (c Config) TaskKeep() time.Duration { return time.Duration(c.TaskKeepDays) * 24 * time.Hour }

// Location returns the time zone of schedules and pages, UTC when TIME_ZONE is
// not valid.
func (c Config) Location() *time.Location {
	location, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return time.UTC
	}
	return location
}
