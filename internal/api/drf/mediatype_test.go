package drf_test

import (
	"testing"

	"roster/internal/api/drf"
)

func TestParseMediaType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, main, sub, value string }{
		{"", "", "", ""},
		{"text/plain", "text", "plain", ""},
		{" Text/Plain ;p=1", "text", "plain", "1"},
		{"a/b/c; p=1", "a", "b/c", "1"},
		{"garbage", "garbage", "", ""},
		{"a/b; P = x ", "a", "b", "x"},
		{"a/b;;p=x;", "a", "b", "x"},
		{"a/b; p=x; p=y", "a", "b", "y"},
		{"a/b; p=x=y", "a", "b", "x=y"},
		{`a/b; p="x;y"`, "a", "b", "x;y"},
		{`a/b; p="x\"y\\z"`, "a", "b", `x"y\z`},
		{`a/b; p="x`, "a", "b", `"x`},
		{`a/b; p=";q=1`, "a", "b", `";q=1`},
		{`a/b; p="`, "a", "b", `"`},
		{"a/b; p*=UTF-8''%C3%A9", "a", "b", "é"},
		{"a/b; p*=latin-1'en'%E9", "a", "b", "é"},
		{"a/b; p*=x'y", "a", "b", "x'y"},
		{"a/b; p*=x", "a", "b", "x"},
	} {
		m := drf.ParseMediaType(c.line)
		value, present := m.Param("p")
		if m.Type != c.main || m.Subtype != c.sub || value != c.value || present != (c.value != "") {
			t.Errorf("%q: got %+v", c.line, m)
		}
	}
}

func TestMediaType_Matches(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"application/json":      true,
		"application/json; v=2": true,
		"application/*":         true,
		"*/json":                true,
		"*/*":                   true,
		"*":                     false,
		"":                      false,
		"text/json":             false,
		"application/json+x":    false,
		"application":           false,
	} {
		if got := drf.ParseMediaType(line).Matches("application", "json"); got != want {
			t.Errorf("%q: got %v, want %v", line, got, want)
		}
	}
}
