// Package secret holds texts that no log and no answer may show: passwords,
// session ids, keys of authenticator apps.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[secret]"

// Text is a text that fmt, encoding/json, encoding/xml and log/slog show as
// "[secret]", or as an address where it is a field of something else. Only
// Reveal returns it. The zero Text is empty. It may be copied and used by many
// at once. What two Texts hold cannot be compared with ==.
type Text struct {
	text *string // a pointer: fmt calls no methods of unexported fields, and prints an address for it
}

// New returns a secret that holds text.
func New(text string) Text { return Text{text: &text} }

// Reveal returns the text itself, for the code that hashes or sends it.
func (t Text) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// Format writes "[secret]" for every verb and flag.
func (t Text) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, redacted)
}

// LogValue returns "[secret]".
func (t Text) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[secret]"; encoding/json and encoding/xml use it.
func (t Text) MarshalText() ([]byte, error) { return []byte(redacted), nil }
