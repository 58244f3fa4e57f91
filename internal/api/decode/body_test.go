package decode_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/api/decode"
	"roster/internal/fault"
	"roster/internal/form"
)

const (
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data; boundary=XbX"
)

func text(s string) form.Value { return form.Value{Kind: form.String, Text: s} }

func unticked() form.Value { return form.Value{Kind: form.Boolean} }

// mustBody decodes a body that must be fine.
func mustBody(t *testing.T, contentType, body string, mode form.Mode) form.Input {
	t.Helper()
	got, err := decode.Body(contentType, body, decode.Options{Mode: mode})
	if err != nil {
		t.Fatalf("Body(%q, %.80q): %v", contentType, body, err)
	}
	return got
}

// refusal returns why a body is refused: the message, or that of its first field.
func refusal(t *testing.T, kind fault.Kind, contentType, body string) string {
	t.Helper()
	got, err := decode.Body(contentType, body, decode.Options{Mode: form.Create})
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind != kind {
		t.Fatalf("Body(%q, %.80q): got %v, %v, want an error of kind %v", contentType, body, got, err, kind)
	}
	if len(e.Fields) > 0 {
		return e.Fields[0].Name + ": " + e.Fields[0].Messages[0]
	}
	return e.Message
}

func TestBody_Empty(t *testing.T) {
	t.Parallel()
	unticked := form.Input{"is_active": unticked()}
	for _, c := range []struct {
		contentType string
		mode        form.Mode
		want        form.Input
	}{
		{"", form.Create, form.Input{}},
		{"text/plain", form.Create, form.Input{}},
		{"application/json", form.Replace, form.Input{}},
		{"*/*", form.Create, form.Input{}},
		{formType, form.Create, unticked},
		{"Application/X-WWW-Form-URLencoded; charset=utf-8", form.Replace, unticked},
		{formType, form.Partial, form.Input{}},
		{"multipart/form-data", form.Create, unticked},
		{"multipart/*", form.Create, form.Input{}},
	} {
		got := mustBody(t, c.contentType, "", c.mode)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q, mode %v: (-want +got)\n%s", c.contentType, c.mode, diff)
		}
	}
}

func TestBody_TakenAsJSON(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{
		"application/json", "APPLICATION/JSON", "application/json;", "application/json;charset=utf-8",
		`application/json; charset="UTF-8"`, "application/json; charset=nonsense", "application/json; version=2",
		"*/*", "application/*", "*/json",
	} {
		got := mustBody(t, contentType, `{"username": "é"}`, form.Create)
		if diff := cmp.Diff(form.Input{"username": text("é")}, got); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", contentType, diff)
		}
	}
}

func TestBody_UnsupportedType(t *testing.T) {
	t.Parallel()
	for contentType, quoted := range map[string]string{
		"":                            "",
		"text/json":                   "text/json",
		"application/x-ndjson":        "application/x-ndjson",
		"Text/HTML; charset=utf-8":    "Text/HTML; charset=utf-8",
		"multipart/mixed; boundary=X": "multipart/mixed; boundary=X",
		"garbage":                     "garbage",
		`a/b; c="d"`:                  `a/b; c="d"`,
		"text/\xe9":                   "text/é",
	} {
		got := refusal(t, fault.Unsupported, contentType, "x")
		if want := `Unsupported media type "` + quoted + `" in request.`; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What is not kept is checked and dropped; nested values have their text if that is
// wanted.
func TestBody_Keep(t *testing.T) {
	t.Parallel()
	keep := func(name string) bool { return name == "a" || name == "ä" }
	tests := map[string]struct {
		contentType, body string
		want              form.Input
	}{
		"JSON":    {jsonType, `{"b":"\n","a":{"b": [1]},"\u00e4":["x\"\n"],"c":{"a":1}}`, form.Input{"a": {Kind: form.Object, Text: `{"b": [1]}`}, "ä": {Kind: form.List, Text: `["x\"\n"]`}}},
		"escapes": {jsonType, `{"a":"\ud800 \u00e4\\"}`, form.Input{"a": {Kind: form.String, Text: "\xed\xa0\x80 ä\\"}}},
		"form":    {formType, "b=1&a=%41&&ä=+", form.Input{"a": {Kind: form.String, Text: "A"}, "ä": {Kind: form.String, Text: " "}}},
		"multipart": {multipartType, "--XbX\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n1\r\n--XbX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--XbX--",
			form.Input{"a": {Kind: form.String, Text: "2"}}},
	}
	for name, tt := range tests {
		got, err := decode.Body(tt.contentType, tt.body, decode.Options{Mode: form.Partial, Keep: keep, Nested: true})
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", name, err, diff)
		}
	}
	for _, body := range []string{`{"b":"\x"}`, `{"b":[NaN]}`, `{"b":"`, `{"b":{"a":"\ud8"}}`} {
		if _, err := decode.Body(jsonType, body, decode.Options{Keep: keep}); err == nil {
			t.Errorf("%s: got no error for a malformed value that is not kept", body)
		}
	}
}
