package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/config"
)

func TestIssuers(t *testing.T) {
	t.Parallel()
	c := load(t, "", "JWT_ISSUERS=https://login.example.com/Realm;aud=roster;aud=users, http://127.0.0.1:8080;aud=roster")
	want := []config.Issuer{{"https://login.example.com/Realm", []string{"roster", "users"}}, {"http://127.0.0.1:8080", []string{"roster"}}}
	if diff := cmp.Diff(want, c.Issuers()); diff != "" {
		t.Error(diff)
	}
	for text, message := range map[string]string{
		"https://login.example.com":                                       "lacks the audience",
		"http://login.example.com;aud=roster":                             "is not encrypted; use https",
		"login.example.com;aud=roster":                                    "is not the address",
		"https://login.example.com;audience=roster":                       "is not an issuer",
		"https://login.example.com;aud=":                                  "is not an issuer",
		"https://login.example.com;aud=a,https://login.example.com;aud=b": "is named twice",
		strings.Repeat("https://login.example.com;aud=a,", 21):            "more than 20",
	} {
		if err := load(t, "", "JWT_ISSUERS="+text).Validate(""); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%s: got %v, want %s", text, err, message)
		}
	}
}
