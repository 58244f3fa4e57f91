package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"roster/internal/fault"
	"roster/internal/zone"
)

// minSecretKey is the minimum length of a required SECRET_KEY, in characters.
const minSecretKey = 32

// Validate reports every invalid setting for a process that listens on bind
// ("host:port"). An empty bind means that the process does not listen, and
// skips the rules about that. The error has kind fault.Invalid; its Fields are
// the settings, and its message has one line per setting: the name, what is
// wrong (never a secret) and what is allowed.
func (c Config) Validate(bind string) error {
	found := map[string]string{}
	for name, message := range c.findFaults(bind) {
		if message != "" {
			found[name] = message
		}
	}
	for name, message := range c.faults {
		found[name] = message
	}
	return c.inOrder(found)
}

// findFaults returns an error message, or "", for each setting with rules
// beyond its syntax.
func (c Config) findFaults(bind string) map[string]string {
	found := map[string]string{
		"--bind":               bindFault(bind, "127.0.0.1:8000"),
		"DEBUG":                c.debugFault(bind),
		"SECRET_KEY":           c.secretKeyFault(bind),
		"SECRET_KEY_FALLBACKS": c.fallbacksFault(bind),
		"ALLOWED_HOSTS":        c.allowedHostsFault(bind),
		"ENVIRONMENT_NAME":     environmentFault(c.EnvironmentName),
		"DB_ENGINE":            oneOf(c.DBEngine, SQLite, MySQL),
		"DB_NAME":              c.databaseFault(),
		"DB_USER":              c.databaseUserFault(),
		"DB_HOST":              c.databaseHostFault(),
		"DB_REPLICA_HOSTS":     c.databaseReplicasFault(),
		"DB_TLS":               c.databaseTLSFault(),
		"BROKER_URL":           c.brokerFault(),
		"CACHE_URL":            c.cacheFault(),
		"API_PERMISSION":       oneOf(c.APIPermission, "auto", "AllowAny", "IsAuthenticated", "DjangoModelPermissions"),
		"CORS_ALLOWED_ORIGINS": firstFault(c.CORSAllowedOrigins, originFault),
		"BACKUP_DIR":           directoryFault(c.BackupDir),
		"BACKUP_KEY":           c.backupKeyFault(),
		"PASSWORD_HASHER":      oneOf(c.PasswordHasher, PasswordArgon2, PasswordPBKDF2),
		"JWT_ALGORITHM":        oneOf(c.JWTAlgorithm, JWTEdDSA, JWTRS256, JWTHS256),
		"JWT_ISSUERS":          c.issuersFault(),
		"FORCE_SCRIPT_NAME":    scriptNameFault(c.ForceScriptName),
		"LOG_FORMAT":           oneOf(c.LogFormat, "text", "json"),
		"TIME_ZONE":            zoneFault(c.TimeZone),
		"LOCALE_DIR":           directoryFault(c.LocaleDir),
	}
	maps.Copy(found, c.emailFaults())
	maps.Copy(found, c.monitoringFaults(bind))
	maps.Copy(found, c.providerFaults())
	return found
}

