package config_test

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/internal/config"
)

// FuzzDotenv checks that any file gives variables or an error that names a
// line of it, and that a value written in single quotes reads back.
func FuzzDotenv(f *testing.F) {
	for _, seed := range []string{"A=1\n", "A='x\ny' # z\r\nB: \"$A\\n\"", "export A=1\nB", "'\"", "A=\"", "\uFEFFA=1", "A=$\nB=$(x)\nC=${A}", "#\n#\n=\n"} {
		f.Add([]byte(seed), seed)
	}
	f.Fuzz(func(t *testing.T, src []byte, value string) {
		values, err := config.ParseDotenv("f", src)
		if (values == nil) == (err == nil) {
			t.Errorf("got %v and %v, want one of them", values, err)
		}
		if err != nil {
			requireLine(t, src, err)
		}
		if !strings.ContainsAny(value, "'\\\r") {
			requireReadsBack(t, value)
		}
	})
}

func requireLine(t *testing.T, src []byte, err error) {
	t.Helper()
	for line := range strings.Count(string(src), "\n") + 1 {
		if strings.HasPrefix(err.Error(), "f:"+strconv.Itoa(line+1)+": ") {
			return
		}
	}
	t.Errorf("%v names no line of %q", err, src)
}

func requireReadsBack(t *testing.T, value string) {
	t.Helper()
	values, err := config.ParseDotenv("f", []byte("# head\nA='"+value+"'\nB=1\n"))
	if err != nil || values["A"] != value || values["B"] != "1" {
		t.Errorf("%q: got %q, %v", value, values, err)
	}
}

// FuzzSettings checks that no value makes Validate panic, show the secret or
// use more than a line for a setting, and that what it accepts is in range.
func FuzzSettings(f *testing.F) {
	for _, name := range []string{"PAGE_SIZE", "DEBUG", "ALLOWED_HOSTS", "CORS_ALLOWED_ORIGINS", "LOG_LEVELS", "TRUSTED_PROXIES", "TIME_ZONE", "DB_PORT", "DB_HOST"} {
		f.Add(name, "a=INFO,10.0.0.0/8,[::1],https://x", "0.0.0.0:80")
		f.Add(name, "1", ":")
	}
	f.Fuzz(func(t *testing.T, name, value, bind string) {
		c, err := config.Load([]string{"SECRET_KEY=q#hunter2#q", name + "=" + value}, "")
		if err != nil {
			t.Fatalf("Load: %v", err)
		}
		err = c.Validate(bind)
		if err != nil && strings.Contains(err.Error(), "q#hunter2#q") && !strings.Contains(value+bind, "hunter2") {
			t.Errorf("%v shows the secret", err)
		}
		if err != nil && strings.Count(err.Error(), "\n") >= len(c.Dump())+1 {
			t.Errorf("%v has more lines than settings", err)
		}
		if err == nil && (c.PageSize < 1 || c.PageSize > 1000 || c.DBPort < 1 || c.DBPort > 65535 || c.DBPoolSize < 1) {
			t.Errorf("%s=%q: accepted with PAGE_SIZE %d, DB_PORT %d, DB_POOL_SIZE %d", name, value, c.PageSize, c.DBPort, c.DBPoolSize)
		}
	})
}

// FuzzReplicas checks that what is accepted is a list of addresses that can be
// dialed, each once, and that they read back as they are.
func FuzzReplicas(f *testing.F) {
	for _, seed := range []string{"db2", "db2:3307, db3", "[::1]:1,::1", "[db]:1", "[::1%eth0]", "[::1% 00000]", "a:b:c", ":1", "[]:1", "a:0", "a:+1", ",,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		c := load(t, "", mysql("DB_REPLICA_HOSTS="+value)...)
		if c.Validate("") != nil {
			return
		}
		addresses := c.Replicas()
		if len(addresses) != len(c.DBReplicaHosts) {
			t.Errorf("got %q of %q", addresses, c.DBReplicaHosts)
		}
		for _, address := range addresses {
			host, port, err := net.SplitHostPort(address)
			if n, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil || n == 0 || host == "" || strings.ContainsAny(host, "[]/ ,") {
				t.Errorf("got %q of %q", address, value)
			}
		}
		again := load(t, "", mysql("DB_REPLICA_HOSTS="+strings.Join(addresses, ","))...)
		if err := again.Validate(""); err != nil || !slices.Equal(again.Replicas(), addresses) {
			t.Errorf("%q: got %q, %v when read again", addresses, again.Replicas(), err)
		}
	})
}
