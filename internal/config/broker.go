package config

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"roster/internal/secret"
)

// Embedded is the value of BROKER_URL that means no broker besides the task
// table.
const Embedded = "embedded"

// BrokerMode determines the meaning of a Broker's addresses.
type BrokerMode int

// The modes.
const (
	BrokerNone     BrokerMode = iota // no Redis: the broker is embedded
	BrokerSingle                     // one server
	BrokerSentinel                   // sentinels, which locate the server
	BrokerCluster                    // nodes of a cluster
)

// InProcess is the value of CACHE_URL that means no Redis.
const InProcess = "in-process"

// Broker describes how to connect to the Redis of BROKER_URL or CACHE_URL.
type Broker struct {
	Mode      BrokerMode
	Addresses []string // "host:port", an IPv6 host in brackets; at least one unless Mode is BrokerNone
	Database  int      // separates installations that share a Redis; at least 0
	User      string   // "" is Redis's default user
	Password  secret.Text
	TLS       bool
	CAFile    string // PEM; "" means the system's CAs

	Master           string // the sentinels' name for the server
	SentinelUser     string
	SentinelPassword secret.Text
}

// Broker parses BROKER_URL. If it is invalid, which Validate reports, the mode
// is BrokerNone.
func (c Config) Broker() Broker {
	b, err := parseBroker(c.BrokerURL.Reveal())
	if err != nil {
		return Broker{}
	}
	return b
}

// Cache parses CACHE_URL, as Broker does BROKER_URL.
func (c Config) Cache() Broker {
	b, err := c.parseCache()
	if err != nil {
		return Broker{}
	}
	return b
}

func (c Config) parseCache() (Broker, error) {
	text := c.CacheURL.Reveal()
	if text == InProcess {
		return Broker{}, nil
	}
	return parseBroker(text)
}

// cacheFault validates CACHE_URL, as brokerFault does BROKER_URL.
func (c Config) cacheFault() string {
	if _, err := c.parseCache(); err != nil {
		return err.Error()
	}
	return ""
}

// brokerFault validates BROKER_URL. The message shows only the scheme, because
// anything in an invalid URL may be the password.
func (c Config) brokerFault() string {
	_, err := parseBroker(c.BrokerURL.Reveal())
	if err == nil {
		return ""
	}
	for _, s := range c.shown {
		if _, as, other := strings.Cut(s.Source, setAs); other && s.Name == "BROKER_URL" {
			return fmt.Sprintf("(set as %s) %v", as, err)
		}
	}
	return err.Error()
}

// brokerScheme describes a scheme of BROKER_URL.
type brokerScheme struct {
	mode BrokerMode
	port string // default port
	form string // example for messages
}

var brokerSchemes = map[string]brokerScheme{
	"redis":          {BrokerSingle, "6379", "[user:password@]host[:port][/number]"},
	"redis+sentinel": {BrokerSentinel, "26379", "[user:password@]host[:port][,host[:port]…]/master[/number]"},
	"redis+cluster":  {BrokerCluster, "6379", "[user:password@]host[:port][,host[:port]…]"},
}

const brokerChoice = "leave it out, or write redis://host:port, rediss://… with TLS, redis+sentinel://host:port,host:port/master or redis+cluster://host:port,host:port"

// schemePattern matches the part of an invalid URL that may be shown.
var schemePattern = regexp.MustCompile(`^[a-z][a-z0-9+]{0,15}$`)

func parseBroker(text string) (b Broker, err error) {
	if text == Embedded || text == "" {
		return Broker{}, nil
	}
	name, rest, ok := strings.Cut(text, "://")
	name = strings.ToLower(name)
	plain := name
	if found, secure := strings.CutPrefix(name, "rediss"); secure {
		plain, b.TLS = "redis"+found, true
	}
	scheme, known := brokerSchemes[plain]
	switch {
	case !ok || !schemePattern.MatchString(name):
		return Broker{}, errors.New("not a Redis URL; " + brokerChoice)
	case !known:
		return Broker{}, fmt.Errorf("the scheme %s:// is not supported; %s", name, brokerChoice)
	}
	b.Mode = scheme.mode
	rest, query, _ := strings.Cut(rest, "?")
	if err := b.readPlace(rest, scheme.port); err != nil {
		return Broker{}, fmt.Errorf("%w; write %s://%s, and percent-encode special characters in the password", err, name, scheme.form)
	}
	if err := b.readOptions(query); err != nil {
		return Broker{}, err
	}
	return b, nil
}

