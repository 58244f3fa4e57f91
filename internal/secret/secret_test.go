package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"roster/internal/secret"
)

func TestText_NeverShown(t *testing.T) {
	t.Parallel()
	text := secret.New("hunter2")
	for name, value := range map[string]any{
		"text": text, "pointer": &text, "slice": []secret.Text{text}, "hidden": struct{ inner secret.Text }{text},
		"exported": struct{ Inner secret.Text }{text}, "embedded": struct{ secret.Text }{text},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			requireHidden(t, name+" "+verb, fmt.Sprintf(verb, value))
		}
		var lines bytes.Buffer
		slog.New(slog.NewJSONHandler(&lines, nil)).Info("x", "value", value)
		slog.New(slog.NewTextHandler(&lines, nil)).Info("x", "value", value)
		requireHidden(t, name+" slog", lines.String())
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		requireHidden(t, name+" json", string(encoded))
	}
}

func requireHidden(t *testing.T, name, text string) {
	t.Helper()
	if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e746572") {
		t.Errorf("%s shows the secret: %s", name, text)
	}
}

func TestText_SaysThatItIsOne(t *testing.T) {
	t.Parallel()
	text := secret.New("hunter2")
	if got := fmt.Sprintf("%v %+v %#v %s", text, text, text, text); got != "[secret] [secret] [secret] [secret]" {
		t.Errorf("fmt: got %s", got)
	}
	encoded, err := json.Marshal(map[string]any{"key": text})
	if want := `{"key":"[secret]"}`; err != nil || string(encoded) != want {
		t.Errorf("json: got %s, %v, want %s", encoded, err, want)
	}
}

func TestText_Reveal(t *testing.T) {
	t.Parallel()
	if got := secret.New("hunter2").Reveal(); got != "hunter2" {
		t.Errorf("got %q, want the text", got)
	}
	if got := (secret.Text{}).Reveal(); got != "" {
		t.Errorf("zero value: got %q, want nothing", got)
	}
	if !(secret.Text{}).IsEmpty() || !secret.New("").IsEmpty() || secret.New("hunter2").IsEmpty() {
		t.Error("IsEmpty: want true for no text alone")
	}
}
