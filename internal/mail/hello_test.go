package mail_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"roster/internal/mail"
)

// directory resolves as a test says: canonical names, addresses of names, names of
// addresses.
type directory struct {
	canonical        map[string]string
	hosts, addresses map[string][]string
}

func (n directory) LookupCNAME(_ context.Context, host string) (string, error) {
	if name := n.canonical[host]; name != "" {
		return name, nil
	}
	return "", errors.New("no such host")
}

func (n directory) LookupHost(_ context.Context, host string) ([]string, error) {
	return n.hosts[host], nil
}

func (n directory) LookupAddr(_ context.Context, address string) ([]string, error) {
	return n.addresses[address], nil
}

func TestFullName(t *testing.T) {
	t.Parallel()
	hosts := map[string][]string{"vm": {"127.0.1.1", "192.0.2.1"}}
	for _, test := range []struct {
		hostname  string
		directory directory
		want      string
	}{
		{"vm.example.com", directory{}, "vm.example.com"},
		{"vm.example.com.", directory{}, "vm.example.com"},
		{"vm", directory{canonical: map[string]string{"vm": "vm.example.com."}}, "vm.example.com"},
		{"vm", directory{canonical: map[string]string{"vm": "vm."}, hosts: hosts, addresses: map[string][]string{"192.0.2.1": {"vm", "vm.example.com."}}}, "vm.example.com"},
		{"vm", directory{hosts: hosts, addresses: map[string][]string{"127.0.1.1": {"localhost.localdomain", "vm"}}}, ""},
		{"localhost.localdomain", directory{}, ""},
		{"vm", directory{}, ""},
		{"a b.example", directory{}, ""},
		{"", directory{}, ""},
	} {
		if got := mail.FullName(t.Context(), test.hostname, test.directory); got != test.want {
			t.Errorf("%s, %v: got %q, want %q", test.hostname, test.directory, got, test.want)
		}
	}
}

func TestAddressLiteral(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1:4711":         "[192.0.2.1]",
		"[2001:db8::1]:4711":     "[IPv6:2001:db8::1]",
		"[fe80::1%eth0]:4711":    "[IPv6:fe80::1]",
		"[::ffff:192.0.2.1]:471": "[192.0.2.1]",
	} {
		if got := mail.AddressLiteral(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}

// EHLO says the configured name, else a full name or the address of the
// connection, never a bare host name, and the same again after STARTTLS.
func TestSMTP_HelloName(t *testing.T) {
	t.Parallel()
	s := play(t, accept)
	if err := s.sender(t, func(o *mail.SMTPOptions) { o.HelloName = "users.example.com" }).Send(t.Context(), valid()); err != nil {
		t.Fatal(err)
	}
	if got := s.heard("EHLO"); len(got) != 1 || got[0] != "EHLO users.example.com" {
		t.Errorf("got %q", got)
	}
	s = play(t, accept)
	if err := s.sender(t).Send(t.Context(), valid()); err != nil {
		t.Fatal(err)
	}
	name, _ := os.Hostname()
	if got := s.heard("EHLO"); len(got) != 1 || !strings.Contains(got[0], ".") || !strings.Contains(name, ".") && got[0] == "EHLO "+name {
		t.Errorf("got %q on the machine %s", got, name)
	}
}