// readPlace reads [user[:password]@]hosts[/path].
func (b *Broker) readPlace(text, port string) (err error) {
	authority, path, _ := strings.Cut(text, "/")
	hosts := authority
	if i := strings.LastIndex(authority, "@"); i >= 0 {
		hosts = authority[i+1:]
		if b.User, b.Password, err = parseLogin(authority[:i]); err != nil {
			return err
		}
	}
	for _, item := range strings.Split(hosts, ",") {
		address, ok := serverAddress(item, port)
		if !ok || slices.Contains(b.Addresses, address) {
			return errors.New("it has no servers, or a duplicate")
		}
		b.Addresses = append(b.Addresses, address)
	}
	if b.Mode == BrokerSingle && len(b.Addresses) > 1 {
		return errors.New("several servers require redis+cluster or redis+sentinel")
	}
	return b.readPath(path)
}

func parseLogin(text string) (user string, password secret.Text, err error) {
	name, word, _ := strings.Cut(text, ":")
	if user, err = url.PathUnescape(name); err == nil {
		word, err = url.PathUnescape(word)
	}
	if err != nil || strings.ContainsAny(text, "#") {
		return "", secret.Text{}, errors.New("its user or password is not percent-encoded correctly")
	}
	return user, secret.New(word), nil
}

// readPath reads the master's name, for sentinels, and the database number.
func (b *Broker) readPath(path string) error {
	if b.Mode == BrokerSentinel {
		b.Master, path, _ = strings.Cut(path, "/")
		if !masterPattern.MatchString(b.Master) {
			return errors.New("the name of the master is missing")
		}
	}
	if path == "" {
		return nil
	}
	number, err := strconv.ParseUint(path, 10, 16)
	if err != nil {
		return errors.New("the path after the servers is not a number from 0 to 65535")
	}
	b.Database = int(number)
	return nil
}

var masterPattern = regexp.MustCompile(`^[A-Za-z0-9._-]+$`) // the characters that sentinels accept

// readOptions reads the query string.
func (b *Broker) readOptions(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("the query string is malformed")
	}
	for name, value := range values {
		switch {
		case len(value) > 1:
			return errors.New("the query string has a duplicate option")
		case name == "ssl_ca_certs" && b.TLS:
			if b.CAFile = value[0]; !hasCertificates(b.CAFile) {
				return fmt.Errorf("ssl_ca_certs: %s is not a readable PEM file with CA certificates", quote(b.CAFile))
			}
		case name == "ssl_cert_reqs" && b.TLS:
			if !slices.Contains([]string{"required", "CERT_REQUIRED"}, value[0]) {
				return errors.New("ssl_cert_reqs: certificates are always verified; remove it, and set a trusted CA with ssl_ca_certs")
			}
		case name == "sentinel_username" && b.Mode == BrokerSentinel:
			b.SentinelUser = value[0]
		case name == "sentinel_password" && b.Mode == BrokerSentinel:
			b.SentinelPassword = secret.New(value[0])
		default:
			return errors.New("unknown option in the query string; use ssl_ca_certs or ssl_cert_reqs with rediss, sentinel_username or sentinel_password with sentinels")
		}
	}
	return nil
}

// hideLogin returns a URL without parts that may be secret: everything between
// :// and the last @, and everything after a question mark.
func hideLogin(text string) string {
	if text == Embedded || text == InProcess {
		return text
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || !schemePattern.MatchString(strings.ToLower(scheme)) {
		return secret.Redacted
	}
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		rest = secret.Redacted + rest[i:]
	}
	if before, _, found := strings.Cut(rest, "?"); found {
		rest = before + "?" + secret.Redacted
	}
	return scheme + "://" + rest
}
