package config_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"roster/internal/config"
)

func TestBroker_Reads(t *testing.T) {
	t.Parallel()
	ca := writeCA(t)
	for value, want := range map[string]string{
		"":                              "0 []/0   tls=false  ",
		"embedded":                      "0 []/0   tls=false  ",
		"redis://localhost":             "1 [localhost:6379]/0   tls=false  ",
		"REDIS://h:1/3":                 "1 [h:1]/3   tls=false  ",
		"redis://:p%40%2F%3a@[::1]:1/":  "1 [[::1]:1]/0  p@/: tls=false  ",
		"redis://me@h":                  "1 [h:6379]/0 me  tls=false  ",
		"rediss://me:p:q@h/65535":       "1 [h:6379]/65535 me p:q tls=true  ",
		"redis+sentinel://a,b:1/main":   "2 [a:26379 b:1]/0   tls=false main ",
		"rediss+sentinel://x:y@a/m-1/2": "2 [a:26379]/2 x y tls=true m-1 ",
		"redis+sentinel://a/m?sentinel_username=u&sentinel_password=w%20w":      "2 [a:26379]/0   tls=false m u:w w",
		"redis+cluster://a:1,b:2,[::1]":                                         "3 [a:1 b:2 [::1]:6379]/0   tls=false  ",
		"rediss://h?ssl_cert_reqs=required&ssl_ca_certs=" + ca:                  "1 [h:6379]/0   tls=true  " + ca,
		"rediss://h?ssl_cert_reqs=CERT_REQUIRED":                                "1 [h:6379]/0   tls=true  ",
		"redis+sentinel://:secret@a:1/main?sentinel_password=hunter2#in%20part": "2 [a:1]/0  secret tls=false main :hunter2#in part",
	} {
		c := load(t, "", "BROKER_URL="+value)
		if err := c.Validate(""); err != nil {
			t.Errorf("%q: %v", value, err)
			continue
		}
		b := c.Broker()
		got := fmt.Sprintf("%d %v/%d %s %s tls=%t %s %s", b.Mode, b.Addresses, b.Database, b.User, b.Password.Reveal(), b.TLS, b.Master, b.CAFile)
		if b.SentinelUser+b.SentinelPassword.Reveal() != "" {
			got += b.SentinelUser + ":" + b.SentinelPassword.Reveal()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}

// What is wrong is said with what would be right, and without anything that
// could be a password.
func TestBroker_Faults(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"hunter2":                         "not a Redis URL; leave it out, or write redis://host:port, ",
		"hunter2://x":                     "the scheme hunter2:// is not supported; ",
		"amqp://me:hunter2@h//":           "the scheme amqp:// is not supported; leave it out, or write redis://",
		"redis://":                        "it has no servers, or a duplicate; write redis://[user:password@]host[:port][/number], and percent-encode",
		"redis://hunter2 x":               "it has no servers, or a duplicate; ",
		"redis://:hunter2/x@h":            "it has no servers, or a duplicate; ",
		"redis://:hunter2%@h":             "its user or password is not percent-encoded correctly; ",
		"redis://:hunter2#@h":             "its user or password is not percent-encoded correctly; ",
		"redis://h:70000":                 "it has no servers, or a duplicate; ",
		"redis://a,b":                     "several servers require redis+cluster or redis+sentinel; ",
		"redis://a/hunter2":               "the path after the servers is not a number from 0 to 65535; ",
		"redis+cluster://a,a:6379":        "it has no servers, or a duplicate; write redis+cluster://",
		"redis+sentinel://a":              "the name of the master is missing; write redis+sentinel://",
		"redis+sentinel://a/m x":          "the name of the master is missing; ",
		"redis://h?hunter2":               "unknown option in the query string; ",
		"redis://h?%":                     "the query string is malformed",
		"redis://h?ssl_ca_certs=a":        "unknown option in the query string; ",
		"rediss://h?ssl_ca_certs=nowhere": `ssl_ca_certs: "nowhere" is not a readable PEM file with CA certificates`,
		"rediss://h?ssl_cert_reqs=none":   "ssl_cert_reqs: certificates are always verified; ",
		"redis+sentinel://a/m?sentinel_password=hunter2&sentinel_password=b": "the query string has a duplicate option",
	} {
		c := load(t, "", "CELERY_BROKER_URL="+value)
		err := c.Validate("")
		if err == nil || !strings.HasPrefix(err.Error(), "BROKER_URL: (set as CELERY_BROKER_URL) "+want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want %s", value, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") && !strings.HasPrefix(value, "hunter2://") {
			t.Errorf("%v shows the password", err)
		}
		if c.Broker().Mode != config.BrokerNone {
			t.Errorf("%q: got %+v, want none", value, c.Broker())
		}
	}
}

func TestBroker_OwnNameWins(t *testing.T) {
	t.Parallel()
	c := load(t, "", "BROKER_URL=embedded", "CELERY_BROKER_URL=amqp://h")
	if err := c.Validate(""); err != nil || c.Broker().Mode != config.BrokerNone {
		t.Errorf("got %+v, %v", c.Broker(), err)
	}
	c = load(t, "BROKER_URL=redis://h", "CELERY_BROKER_URL=redis://other", "BROKER_URL=")
	if got := c.Broker().Addresses; len(got) != 1 || got[0] != "other:6379" {
		t.Errorf("got %v, want that of the environment", got)
	}
}

func TestDump_HidesLogins(t *testing.T) {
	t.Parallel()
	for _, s := range load(t, "").Dump() {
		if s.Name == "CACHE_URL" && s.Value != config.InProcess {
			t.Errorf("got %q, want the default of CACHE_URL", s.Value)
		}
	}
	for value, want := range map[string]string{
		"redis://me:hunter2@h:1/2":             "redis://[secret]@h:1/2",
		"redis://:hunt@er2@h":                  "redis://[secret]@h",
		"redis://:hunter2/x@h":                 "redis://[secret]@h",
		"redis+sentinel://a/m?sentinel_pass=x": "redis+sentinel://a/m?[secret]",
		"hunter2":                              "[secret]",
		"hunter2 x://h":                        "[secret]",
	} {
		for _, s := range load(t, "", "BROKER_URL="+value).Dump() {
			if s.Name == "BROKER_URL" && s.Value != want {
				t.Errorf("%q: got %q, want %q", value, s.Value, want)
			}
		}
	}
}

// FuzzBroker checks that what is accepted can be dialed, and that neither a
// fault nor the settings as they are shown have what stands where passwords do.
func FuzzBroker(f *testing.F) {
	for _, seed := range []string{"", ":", "a:b", "%zz", "#", "?x=y", "@", "/", "://", "x,y"} {
		f.Add(seed, "redis", "h:1/2")
		f.Add(seed, "redis+sentinel", "a,b/m")
	}
	f.Fuzz(func(t *testing.T, word, scheme, place string) {
		const mark = "hunter2"
		if strings.Contains(scheme+place, mark) {
			return
		}
		c := load(t, "", "BROKER_URL="+scheme+"://"+mark+word+"@"+place)
		err := c.Validate("")
		if err != nil && strings.Contains(err.Error(), mark) {
			t.Errorf("%v shows the password", err)
		}
		for _, s := range c.Dump() {
			if strings.Contains(s.Value, mark) {
				t.Errorf("%v shows the password", s)
			}
		}
		for _, address := range c.Broker().Addresses {
			if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
				t.Errorf("got the address %q", address)
			}
		}
	})
}
