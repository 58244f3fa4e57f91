package httpkit_test

import (
	"strings"
	"testing"

	"roster/internal/httpkit"
)

// A Host header has the characters of Django's host_validation_re alone.
func TestHosts_Characters(t *testing.T) {
	t.Parallel()
	const (
		digits = "0123456789"
		hex    = digits + "abcdefABCDEF"
		name   = digits + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-"
	)
	every := httpkit.Hosts{"*"}
	for c := range 256 {
		b := string([]byte{byte(c)})
		for header, allowed := range map[string]string{
			"a" + b + "b.example": name, b + "a.example": name, "a.example" + b: name,
			"[::1" + b + "1]": hex + ":.", "a.example:8" + b: digits, "[::1]:" + b + "0": digits,
		} {
			if got, want := every.Allow(header), strings.Contains(allowed, b); got != want && !strings.Contains("[]:", b) {
				t.Errorf("%q: got %t, want %t", header, got, want)
			}
		}
	}
	for header, want := range map[string]bool{
		"a": true, ".": true, "-": true, "a:": false, ":80": false, ":": false, "a:80:80": false, "a:0": true, "a:99999": true,
		"[]": false, "[:]": true, "[1]": false, "[::1": false, "::1": false, "::1]": false, "[[::1]]": false, "[::1]]": false, "[::1]a": false, "a[::1]": false, "[::1]:": false,
	} {
		if got := every.Allow(header); got != want {
			t.Errorf("%q: got %t, want %t", header, got, want)
		}
	}
}

// A name on the list is that host, with any port, case and final dot; one with a dot
// before it is also every host below it.
func TestHosts_Names(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hosts   httpkit.Hosts
		allowed string
		refused string
	}{
		{nil, "", "a.example localhost *"},
		{httpkit.Hosts{"a.example"}, "a.example A.Example a.example. a.example:80 a.example.:80", "b.a.example xa.example a.example.. a.exampl example"},
		{httpkit.Hosts{".a.example"}, "a.example b.a.example c.b.A.example b.a.example.", "xa.example example a.example.b"},
		{httpkit.Hosts{"A.Example"}, "a.example", "b.example"},
		{httpkit.Hosts{"x", "a.example"}, "x a.example", "y"},
		{httpkit.Hosts{"[::1]"}, "[::1] [::1]:80", "[::2] localhost"},
		{httpkit.LocalHosts(), "localhost x.localhost 127.0.0.1 [::1] LOCALHOST:8000", "127.0.0.2 [::2] localhost.example 0.0.0.0"},
	} {
		for _, header := range strings.Fields(c.allowed) {
			if !c.hosts.Allow(header) {
				t.Errorf("%q: refuses %s", c.hosts, header)
			}
		}
		for _, header := range strings.Fields(c.refused) {
			if c.hosts.Allow(header) {
				t.Errorf("%q: allows %s", c.hosts, header)
			}
		}
	}
}
