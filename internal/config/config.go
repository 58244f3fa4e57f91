// Package config reads settings from the environment and a .env file, validates
// all of them together, and displays them without secrets.
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
	"roster/internal/zone"
)

// The values of DB_ENGINE.
const (
	SQLite = "sqlite"
	MySQL  = "mysql"
)

// The values of DB_TLS besides a file path.
const (
	TLSOff = "off" // no encryption
	TLSOn  = "on"  // with a certificate trusted by the system
)

// Config holds the settings of one process. Load returns one; use it only after
// Validate has returned nil. It does not change after that, except by
// EnsureSecretKey. An unset list is nil.
//
// The tags of a field are its setting: env is the name, default the value when
// unset, and range the smallest and the largest integer. also is another name,
// used by Celery. mask:"login" shows a URL without user and password, and
// blank:"true" makes an empty value count as set.
type Config struct {
	Debug              bool          `env:"DEBUG" default:"false"`
	SecretKey          secret.Text   `env:"SECRET_KEY"`           // signs; if unset, empty until EnsureSecretKey
	SecretKeyFallbacks []secret.Text `env:"SECRET_KEY_FALLBACKS"` // verify only, in that order
	AllowedHosts       []string      `env:"ALLOWED_HOSTS"`        // lower case; Django's patterns: "a.example", ".example", "[::1]", "*"
	EnvironmentName    string        `env:"ENVIRONMENT_NAME"`     // in the header of every page, such as "staging"; empty: none

	DBEngine       string      `env:"DB_ENGINE" default:"sqlite"`   // SQLite or MySQL
	DBName         string      `env:"DB_NAME" default:"db.sqlite3"` // path of the SQLite file, or the database on the MySQL server
	DBUser         string      `env:"DB_USER"`                      // this and the following DB settings are for MySQL only
	DBPassword     secret.Text `env:"DB_PASSWORD"`
	DBHost         string      `env:"DB_HOST" default:"127.0.0.1"` // a name, an address (IPv6 without brackets), or the path of a Unix socket
	DBPort         int         `env:"DB_PORT" default:"3306" range:"1-65535"`
	DBReplicaHosts []string    `env:"DB_REPLICA_HOSTS"`                                   // as set; Replicas resolves the ports
	DBTLS          string      `env:"DB_TLS" default:"off"`                               // TLSOff, TLSOn or the path of a file with CA certificates
	DBPoolSize     int         `env:"DB_POOL_SIZE" default:"10" range:"1-1000"`           // connections kept
	DBMaxOverflow  int         `env:"DB_MAX_OVERFLOW" default:"10" range:"0-1000"`        // additional connections under load
	DBPoolRecycle  int         `env:"DB_POOL_RECYCLE" default:"86400" range:"1-31536000"` // seconds after which a connection is replaced
	DBProcesses    int         `env:"DB_PROCESSES" default:"1" range:"1-10000"`           // processes that use the server at most, for the checks
	DBWait         int         `env:"DB_WAIT" default:"60" range:"0-3600"`                // seconds to wait at start for an unavailable server
	AutoMigrate    bool        `env:"AUTO_MIGRATE" default:"false"`                       // serve migrates a MySQL database

	BrokerURL          secret.Text `env:"BROKER_URL" default:"embedded" also:"CELERY_BROKER_URL" mask:"login"` // as set; Broker resolves it
	CacheURL           secret.Text `env:"CACHE_URL" default:"in-process" mask:"login"`                         // as set; Cache resolves it
	PageSize           int         `env:"PAGE_SIZE" default:"10" range:"1-1000"`                               // users per page
	APIPermission      string      `env:"API_PERMISSION" default:"auto"`                                       // as set; Permission resolves "auto"
	APIBasicAuth       bool        `env:"API_BASIC_AUTH" default:"true"`                                       // the API accepts the passwords of staff accounts
	CORSAllowedOrigins []string    `env:"CORS_ALLOWED_ORIGINS"`                                                // lower case, "scheme://host[:port]"
	CORSAllowAll       bool        `env:"CORS_ALLOW_ALL_ORIGINS" default:"false"`

	EmailBackend      string      `env:"EMAIL_BACKEND" default:"console"` // EmailConsole, EmailSMTP or EmailFile
	EmailHost         string      `env:"EMAIL_HOST" default:"localhost"`  // a name or an address, an IPv6 one without brackets
	EmailPort         int         `env:"EMAIL_PORT" default:"25" range:"1-65535"`
	EmailHostUser     string      `env:"EMAIL_HOST_USER"` // empty: no login
	EmailHostPassword secret.Text `env:"EMAIL_HOST_PASSWORD"`
	EmailEHLOName     string      `env:"EMAIL_EHLO_NAME"`                                  // name for EHLO: a host name or an address literal; empty: the full name of the machine
	EmailUseTLS       bool        `env:"EMAIL_USE_TLS" default:"false"`                    // STARTTLS
	EmailUseSSL       bool        `env:"EMAIL_USE_SSL" default:"false"`                    // implicit TLS
	EmailTimeoutSecs  int         `env:"EMAIL_TIMEOUT" default:"30" range:"1-600"`         // timeout per message in seconds
	SiteURL           string      `env:"SITE_URL"`                                         // public address for links in mail: "https://host[:port][/path]"; as set, SiteAddress resolves it
	EmailFilePath     string      `env:"EMAIL_FILE_PATH"`                                  // the directory of EmailFile
	EmailTemplates    string      `env:"EMAIL_TEMPLATES"`                                  // directory of custom templates; empty: none
	WelcomeEmail      bool        `env:"WELCOME_EMAIL" default:"false"`                    // send a welcome mail to new users
	SecurityNotices   bool        `env:"SECURITY_NOTICES" default:"true"`                  // mail staff about changes of their account, and logins on new devices
	TaskKeepDays      int         `env:"TASK_KEEP_DAYS" default:"7" range:"1-3650"`        // days to keep done and canceled tasks
	DeadTaskKeepDays  int         `env:"DEAD_TASK_KEEP_DAYS" default:"0" range:"0-36500"`  // days to keep dead tasks; 0: forever
	TrashKeepDays     int         `env:"TRASH_KEEP_DAYS" default:"30" range:"0-36500"`     // days to keep deleted users; 0: they are deleted at once
	ReportKeepDays    int         `env:"REPORT_KEEP_DAYS" default:"0" range:"0-36500"`     // days to keep daily reports; 0: forever
	DefaultFromEmail  string      `env:"DEFAULT_FROM_EMAIL" default:"webmaster@localhost"` // "address" or "Name <address>"

	BackupDir  string      `env:"BACKUP_DIR"`                             // directory of the task backup; empty: none
	BackupKeep int         `env:"BACKUP_KEEP" default:"7" range:"1-3650"` // days to keep backups
	BackupKey  secret.Text `env:"BACKUP_KEY"`                             // encrypts backups; empty: they are not encrypted

	PasswordHasher    string          `env:"PASSWORD_HASHER" default:"argon2"`                // PasswordArgon2 or PasswordPBKDF2
	PasswordMinLength int             `env:"PASSWORD_MIN_LENGTH" default:"12" range:"1-128"`  // for staff, in code points
	ThrottleLogin     Rate            `env:"THROTTLE_LOGIN" default:"10/5min"`                // of failed logins per account
	ThrottleAnon      OptionalRate    `env:"THROTTLE_ANON" default:"off"`                     // of API requests without a credential, per address
	ThrottleUser      OptionalRate    `env:"THROTTLE_USER" default:"off"`                     // of API requests per account
	ThrottleScopes    map[string]Rate `env:"THROTTLE_SCOPES"`                                 // of API requests per account or address, by the scope of the route
	RequireTOTP       bool            `env:"REQUIRE_TOTP" default:"false"`                    // staff need a second factor
	OIDCProviders     []string        `env:"OIDC_PROVIDERS"`                                  // names; each has settings of its own: Providers
	JWTAlgorithm      string          `env:"JWT_ALGORITHM" default:"EdDSA"`                   // JWTEdDSA, JWTRS256 or JWTHS256
	JWTIssuers        List            `env:"JWT_ISSUERS"`                                     // others whose access tokens are accepted: Issuers
	JWTAccessMinutes  int             `env:"JWT_ACCESS_MINUTES" default:"5" range:"1-1440"`   // lifetime of an access token
	JWTRefreshDays    int             `env:"JWT_REFRESH_DAYS" default:"1" range:"1-365"`      // lifetime of a refresh token
	AuditKeepDays     int             `env:"AUDIT_KEEP_DAYS" default:"0" range:"0-36500"`     // days to keep audit entries; 0: forever
	AdminLogKeepDays  int             `env:"ADMIN_LOG_KEEP_DAYS" default:"0" range:"0-36500"` // days to keep rows of Django's admin log; 0: forever

	LogDir     string                `env:"LOG_DIR" default:"logs" blank:"true"` // empty: console only
	LogLevel   Level                 `env:"LOG_LEVEL" default:"INFO"`
	LogFormat  string                `env:"LOG_FORMAT" default:"text"`                 // "text" or "json"
	LogLevels  map[string]slog.Level `env:"LOG_LEVELS"`                                // by component
	LogMaxSize int                   `env:"LOG_MAX_SIZE" default:"10" range:"1-10000"` // MiB of a log file before it is rotated
	LogBackups int                   `env:"LOG_BACKUPS" default:"10" range:"1-1000"`   // rotated files kept of each
	LogClients bool                  `env:"LOG_CLIENTS" default:"false"`               // request lines have the address and the account: personal data

	SlowQueryMillis int            `env:"SLOW_QUERY_MS" default:"500" range:"1-600000"` // threshold for logging a database operation
	MetricsAllow    []netip.Prefix `env:"METRICS_ALLOW"`                                // who may read metrics; nil: see metrics.Guard
	MetricsToken    secret.Text    `env:"METRICS_TOKEN"`
	MetricsBind     string         `env:"METRICS_BIND"`                                     // "host:port" of a separate listener for metrics and probes; empty: none
	Pprof           string         `env:"PPROF" default:"off"`                              // PprofOff, PprofLocal or PprofAnywhere
	OTLPEndpoint    string         `env:"OTEL_EXPORTER_OTLP_ENDPOINT"`                      // a URL; empty: no traces
	OTLPHeaders     secret.Text    `env:"OTEL_EXPORTER_OTLP_HEADERS"`                       // "name=value,name=value"
	TraceSample     int            `env:"TRACE_SAMPLE_PERCENT" default:"100" range:"0-100"` // of requests without an incoming trace

	TrustedProxies  []netip.Prefix `env:"TRUSTED_PROXIES"`
	ForceScriptName string         `env:"FORCE_SCRIPT_NAME"`                        // path prefix that a proxy strips, such as "/roster"; empty: none, or as X-Forwarded-Prefix says
	ShutdownDelay   int            `env:"SHUTDOWN_DELAY" default:"0" range:"0-600"` // seconds to keep serving, unready, after a signal
	TimeZone        string         `env:"TIME_ZONE" default:"UTC"`                  // an IANA name; Location resolves it
	LanguageCode    string         `env:"LANGUAGE_CODE" default:"en-us"`            // of pages, as Django writes it: "zh-hans"
	LocaleDir       string         `env:"LOCALE_DIR"`                               // directory of more languages, CODE.po; empty: none

	flags     map[string]string // what Named returns
	shown     []Setting         // what Dump returns, with secrets already hidden
	typos     []string          // what Warnings returns
	faults    map[string]string // parse errors, by setting
	names     []string          // of all settings, in the order of the documentation
	providers []Provider        // what Providers returns
}

