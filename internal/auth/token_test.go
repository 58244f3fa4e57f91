package auth_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"roster/internal/auth"
	"roster/internal/fault"
)

func TestToken_RoundTrip(t *testing.T) {
	t.Parallel()
	token := auth.NewToken()
	back, err := auth.ParseToken(token.Reveal())
	if err != nil || back.Reveal() != token.Reveal() || back.Digest() != token.Digest() {
		t.Errorf("got %v, want the same token", err)
	}
	if other := auth.NewToken(); other.Reveal() == token.Reveal() || other.Digest() == token.Digest() {
		t.Error("got the same token twice")
	}
	if len(token.Digest()) != 64 || strings.Contains(token.Digest(), token.Reveal()) {
		t.Errorf("got the digest %s", token.Digest())
	}
}

// TestToken_Digest pins what is stored: sessions live through an update.
func TestToken_Digest(t *testing.T) {
	t.Parallel()
	token, err := auth.ParseToken(strings.Repeat("A", 43))
	if want := "0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a"; err != nil || token.Digest() != want {
		t.Errorf("got %s, %v, want %s", token.Digest(), err, want)
	}
}

func TestToken_NeverShown(t *testing.T) {
	t.Parallel()
	token := auth.NewToken()
	encoded, err := json.Marshal(struct{ Token auth.Token }{token})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(encoded), fmt.Sprint(token), fmt.Sprintf("%+v %#v %s %q %x", token, token, token, token, token)} {
		if strings.Contains(text, token.Reveal()) || strings.Contains(text, fmt.Sprintf("%x", token.Reveal())) {
			t.Errorf("%s shows the token", text)
		}
	}
}

func TestParseToken_Refused(t *testing.T) {
	t.Parallel()
	valid := strings.Repeat("A", 43)
	for _, text := range []string{"", valid[1:], valid + "A", valid[1:] + "B", valid[1:] + "=", valid[1:] + "+", valid[1:] + "\n", valid + "\n", valid[:42] + "\x00"} {
		if _, err := auth.ParseToken(text); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%q: got %v, want it refused", text, err)
		}
	}
}

// FuzzParseToken: one text is one token, and nothing else is a token.
func FuzzParseToken(f *testing.F) {
	f.Add(auth.NewToken().Reveal())
	f.Add(strings.Repeat("A", 42) + "B")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		token, err := auth.ParseToken(text)
		if err == nil && (token.Reveal() != text || len(text) != 43) {
			t.Errorf("%q is read as %q", text, token.Reveal())
		}
	})
}
