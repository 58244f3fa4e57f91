package drf_test

import (
	"errors"
	"testing"

	"roster/internal/api/drf"
	"roster/internal/fault"
)

func TestNegotiate(t *testing.T) {
	t.Parallel()
	compact, html := drf.Rendering{}, drf.Rendering{HTML: true}
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct {
		accept []string
		format string
		want   drf.Rendering
	}{
		{nil, "", compact},
		{[]string{"*/*"}, "", compact},
		{[]string{"application/json"}, "", compact},
		{[]string{"APPLICATION/JSON"}, "", compact},
		{[]string{"application/json; charset=latin-1"}, "", compact},
		{[]string{"text/html"}, "", html},
		{[]string{"text/*"}, "", html},
		{[]string{"*/html"}, "", html},
		{[]string{browser}, "", html},
		{[]string{"text/html, application/json"}, "", compact},
		{[]string{"text/html", "application/json"}, "", compact},
		{[]string{"text/html;level=1, application/json"}, "", html},
		{[]string{"text/html;q=0.1, application/json;q=0.9"}, "", compact},
		{[]string{"text/html;q=0"}, "", html},
		{[]string{"text/*, */*"}, "", html},
		{[]string{"application/xml, */*;q=0.1"}, "", compact},
		{nil, "api", html},
		{[]string{"*/*"}, "api", html},
		{[]string{"application/json, */*"}, "api", html},
		{nil, "json", compact},
		{[]string{browser}, "json", compact},
	} {
		got, err := drf.Negotiate(c.accept, c.format)
		if got != c.want || err != nil {
			t.Errorf("Negotiate(%q, %q): got %+v, %v, want %+v", c.accept, c.format, got, err, c.want)
		}
	}
}

func TestNegotiate_Indent(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]int{
		"application/json; indent=4":                    4,
		"application/json;indent=\"3\"":                 3,
		"application/json; q=0.8; INDENT=2":             2,
		"application/json; indent=9":                    8,
		"application/json; indent=99999999999999999999": 8,
		"application/json; indent=0":                    0,
		"application/json; indent=-1":                   0,
		"application/json; indent=x":                    0,
		"application/json; indent":                      0,
		"application/json; indent=2; indent=5":          5,
		"application/json; a=\"x; indent=2\"":           0,
		`application/json; a="\"; indent=2"; indent=6`:  6,
		"*/*; indent=4":                                 4,
		"application/*; indent=٢":                       2,
		"*/*; indent=4, application/json":               0,
	} {
		got, err := drf.Negotiate([]string{accept}, "")
		if got.HTML || got.Indent != want || err != nil {
			t.Errorf("Negotiate(%q): got %+v, %v, want JSON with indent %d", accept, got, err, want)
		}
	}
}

func TestNegotiate_NotAcceptable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ accept, format string }{
		{"", ""},
		{"garbage", ""},
		{"*", ""},
		{"application/xml", ""},
		{"application/vnd.api+json", ""},
		{"text/html", "json"},
		{"application/json", "api"},
		{"application/xml", "json"},
	} {
		got, err := drf.Negotiate([]string{c.accept}, c.format)
		if !errors.Is(err, drf.ErrNotAcceptable) {
			t.Errorf("Negotiate(%q, %q): got %+v, %v, want ErrNotAcceptable", c.accept, c.format, got, err)
		}
	}
	if got, want := drf.ErrNotAcceptable.Error(), "Could not satisfy the request Accept header."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNegotiate_UnknownFormat(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"xml", "JSON", "html", " "} {
		_, err := drf.Negotiate([]string{"application/xml"}, format)
		if fault.KindOf(err) != fault.NotFound || err.Error() != "Not found." {
			t.Errorf("format %q: got %v, want fault.NotFound", format, err)
		}
	}
}

func TestNegotiate_PlainRequestsAllocateNothing(t *testing.T) { //nolint:paralleltest // allocations are counted process-wide
	for _, accept := range [][]string{nil, {"*/*"}, {"application/json"}, {"text/html"}} {
		got := testing.AllocsPerRun(100, func() { _, _ = drf.Negotiate(accept, "") })
		if got != 0 {
			t.Errorf("%q: got %v allocations, want none", accept, got)
		}
	}
}