// Load reads the settings from environ (entries "NAME=value") and the file
// dotenv. The environment takes precedence. An empty value counts as unset,
// except for LOG_DIR, where it disables log files. A missing file is not an
// error, and neither are unknown names; Warnings reports names in the file that
// look like misspelled settings. Load does not change the process environment.
// For a secret NAME, NAME_FILE is the path of a file that contains it.
// Command-line flags override everything; error messages then name the flag
// instead of the setting.
//
// The error is only about the file: it cannot be read, or a line is malformed.
// Validate reports invalid values.
func Load(environ []string, dotenv string, flags ...Flag) (Config, error) {
	fromFile, err := readDotenv(dotenv)
	if err != nil {
		return Config{}, err
	}
	return load(environ, fromFile, SourceDotenv, flags)
}

// load reads the settings from environ and the variables of a file.
func load(environ []string, fromFile map[string]string, file string, flags []Flag) (Config, error) {
	fromEnv, named := env.ToMap(environ), map[string]string{}
	for _, f := range flags {
		fromEnv[f.Setting], named[f.Setting] = f.Value, f.Name
	}
	all := withProviders(fromEnv, fromFile, file)
	faults := readSecretFiles(all, fromFile)
	maps.Copy(faults, readSecretFiles(all, fromEnv))
	values, shown := merge(all, fromEnv, fromFile, file)
	c := Config{flags: named, shown: shown, faults: faults, names: namesOf(all)}
	c.typos = typosIn(file, fromFile, c.names)
	c.noteParseErrors(reflect.TypeFor[Config](), "", env.ParseWithOptions(&c, env.Options{Environment: values, FuncMap: parsers}))
	c.readProviders(values)
	c.noteNumbers(values)
	return c, nil
}

