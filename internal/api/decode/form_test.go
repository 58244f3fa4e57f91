package decode_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/api/decode"
	"roster/internal/fault"
	"roster/internal/form"
)

func TestBody_Form(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]form.Input{
		"a=1&b=x%40y+z":       {"a": text("1"), "b": text("x@y z")},
		"a=1&a=2":             {"a": text("2")},
		"a&b=":                {"a": text(""), "b": text("")},
		"a=1;b=2":             {"a": text("1;b=2")},
		"a=b=c&&=d":           {"a": text("b=c"), "": text("d")},
		"a=%zz%4%":            {"a": text("%zz%4%")},
		"a=x%ff%fey":          {"a": text("x\uFFFD\uFFFDy")},
		"a=%E2%82x":           {"a": text("\uFFFDx")},
		"a=%00":               {"a": text("\x00")},
		"a=é%C3%B6":           {"a": text("éö")},
		"a=\xe9":              {"a": text("é")},
		"%61=x%0D%0Ay":        {"a": text("x\r\ny")},
		`{"username": "x"}`:   {`{"username": "x"}`: text("")},
		"a=null&is_active=on": {"a": text("null"), "is_active": text("on")},
	} {
		got := mustBody(t, formType, body, form.Partial)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", body, diff)
		}
	}
}

func TestBody_FormCharsets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ charset, body, want string }{
		{"utf-8", "a=%C3%A9", "é"},
		{"iso-8859-1", "a=%E9", "é"},
		{"latin-1", "a=\xe9", "é"},
		{"ascii", "a=%E9", "\uFFFD"},
		{"nonsense", "a=%C3%A9", "é"},
	} {
		got := mustBody(t, formType+"; charset="+c.charset, c.body, form.Partial)
		if diff := cmp.Diff(form.Input{"a": text(c.want)}, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.charset, diff)
		}
	}
}

func TestBody_FormIsActive(t *testing.T) {
	t.Parallel()
	const left, blank, filled = "a=1", "a=1&is_active=", "a=1&is_active=no"
	for _, c := range []struct {
		body string
		mode form.Mode
		want form.Input
	}{
		{left, form.Create, form.Input{"a": text("1"), "is_active": unticked()}},
		{left, form.Replace, form.Input{"a": text("1"), "is_active": unticked()}},
		{left, form.Partial, form.Input{"a": text("1")}},
		{blank, form.Create, form.Input{"a": text("1")}},
		{blank, form.Replace, form.Input{"a": text("1")}},
		{blank, form.Partial, form.Input{"a": text("1")}},
		{filled, form.Create, form.Input{"a": text("1"), "is_active": text("no")}},
		{filled + "&is_active=", form.Create, form.Input{"a": text("1")}},
	} {
		got := mustBody(t, formType, c.body, c.mode)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q, mode %v: (-want +got)\n%s", c.body, c.mode, diff)
		}
	}
}

func TestBody_FormTooManyFields(t *testing.T) {
	t.Parallel()
	full := strings.Repeat("a=1&", 999) + "b=2"
	if got := mustBody(t, formType, full, form.Partial)["b"]; got != text("2") {
		t.Errorf("1000 fields: got %+v", got)
	}
	if _, err := decode.Body(formType, full+"&", decode.Options{Mode: form.Create}); !errors.Is(err, decode.ErrTooManyFields) {
		t.Errorf("1001 fields: got %v, want ErrTooManyFields", err)
	}
	if kind := fault.KindOf(decode.ErrTooManyFields); kind != fault.Invalid {
		t.Errorf("got kind %v, want Invalid", kind)
	}
}
