package config_test

import (
	"errors"
	"strings"
	"testing"

	"roster/internal/config"
	"roster/internal/fault"
)

const longKey = "SECRET_KEY=q3v9Zt5Lw8Rk1Yx7Pb2Nc4Md6Hf0Gj-T"

func TestValidate_OneFault(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"DEBUG=maybe":                          `DEBUG: "maybe" is not a boolean; use true or false`,
		"PAGE_SIZE=ten":                        `PAGE_SIZE: "ten" is not a whole number from 1 to 1000`,
		"TASK_KEEP_DAYS=0":                     `TASK_KEEP_DAYS: "0" is not a whole number from 1 to 3650`,
		"PAGE_SIZE=0":                          `PAGE_SIZE: "0" is not a whole number from 1 to 1000`,
		"PAGE_SIZE=1001":                       `PAGE_SIZE: "1001" is not a whole number from 1 to 1000`,
		"ALLOWED_HOSTS=https://a.example":      `ALLOWED_HOSTS: "https://a.example" is not a host; `,
		"ALLOWED_HOSTS=a.example,b:8000":       `ALLOWED_HOSTS: "b:8000" is not a host; `,
		"ALLOWED_HOSTS=::1":                    `ALLOWED_HOSTS: "::1" is not a host; `,
		"DB_ENGINE=oracle":                     `DB_ENGINE: "oracle" is not known; use sqlite or mysql`,
		"DB_HOST=db.example.com:3306":          `DB_HOST: "db.example.com:3306" is not a host; write a name or an address, `,
		"DB_HOST=tcp(db)":                      `DB_HOST: "tcp(db)" is not a host; `,
		"DB_PORT=0":                            `DB_PORT: "0" is not a whole number from 1 to 65535`,
		"DB_PORT=65536":                        `DB_PORT: "65536" is not a whole number from 1 to 65535`,
		"DB_POOL_SIZE=0":                       `DB_POOL_SIZE: "0" is not a whole number from 1 to 1000`,
		"DB_MAX_OVERFLOW=-1":                   `DB_MAX_OVERFLOW: "-1" is not a whole number from 0 to 1000`,
		"DB_POOL_RECYCLE=24h":                  `DB_POOL_RECYCLE: "24h" is not a whole number from 1 to 31536000`,
		"AUTO_MIGRATE=sometimes":               `AUTO_MIGRATE: "sometimes" is not a boolean; use true or false`,
		"DB_NAME=:memory:":                     `DB_NAME: ":memory:" is not a plain path; `,
		"DB_NAME=file:x?mode=ro":               `DB_NAME: "file:x?mode=ro" is not a plain path; `,
		"API_PERMISSION=allowany":              `API_PERMISSION: "allowany" is not known; use auto, AllowAny, IsAuthenticated or DjangoModelPermissions`,
		"CORS_ALLOWED_ORIGINS=a.example":       `CORS_ALLOWED_ORIGINS: "a.example" is not an origin; `,
		"CORS_ALLOWED_ORIGINS=https://*.a.b":   `CORS_ALLOWED_ORIGINS: "https://*.a.b" matches no origin: patterns are not supported`,
		"CORS_ALLOWED_ORIGINS=https://ä.b":     `CORS_ALLOWED_ORIGINS: "https://ä.b" matches no origin: browsers send international names`,
		"CORS_ALLOWED_ORIGINS=https://a.b:":    `CORS_ALLOWED_ORIGINS: "https://a.b:" is not an origin; `,
		"CORS_ALLOWED_ORIGINS=https://a.b:0":   `CORS_ALLOWED_ORIGINS: "https://a.b:0" is not an origin; `,
		"CORS_ALLOWED_ORIGINS=https://a.b:080": `CORS_ALLOWED_ORIGINS: "https://a.b:080" is not an origin; `,
		"CORS_ALLOWED_ORIGINS=http://127.1":    `CORS_ALLOWED_ORIGINS: "http://127.1" is not an origin; `,
		"CORS_ALLOWED_ORIGINS=http://[::0001]": `CORS_ALLOWED_ORIGINS: "http://[::0001]" is not an origin; `,
		"CORS_ALLOWED_ORIGINS=null":            `CORS_ALLOWED_ORIGINS: "null" is not an origin; `,
		"CORS_ALLOWED_ORIGINS=https://a.b/c":   `CORS_ALLOWED_ORIGINS: "https://a.b/c" is not an origin; `,
		"CORS_ALLOWED_ORIGINS=https://u:p@a.b": `CORS_ALLOWED_ORIGINS: "https://u:p@a.b" is not an origin; `,
		"CORS_ALLOW_ALL_ORIGINS=2":             `CORS_ALLOW_ALL_ORIGINS: "2" is not a boolean; use true or false`,
		"LOG_LEVEL=LOUD":                       `LOG_LEVEL: "LOUD" is not a level; use DEBUG, INFO, WARNING, ERROR or CRITICAL`,
		"PASSWORD_HASHER=md5":                  `PASSWORD_HASHER: "md5" is not known; use argon2 or pbkdf2_sha256`,
		"PASSWORD_MIN_LENGTH=0":                `PASSWORD_MIN_LENGTH: "0" is not a whole number from 1 to 128`,
		"ENVIRONMENT_NAME=a name of more than forty characters, really": `ENVIRONMENT_NAME: "a name of more than forty characters, really" is not a name of at most 40 characters; write one such as staging`,
		"LOG_FORMAT=xml":                                  `LOG_FORMAT: "xml" is not known; use text or json`,
		"THROTTLE_SCOPES=users:read":                      `THROTTLE_SCOPES: "" is not a rate`,
		"THROTTLE_SCOPES=users=1/min":                     `THROTTLE_SCOPES: "users=1/min" is not of the form scope=rate with the scope users:read, users:write, tasks:read, tasks:write`,
		"THROTTLE_SCOPES=users:read=1/s,users:read=2/min": `THROTTLE_SCOPES: "users:read" is named twice`,
		"THROTTLE_SCOPES=users:read=0/min":                `THROTTLE_SCOPES: "0/min" is not a rate`,
		"CACHE_URL=memcached://hunter2":                   `CACHE_URL: the scheme memcached:// is not supported`,
		"LOG_LEVELS=store":                                `LOG_LEVELS: "store" is not of the form component=level`,
		"LOG_LEVELS==DEBUG":                               `LOG_LEVELS: "=DEBUG" is not of the form component=level`,
		"LOG_LEVELS=a=DEBUG,a=INFO":                       `LOG_LEVELS: "a" is named twice`,
		"SLOW_QUERY_MS=0":                                 `SLOW_QUERY_MS: "0" is not a whole number from 1 to 600000`,
		"METRICS_ALLOW=prometheus":                        `METRICS_ALLOW: "prometheus" is not a network; `,
		"METRICS_TOKEN=hunter2":                           `METRICS_TOKEN: 7 characters are too few; set 16 random characters or more`,
		"METRICS_TOKEN=hunter2hunter2 hunter2":            `METRICS_TOKEN: contains characters not allowed in a header; `,
		"METRICS_BIND=9464":                               `METRICS_BIND: "9464" is not of the form host:port, such as 127.0.0.1:9464`,
		"METRICS_BIND=:65536":                             `METRICS_BIND: ":65536" has a port that is not from 0 to 65535`,
		"METRICS_BIND=[::]:08000":                         `METRICS_BIND: "[::]:08000" and --bind "127.0.0.1:8000" are the same address; change the port of one of them`,
		"METRICS_BIND=0.0.0.0:8000":                       `METRICS_BIND: "0.0.0.0:8000" and --bind "127.0.0.1:8000" are the same address; `,
		"METRICS_BIND=LOCALHOST:8000":                     `METRICS_BIND: "LOCALHOST:8000" and --bind "127.0.0.1:8000" are the same address; `,
		"PPROF=true":                                      `PPROF: "true" is not known; use off, local or anywhere`,
		"PPROF=local":                                     `PPROF: "local" needs METRICS_BIND, `,
		"OTEL_EXPORTER_OTLP_ENDPOINT=h:4318":              `OTEL_EXPORTER_OTLP_ENDPOINT: "h:4318" is not the URL of a collector; `,
		"OTEL_EXPORTER_OTLP_HEADERS=hunter2":              `OTEL_EXPORTER_OTLP_HEADERS: an item is not of the form name=value; `,
		"TRACE_SAMPLE_PERCENT=101":                        `TRACE_SAMPLE_PERCENT: "101" is not a whole number from 0 to 100`,
		"TRUSTED_PROXIES=10.0.0.0/33":                     `TRUSTED_PROXIES: "10.0.0.0/33" is not a network; `,
		"FORCE_SCRIPT_NAME=roster":                        `FORCE_SCRIPT_NAME: "roster" is not a path prefix; `,
		"FORCE_SCRIPT_NAME=/roster/":                      `FORCE_SCRIPT_NAME: "/roster/" is not a path prefix; `,
		"FORCE_SCRIPT_NAME=/":                             `FORCE_SCRIPT_NAME: "/" is not a path prefix; `,
		"FORCE_SCRIPT_NAME=/a/../b":                       `FORCE_SCRIPT_NAME: "/a/../b" is not a path prefix; `,
		"DB_HOST=run/mysqld.sock":                         `DB_HOST: "run/mysqld.sock" is not a host; `,
		"TRUSTED_PROXIES=proxy":                           `TRUSTED_PROXIES: "proxy" is not a network; `,
		"TRUSTED_PROXIES=fe80::1%eth0":                    `TRUSTED_PROXIES: "fe80::1%eth0" is not a network; `,
		"TIME_ZONE=Mars/Olympus":                          `TIME_ZONE: "Mars/Olympus" is not a known time zone; `,
		"TIME_ZONE=localtime":                             `TIME_ZONE: "localtime" is not a known time zone; `,
		"TIME_ZONE=Berlin":                                `TIME_ZONE: "Berlin" is not a known time zone; did you mean Europe/Berlin?`,
		"TIME_ZONE=Local":                                 `TIME_ZONE: "Local" is not a known time zone; `,
	} {
		err := load(t, "", setting).Validate("127.0.0.1:8000")
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line that begins with %s", setting, err, want)
		}
	}
}

