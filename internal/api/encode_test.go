package api_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"roster/internal/api"
	"roster/internal/form"
	"roster/internal/user"
)

func TestAppendUser(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 11, 21, 10, 30, 0, 0, time.UTC)
	got := string(api.AppendUser(nil, &user.User{
		ID: 7, Username: "a\"b\\c/<&>\u2028\u2029\x7f", Email: "é@😀.example", FirstName: form.TextOf(""), LastName: form.TextOf("\x00\b\f\n\r\t\x1f"),
		IsActive: true, CreatedAt: at, UpdatedAt: at.Add(1500 * time.Microsecond),
	}))
	want := `{"id":7,"username":"a\"b\\c/<&>\u2028\u2029` + "\x7f" + `","email":"é@😀.example","first_name":"","last_name":"\u0000\b\f\n\r\t\u001f",` +
		`"phone":null,"address":null,"is_active":true,"created_at":"2025-11-21T10:30:00Z","updated_at":"2025-11-21T10:30:00.001500Z"}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Whatever the text, it is one JSON string on the wire, and comes back as it
// was but for bytes that are no UTF-8.
func FuzzAppendString(f *testing.F) {
	for _, seed := range []string{"", "plain", "\"\\\x00\x1f\x7f", "\u2028\u2029é😀", "\xff\xed\xa0\x80"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		wire := api.AppendString(nil, s)
		var back string
		if err := json.Unmarshal(wire, &back); err != nil {
			t.Fatalf("%q: %v in %s", s, err, wire)
		}
		if utf8.ValidString(s) && back != s {
			t.Errorf("got %q, want %q", back, s)
		}
		if strings.ContainsAny(string(wire), "\u2028\u2029\n") {
			t.Errorf("%s has a line break", wire)
		}
	})
}
