// Package secret holds strings that must not appear in logs and responses:
// passwords, signing keys, session ids.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Redacted is shown instead of a secret.
const Redacted = "[secret]"

// Text is a string that fmt, encoding/json, encoding/xml and log/slog show as
// "[secret]", or as an address if it is an unexported field. Only Reveal
// returns it. The zero Text is empty. It may be copied and is safe for
// concurrent use. Do not compare Texts with ==.
type Text struct {
	text *string // a pointer: fmt calls no methods of unexported fields, and prints an address for it
}

// New returns a secret that holds text.
func New(text string) Text { return Text{text: &text} }

// Reveal returns the string itself, for code that hashes or sends it.
func (t Text) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// IsEmpty reports whether the string is empty.
func (t Text) IsEmpty() bool { return t.Reveal() == "" }

// Format writes "[secret]" for every verb and flag.
func (t Text) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, Redacted)
}

// LogValue returns "[secret]".
func (t Text) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText returns "[secret]"; encoding/json and encoding/xml use it.
func (t Text) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
