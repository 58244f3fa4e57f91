package totp_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"roster/internal/auth/totp"
)

func TestKey_RoundTrip(t *testing.T) {
	t.Parallel()
	key := totp.NewKey()
	back, err := totp.ParseKey(key.Reveal())
	if err != nil || back.Reveal() != key.Reveal() || len(key.Reveal()) != 32 {
		t.Errorf("got %v, want the same key of 32 characters", err)
	}
	if totp.NewKey().Reveal() == key.Reveal() {
		t.Error("got the same key twice")
	}
}

func TestParseKey_Refused(t *testing.T) {
	t.Parallel()
	valid := strings.Repeat("A", 32)
	for _, text := range []string{"", valid[1:], valid + "A", valid[1:] + "a", valid[1:] + "1", valid[8:] + "AAAA====", valid[1:] + "\n", valid + "\n"} {
		if _, err := totp.ParseKey(text); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%q: got %v, want an error without the text", text, err)
		}
	}
}

// FuzzParseKey: one text is one key, and nothing else is a key.
func FuzzParseKey(f *testing.F) {
	f.Add(totp.NewKey().Reveal())
	f.Add("MFRGG\nZDF")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := totp.ParseKey(text)
		if err == nil && (key.Reveal() != text || len(text) != 32) {
			t.Errorf("%q is read as %q", text, key.Reveal())
		}
	})
}

func TestKey_URL(t *testing.T) {
	t.Parallel()
	key := totp.KeyOfAny("12345678901234567890")
	tests := []struct{ issuer, account, want string }{
		{"Roster", "boss", "otpauth://totp/Roster:boss?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Roster&algorithm=SHA1&digits=6&period=30"},
		{"Ünï & Co: A", "a b?c@d:e", "otpauth://totp/%C3%9Cn%C3%AF%20%26%20Co%20%20A:a%20b%3Fc%40d%20e" +
			"?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%C3%9Cn%C3%AF%20%26%20Co%20%20A&algorithm=SHA1&digits=6&period=30"},
	}
	for _, tt := range tests {
		got := key.URL(tt.issuer, tt.account).Reveal()
		if got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
		if u, err := url.Parse(got); err != nil || u.Query().Get("secret") != key.Reveal() || u.Query().Get("period") != "30" {
			t.Errorf("%s: %v, want the key and the period in its query", got, err)
		}
	}
}

func TestKey_NeverShown(t *testing.T) {
	t.Parallel()
	key := totp.NewKey()
	shown := fmt.Sprintf("%v %+v %#v %s %v", key, key, &key, key, key.URL("Roster", "boss"))
	encoded, err := json.Marshal(map[string]any{"key": key, "url": key.URL("Roster", "boss")})
	if err != nil || strings.Contains(shown+string(encoded), key.Reveal()) {
		t.Errorf("%s %s shows the key (%v)", shown, encoded, err)
	}
}
