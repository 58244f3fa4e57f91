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

// Embedded is the value of BROKER_URL that stands for the table of tasks alone.
const Embedded = "embedded"

// BrokerMode says what the addresses of a Broker are.
type BrokerMode int

// The modes.
const (
	BrokerNone     BrokerMode = iota // there is no Redis: the broker is embedded
	BrokerSingle                     // one server
	BrokerSentinel                   // sentinels, which know the server
	BrokerCluster                    // nodes of a cluster
)

// Broker says how to reach the Redis that BROKER_URL names.
type Broker struct {
	Mode      BrokerMode
	Addresses []string // "host:port", an IPv6 host in brackets; one at least unless there is no Redis
	Database  int      // keeps installations apart that share a Redis; 0 or more
	User      string   // "" is Redis's default user
	Password  secret.Text
	TLS       bool
	CAFile    string // PEM; "" trusts what the system trusts

	Master           string // the name by which the sentinels know the server
	SentinelUser     string
	SentinelPassword secret.Text
}

// Broker returns what BROKER_URL says. One that is not valid, which Validate
// reports, is as none.
func (c Config) Broker() Broker {
	b, err := parseBroker(c.BrokerURL.Reveal())
	if err != nil {
		return Broker{}
	}
	return b
}

// brokerFault judges BROKER_URL. It says nothing of what is in the URL but its
// scheme: in one that is not valid anything may be the password.
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

// brokerScheme is what a scheme of BROKER_URL stands for.
type brokerScheme struct {
	mode BrokerMode
	port string // where none is given
	form string // what to write
}

var brokerSchemes = map[string]brokerScheme{
	"redis":          {BrokerSingle, "6379", "[user:password@]host[:port][/number]"},
	"redis+sentinel": {BrokerSentinel, "26379", "[user:password@]host[:port][,host[:port]…]/master[/number]"},
	"redis+cluster":  {BrokerCluster, "6379", "[user:password@]host[:port][,host[:port]…]"},
}

const brokerChoice = "leave it out, or write redis://host:port, rediss://… with TLS, redis+sentinel://host:port,host:port/master or redis+cluster://host:port,host:port"

// schemePattern is what may be shown of a URL that is not valid.
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
		return Broker{}, errors.New("no URL of a broker; " + brokerChoice)
	case !known:
		return Broker{}, fmt.Errorf("a broker %s:// is not supported; %s", name, brokerChoice)
	}
	b.Mode = scheme.mode
	rest, query, _ := strings.Cut(rest, "?")
	if err := b.readPlace(rest, scheme.port); err != nil {
		return Broker{}, fmt.Errorf("%w; write %s://%s, with %%XX for what is special in a password", err, name, scheme.form)
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
			return errors.New("it names no servers, or one twice")
		}
		b.Addresses = append(b.Addresses, address)
	}
	if b.Mode == BrokerSingle && len(b.Addresses) > 1 {
		return errors.New("it names more than one server, which are a cluster or sentinels")
	}
	return b.readPath(path)
}

func parseLogin(text string) (user string, password secret.Text, err error) {
	name, word, _ := strings.Cut(text, ":")
	if user, err = url.PathUnescape(name); err == nil {
		word, err = url.PathUnescape(word)
	}
	if err != nil || strings.ContainsAny(text, "#") {
		return "", secret.Text{}, errors.New("its user or password is not written as in a URL")
	}
	return user, secret.New(word), nil
}

// readPath reads the name of the master, where sentinels need one, and the number.
func (b *Broker) readPath(path string) error {
	if b.Mode == BrokerSentinel {
		b.Master, path, _ = strings.Cut(path, "/")
		if !masterPattern.MatchString(b.Master) {
			return errors.New("it does not name the master")
		}
	}
	if path == "" {
		return nil
	}
	number, err := strconv.ParseUint(path, 10, 16)
	if err != nil {
		return errors.New("what follows the servers is no number from 0 to 65535")
	}
	b.Database = int(number)
	return nil
}

var masterPattern = regexp.MustCompile(`^[A-Za-z0-9._-]+$`) // as sentinels take it

// readOptions reads what follows the question mark.
func (b *Broker) readOptions(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("what follows the ? is not written as in a URL")
	}
	for name, value := range values {
		switch {
		case len(value) > 1:
			return errors.New("what follows the ? says something twice")
		case name == "ssl_ca_certs" && b.TLS:
			if b.CAFile = value[0]; !hasCertificates(b.CAFile) {
				return fmt.Errorf("ssl_ca_certs: %s is no readable file with CA certificates in PEM", quote(b.CAFile))
			}
		case name == "ssl_cert_reqs" && b.TLS:
			if !slices.Contains([]string{"required", "CERT_REQUIRED"}, value[0]) {
				return errors.New("ssl_cert_reqs: certificates are verified always; leave it out, and name the CA that you trust with ssl_ca_certs")
			}
		case name == "sentinel_username" && b.Mode == BrokerSentinel:
			b.SentinelUser = value[0]
		case name == "sentinel_password" && b.Mode == BrokerSentinel:
			b.SentinelPassword = secret.New(value[0])
		default:
			return errors.New("what follows the ? is not known; there are ssl_ca_certs and ssl_cert_reqs with rediss, and sentinel_username and sentinel_password with sentinels")
		}
	}
	return nil
}

// hideLogin shows a URL without what may be secret: all between :// and the last
// @, and all behind a question mark.
func hideLogin(text string) string {
	if text == Embedded {
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