// Flag is a command-line flag that overrides a setting.
type Flag struct {
	Name    string // as typed, with dashes
	Setting string
	Value   string
}

// Named returns the name under which the setting was set: the command-line
// flag, if one was given, or its own name.
func (c Config) Named(setting string) string {
	if flag, ok := c.flags[setting]; ok {
		return flag
	}
	return setting
}

// noteParseErrors stores the parse errors of a struct, by setting, for Validate.
// The names of its settings begin with the prefix.
func (c *Config) noteParseErrors(t reflect.Type, prefix string, err error) {
	all, _ := errors.AsType[env.AggregateError](err)
	for _, one := range all.Errors {
		var parse env.ParseError
		if !errors.As(one, &parse) {
			panic(one) // a field without a parser: a defect of this package
		}
		field, _ := t.FieldByName(parse.Name)
		c.faults[prefix+field.Tag.Get("env")] = parse.Err.Error()
	}
}

// noteNumbers validates integers, replacing the parse errors.
func (c *Config) noteNumbers(values map[string]string) {
	for _, s := range settings {
		n, err := strconv.Atoi(values[s.name])
		if s.most > 0 && (err != nil || n < s.least || n > s.most) {
			c.faults[s.name] = fmt.Sprintf("%s is not a whole number from %d to %d", quote(values[s.name]), s.least, s.most)
		}
	}
}

// Permission returns the permission class of the API for a server that listens
// on bind: API_PERMISSION, or for "auto" DjangoModelPermissions on an exposed
// address and AllowAny on any other.
func (c Config) Permission(bind string) string {
	switch {
	case c.APIPermission != "auto":
		return c.APIPermission
	case c.Exposed(bind):
		return "DjangoModelPermissions"
	default:
		return "AllowAny"
	}
}

// TaskKeep returns how long to keep done and canceled tasks.
func (c Config) TaskKeep() time.Duration { return Days(c.TaskKeepDays) }

// Days returns the duration of a number of days.
func Days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// Location returns the time zone of schedules and pages, UTC if TIME_ZONE is
// invalid.
func (c Config) Location() *time.Location {
	location, err := zone.Load(c.TimeZone)
	if err != nil {
		return time.UTC
	}
	return location
}