func TestValidate_AddressesThatDiffer(t *testing.T) {
	t.Parallel()
	for bind, other := range map[string]string{
		"127.0.0.1:8000": "127.0.0.1:8001", "127.0.0.1:0": "127.0.0.1:0", "127.0.0.2:8000": "127.0.0.1:8000", "localhost:8000": "other.localhost:8000",
		"0.0.0.0:8000": "[::1]:8000",
	} {
		if err := load(t, "", "METRICS_BIND="+other).Validate(bind); err != nil && strings.Contains(err.Error(), "METRICS_BIND") {
			t.Errorf("%s beside %s: got %v, want none", bind, other, err)
		}
	}
}

// The error names the flag that was typed instead of its setting.
func TestValidate_NamesTheFlag(t *testing.T) {
	t.Parallel()
	flag := config.Flag{Name: "--metrics-bind", Setting: "METRICS_BIND", Value: "0.0.0.0:1"}
	c, err := config.Load([]string{"METRICS_BIND=x", "PPROF=local"}, "", flag)
	if err != nil {
		t.Fatal(err)
	}
	want := `PPROF: "local" is not allowed while --metrics-bind is "0.0.0.0:1", `
	if err := c.Validate(""); err == nil || !strings.HasPrefix(err.Error(), want) || c.Named("PPROF") != "PPROF" {
		t.Errorf("got %v, want %s", err, want)
	}
	flag.Value = "x"
	if c, err = config.Load(nil, "", flag); err != nil {
		t.Fatal(err)
	}
	want = `--metrics-bind: "x" is not of the form host:port, such as 127.0.0.1:9464`
	if err := c.Validate(""); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestValidate_EveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	c := load(t, "LOG_FORMAT=xml\n", "DEBUG=1", "SECRET_KEY=hunter2", "PAGE_SIZE=ten", "DB_ENGINE=oracle", "LOG_LEVEL=LOUD", "TRUSTED_PROXIES=x")
	err := c.Validate("0.0.0.0:8000")
	failure, ok := errors.AsType[*fault.Error](err)
	if !ok || failure.Kind != fault.Invalid {
		t.Fatalf("got %v, want an Invalid *fault.Error", err)
	}
	lines := strings.Split(failure.Message, "\n")
	want := []string{"DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "DB_ENGINE", "PAGE_SIZE", "LOG_LEVEL", "LOG_FORMAT", "TRUSTED_PROXIES"}
	if len(lines) != len(want) || len(failure.Fields) != len(want) {
		t.Fatalf("got %d lines and %d fields, want %d of each:\n%v", len(lines), len(failure.Fields), len(want), err)
	}
	for i, name := range want {
		if !strings.HasPrefix(lines[i], name+": ") || failure.Fields[i].Name != name {
			t.Errorf("fault %d: got %q and field %s, want %s", i, lines[i], failure.Fields[i].Name, name)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v shows the secret", err)
	}
}

func TestValidate_Bind(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		bind    string
		environ []string
		want    []string // the settings at fault
	}{
		"loopback needs nothing":         {"127.0.0.1:8000", nil, nil},
		"not listening needs nothing":    {"", []string{"DEBUG=1"}, nil},
		"debug on loopback":              {"[::1]:8000", []string{"DEBUG=1", "SECRET_KEY=short"}, nil},
		"public needs key and hosts":     {":8000", nil, []string{"SECRET_KEY", "ALLOWED_HOSTS"}},
		"public with both":               {"0.0.0.0:8000", []string{longKey, "ALLOWED_HOSTS=*"}, nil},
		"public with a short key":        {"0.0.0.0:8000", []string{longKey[:len(longKey)-1], "ALLOWED_HOSTS=*"}, []string{"SECRET_KEY"}},
		"public with debug":              {"192.0.2.1:80", []string{longKey, "ALLOWED_HOSTS=a.example", "DEBUG=1"}, []string{"DEBUG"}},
		"a short key for others":         {"127.0.0.1:8000", []string{longKey[:len(longKey)-1], "TRUSTED_PROXIES=::1"}, []string{"SECRET_KEY"}},
		"no key for others":              {"127.0.0.1:8000", []string{"TRUSTED_PROXIES=::1"}, nil},
		"a guessable key behind a proxy": {"127.0.0.1:8000", []string{"SECRET_KEY=" + strings.Repeat("a", 50), "ALLOWED_HOSTS=*"}, []string{"SECRET_KEY"}},
		"a guessable key in public":      {"0.0.0.0:8000", []string{"SECRET_KEY=" + strings.Repeat("a", 50), "ALLOWED_HOSTS=*"}, []string{"SECRET_KEY"}},
		"a guessable key here":           {"127.0.0.1:8000", []string{"SECRET_KEY=" + strings.Repeat("a", 50), "ALLOWED_HOSTS=localhost"}, nil},
		"a guessable older key":          {"0.0.0.0:8000", []string{longKey, "ALLOWED_HOSTS=*", "SECRET_KEY_FALLBACKS=q3v9Zt5Lw8Rk1Yx7Pb2Nc4Md6Hf0Gj,abc"}, []string{"SECRET_KEY_FALLBACKS"}},
		"no port":                        {"127.0.0.1", []string{longKey, "ALLOWED_HOSTS=*"}, []string{"--bind"}},
		"a port that is not a number":    {"127.0.0.1:http", nil, []string{"--bind"}},
		"a port that is not on the IP":   {"127.0.0.1:65536", nil, []string{"--bind"}},
	} {
		err := load(t, "", test.environ...).Validate(test.bind)
		var got []string
		if failure, ok := errors.AsType[*fault.Error](err); ok {
			for _, field := range failure.Fields {
				got = append(got, field.Name)
			}
		}
		if strings.Join(got, " ") != strings.Join(test.want, " ") {
			t.Errorf("%s: got faults in %v, want %v", name, got, test.want)
		}
	}
}

func TestValidate_LongValueIsCut(t *testing.T) {
	t.Parallel()
	err := load(t, "", "PAGE_SIZE="+strings.Repeat("9", 5000)+"\n1").Validate("")
	if err == nil || len(err.Error()) > 200 || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one short line", err)
	}
}

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for bind, want := range map[string]bool{
		"127.0.0.1:8000": true, "127.9.9.9:1": true, "[::1]:8000": true, "localhost:8000": true, "LocalHost:0": true, "[::ffff:127.0.0.1]:80": true,
		":8000": false, "0.0.0.0:8000": false, "[::]:8000": false, "192.0.2.1:8000": false, "example.com:80": false, "127.0.0.1": false,
		"localhost.example.com:80": false, "": false,
	} {
		if got := config.IsLoopback(bind); got != want {
			t.Errorf("%q: got %t, want %t", bind, got, want)
		}
	}
}
