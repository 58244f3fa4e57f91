package config

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[secret]"

// Secret is a text that no formatter shows: fmt, encoding/json, log/slog and
// reflection over a struct that holds it give "[secret]" or an address. Only
// Reveal returns it. The zero value is the empty secret.
type Secret struct {
	text *string // a pointer: fmt calls no methods of unexported fields, and prints an address for it
}

// NewSecret returns a secret that holds text.
func NewSecret(text string) Secret { return Secret{text: &text} }

// Reveal returns the text itself, for the code that signs or connects with it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsEmpty reports whether there is no text.
func (s Secret) IsEmpty() bool { return s.Reveal() == "" }

// Format writes "[secret]" for every verb and flag.
func (s Secret) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, redacted)
}

// LogValue returns "[secret]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[secret]"; encoding/json and encoding/xml use it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