// inOrder joins the messages in the order of the settings.
func (c Config) inOrder(found map[string]string) error {
	var fields fault.Fields
	var lines []string
	for _, name := range append([]string{"--bind"}, c.names...) {
		if message, ok := found[name]; ok {
			fields.Add(c.Named(name), message)
			lines = append(lines, c.Named(name)+": "+message)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Message: strings.Join(lines, "\n"), Fields: fields}
}

// IsLoopback reports whether only this machine can connect to bind
// ("host:port"): 127.0.0.0/8, ::1 or localhost. No host means all addresses.
func IsLoopback(bind string) bool {
	host, _, err := net.SplitHostPort(bind)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}

// isPublic reports whether others can connect to bind: other machines, or through a
// Unix socket the proxy that it is for. A malformed
// address is reported separately, and does not affect other settings.
func isPublic(bind string) bool { return bind != "" && bindFault(bind, "") == "" && !IsLoopback(bind) }

// bindFault validates an address to listen on, or the path of a Unix socket; an empty
// one is valid.
func bindFault(bind, example string) string {
	if bind == "" {
		return ""
	}
	if path, ok := SocketPath(bind); ok {
		return socketFault(path)
	}
	_, port, err := net.SplitHostPort(bind)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	switch {
	case errors.Is(err, strconv.ErrRange):
		return quote(bind) + " has a port that is not from 0 to 65535"
	case err != nil:
		return quote(bind) + " is not of the form host:port, such as " + example
	}
	return ""
}

// sameAddress reports whether listening on one address conflicts with the
// other. Invalid addresses and port 0 never conflict.
func sameAddress(one, other string) bool {
	if bindFault(one, "") != "" || bindFault(other, "") != "" {
		return false
	}
	path, ok := SocketPath(one)
	if otherPath, alsoOK := SocketPath(other); ok || alsoOK {
		return ok && alsoOK && path == otherPath
	}
	host, port, _ := net.SplitHostPort(one)
	otherHost, otherPort, _ := net.SplitHostPort(other)
	number, _ := strconv.Atoi(port)
	otherNumber, _ := strconv.Atoi(otherPort)
	if number == 0 || number != otherNumber {
		return false
	}
	a, b := addressOf(host), addressOf(otherHost)
	return covers(a, b) || covers(b, a) || a.IsValid() && a == b || strings.EqualFold(host, otherHost)
}

// covers reports whether all is the unspecified address and includes other: an
// IPv4 one covers only IPv4.
func covers(all, other netip.Addr) bool { return all.IsUnspecified() && (all.Is6() || other.Is4()) }

// addressOf returns the address of a host to listen on, or the zero Addr for a
// name.
func addressOf(host string) netip.Addr {
	switch {
	case host == "":
		return netip.IPv6Unspecified()
	case strings.EqualFold(host, "localhost"):
		host = "127.0.0.1"
	}
	address, _ := netip.ParseAddr(host)
	return address.Unmap()
}

func (c Config) debugFault(bind string) string {
	if c.Debug && isPublic(bind) {
		return fmt.Sprintf("true is not allowed on %s, which is not a loopback address; set false, or bind to 127.0.0.1", quote(bind))
	}
	return ""
}

func (c Config) secretKeyFault(bind string) string {
	var where string
	switch {
	case isPublic(bind):
		where = "on " + quote(bind)
	case bind != "" && c.DBEngine == MySQL: // no file to store a generated key next to
		where = "with DB_ENGINE=mysql"
	case bind != "" && c.namesOthers() && !c.SecretKey.IsEmpty(): // a generated key is as good
		where = "where others can connect"
	default:
		return ""
	}
	switch length := len([]rune(c.SecretKey.Reveal())); {
	case length == 0:
		return fmt.Sprintf("required %s; set %d random characters or more", where, minSecretKey)
	case length < minSecretKey:
		return fmt.Sprintf("%d characters are too few %s; set %d random characters or more", length, where, minSecretKey)
	case c.Exposed(bind) && Guessable(c.SecretKey.Reveal(), minSecretKey):
		return fmt.Sprintf("can be guessed, because it is a repetition, a sequence or a placeholder; set %d random characters or more", minSecretKey)
	}
	return ""
}

// fallbacksFault refuses older keys that can be guessed, because their signatures
// are accepted too.
func (c Config) fallbacksFault(bind string) string {
	for i, key := range c.SecretKeyFallbacks {
		if bind != "" && c.Exposed(bind) && Guessable(key.Reveal(), minSecretKey) {
			return fmt.Sprintf("key %d can be guessed, because it is a repetition, a sequence or a placeholder; remove it", i+1)
		}
	}
	return ""
}

// minBackupKey is the minimum length of BACKUP_KEY, in characters. Anyone who
// has the file can try keys without limit.
const minBackupKey = 20

func (c Config) backupKeyFault() string {
	if length := len([]rune(c.BackupKey.Reveal())); length > 0 && length < minBackupKey {
		return fmt.Sprintf("%d characters are too few; set %d random characters or more", length, minBackupKey)
	}
	return ""
}

func (c Config) allowedHostsFault(bind string) string {
	if len(c.AllowedHosts) == 0 && isPublic(bind) {
		return fmt.Sprintf("required on %s; list the names that clients use, such as users.example.com", quote(bind))
	}
	return firstFault(c.AllowedHosts, hostFault)
}

// hostPattern matches a name, an IPv4 address or a bracketed IPv6 address, as
// in Django's ALLOWED_HOSTS.
var hostPattern = regexp.MustCompile(`^(\*|\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$`)

func hostFault(host string) string {
	if hostPattern.MatchString(host) {
		return ""
	}
	return quote(host) + " is not a host; write users.example.com, .example.com, [::1] or *, without scheme, port and path"
}

func zoneFault(name string) string {
	if _, err := zone.Load(name); err != nil {
		return err.Error()
	}
	return ""
}

// scriptNamePattern matches one or more segments of a path.
var scriptNamePattern = regexp.MustCompile(`^(/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])+$`)

const maxScriptName = 200 // bytes

func scriptNameFault(path string) string {
	if path == "" || len(path) <= maxScriptName && scriptNamePattern.MatchString(path) {
		return ""
	}
	return quote(path) + " is not a path prefix; write /roster, with a slash at the beginning and none at the end"
}

func oneOf(value string, choices ...string) string {
	if slices.Contains(choices, value) {
		return ""
	}
	last := len(choices) - 1
	return fmt.Sprintf("%s is not known; use %s or %s", quote(value), strings.Join(choices[:last], ", "), choices[last])
}

// firstFault returns the first message of judge for an item.
func firstFault(items []string, judge func(string) string) string {
	for _, item := range items {
		if message := judge(item); message != "" {
			return message
		}
	}
	return ""
}

// maxEnvironment leaves room for the rest of the header of a page, in code points.
const maxEnvironment = 40

func environmentFault(name string) string {
	if utf8.RuneCountInString(name) > maxEnvironment || strings.ContainsFunc(name, unicode.IsControl) {
		return fmt.Sprintf("%s is not a name of at most %d characters; write one such as staging", quote(name), maxEnvironment)
	}
	return ""
}
