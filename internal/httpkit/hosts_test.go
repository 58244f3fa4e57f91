package httpkit_test

import (
	"strings"
	"testing"

	"roster/internal/httpkit"
)

func TestHosts_Allow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		hosts  httpkit.Hosts
		header string
		want   bool
	}{
		{httpkit.Hosts{"*"}, "example.com", true},
		{httpkit.Hosts{"*"}, "API.Example.NET:8080", true},
		{httpkit.Hosts{"*"}, "[::1]:8000", true},
		{httpkit.Hosts{"*"}, "[::1]", true},
		{httpkit.Hosts{"*"}, "", false},
		{httpkit.Hosts{"*"}, "bad_host", false},
		{httpkit.Hosts{"*"}, "a b", false},
		{httpkit.Hosts{"*"}, "example.com:", false},
		{httpkit.Hosts{"*"}, "example.com:80a", false},
		{httpkit.Hosts{"*"}, "example.com:80:81", false},
		{httpkit.Hosts{"*"}, "::1", false},
		{httpkit.Hosts{"*"}, "[::1", false},
		{httpkit.Hosts{"*"}, "[abcd]", false},
		{httpkit.Hosts{"*"}, "evil.example/path", false},
		{httpkit.Hosts{"*"}, "user@example.com", false},
		{httpkit.Hosts{"*"}, "é.example", false},
		{httpkit.Hosts{"example.com"}, "example.com", true},
		{httpkit.Hosts{"example.com"}, "EXAMPLE.com.", true},
		{httpkit.Hosts{"example.com"}, "www.example.com", false},
		{httpkit.Hosts{"example.com"}, "example.com.evil.net", false},
		{httpkit.Hosts{".example.com"}, "example.com:1", true},
		{httpkit.Hosts{".example.com"}, "www.example.com", true},
		{httpkit.Hosts{".example.com"}, "evilexample.com", false},
		{httpkit.Hosts{"a.example", "[::1]"}, "[::1]:80", true},
		{nil, "example.com", false},
	}
	for _, tt := range tests {
		if got := tt.hosts.Allow(tt.header); got != tt.want {
			t.Errorf("%q.Allow(%q): got %v, want %v", tt.hosts, tt.header, got, tt.want)
		}
	}
}

func FuzzHosts(f *testing.F) {
	for _, seed := range []string{"example.com", "[::1]:80", "bad_host", "a.b:99999", ".", "EXAMPLE.COM."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if !(httpkit.Hosts{"*"}).Allow(header) {
			return
		}
		if strings.ContainsAny(header, "/\\@ \t\r\n\x00<>\"'?#_%") {
			t.Errorf("%q is allowed, with a character that no host has", header)
		}
		if (httpkit.Hosts{"example.com"}).Allow(header) && !strings.HasPrefix(strings.ToLower(header), "example.com") {
			t.Errorf("%q passes for example.com", header)
		}
	})
}
