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

const closing = "--XbX--\r\n"

// part writes one part, with more lines in its header after the disposition.
func part(disposition, data string, lines ...string) string {
	header := "Content-Disposition: form-data; " + disposition + "\r\n"
	for _, line := range lines {
		header += line + "\r\n"
	}
	return "--XbX\r\n" + header + "\r\n" + data + "\r\n"
}

func TestBody_Multipart(t *testing.T) {
	t.Parallel()
	a := part(`name="a"`, "1")
	file := part(`name="a"; filename="f.txt"`, "content", "Content-Type: text/plain")
	for name, c := range map[string]struct {
		body string
		want form.Input
	}{
		"two fields":          {a + part(`name="b"`, "é\r\nx") + closing, form.Input{"a": text("1"), "b": text("é\r\nx")}},
		"last one counts":     {a + part(`name="a"`, "2") + closing, form.Input{"a": text("2")}},
		"blank":               {part(`name="a"`, "") + closing, form.Input{"a": text("")}},
		"only the end":        {closing, form.Input{}},
		"garbage":             {"garbage", form.Input{}},
		"unterminated":        {a + part(`name="b"`, "2"), form.Input{"a": text("1"), "b": text("2\r\n")}},
		"preamble, epilogue":  {"pre\r\n" + a + closing + "post", form.Input{"a": text("1")}},
		"bare line feed":      {"--XbX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\n--XbX--", form.Input{"a": text("1")}},
		"boundary in a line":  {part(`name="a"`, "1--XbX2") + closing, form.Input{"a": text("1")}},
		"no name":             {part(`nom="a"`, "1") + closing, form.Input{}},
		"no disposition":      {"--XbX\r\nContent-Type: text/plain\r\n\r\n1\r\n" + closing, form.Input{}},
		"any case":            {"--XbX\r\nCONTENT-DISPOSITION: FORM-DATA; NAME=\" a \"\r\n\r\n1\r\n" + closing, form.Input{"a": text("1")}},
		"encoded name":        {part(`name*=UTF-8''%C3%A9`, "1") + closing, form.Input{"é": text("1")}},
		"bad UTF-8":           {part(`name="a"`, "\xff") + closing, form.Input{"a": text("\uFFFD")}},
		"bad UTF-8 in header": {part("name=\"\xff\"", "1") + closing, form.Input{}},
		"base64":              {part(`name="a"`, "YW Jj", "Content-Transfer-Encoding: base64") + closing, form.Input{"a": text("abc")}},
		"long header":         {part(`name="a"`, "1", "X: "+strings.Repeat("x", 1024)) + closing, form.Input{}},
		"file":                {file + closing, form.Input{"a": {Kind: form.Object}}},
		"file before field":   {file + a + closing, form.Input{"a": {Kind: form.Object}}},
		"file cut off":        {a + file, form.Input{"a": text("1")}},
		"file without a name": {part(`name="a"; filename=""`, "") + closing, form.Input{"a": text("")}},
		"file named ..":       {a + part(`name="a"; filename="x/.."`, "2") + closing, form.Input{"a": text("1")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustBody(t, multipartType, c.body, form.Partial)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestBody_MultipartIsActive(t *testing.T) {
	t.Parallel()
	a := part(`name="a"`, "1")
	for _, c := range []struct {
		body string
		mode form.Mode
		want form.Input
	}{
		{a + closing, form.Create, form.Input{"a": text("1"), "is_active": unticked()}},
		{a + closing, form.Partial, form.Input{"a": text("1")}},
		{"garbage", form.Replace, form.Input{"is_active": unticked()}},
		{part(`name="is_active"`, "") + closing, form.Create, form.Input{}},
		{part(`name="is_active"; filename="f"`, "x") + closing, form.Create, form.Input{"is_active": {Kind: form.Object}}},
	} {
		got := mustBody(t, multipartType, c.body, c.mode)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q, mode %v: (-want +got)\n%s", c.body, c.mode, diff)
		}
	}
}

func TestBody_MultipartCharset(t *testing.T) {
	t.Parallel()
	body := part(`name="é"`, "\xe9") + closing
	got := mustBody(t, multipartType+"; charset=latin-1", body, form.Partial)
	if diff := cmp.Diff(form.Input{"Ã©": text("é")}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestBody_MultipartBase64(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"YWJj": "abc", "YW!J\r\nj": "abc", "YWI=": "ab", "YQ==": "a", "YWI=YWJj": "ab", "Y=WJj": "abc", "=YWJj": "abc",
		"YWJj==YQ==": "abca", "YQ=x=": "a\x0c", "!!": "", "": "", "YWJ": "YWJ", "Y": "Y", "YQ=xxx": "YQ=xxx",
	} {
		body := part(`name="a"`, data, "Content-Transfer-Encoding: BASE64 ") + closing
		if got := mustBody(t, multipartType, body, form.Partial)["a"]; got != text(want) {
			t.Errorf("%q: got %+v, want %q", data, got, want)
		}
	}
}

func TestBody_MultipartBoundary(t *testing.T) {
	t.Parallel()
	for contentType, want := range map[string]string{
		"multipart/form-data":                                       "Invalid boundary in multipart: None",
		"multipart/*":                                               "Invalid boundary in multipart: None",
		"multipart/form-data; boundary=":                            "Invalid boundary in multipart: ",
		`multipart/form-data; boundary="a "`:                        "Invalid boundary in multipart: a ",
		"multipart/form-data; boundary=" + strings.Repeat("x", 202): "Invalid boundary in multipart: " + strings.Repeat("x", 202),
		"Multipart/form-data; boundary=X":                           "Invalid Content-Type: Multipart/form-data; boundary=X",
		"multipart/form-data; boundary=é":                           "Invalid non-ASCII Content-Type in multipart: multipart/form-data; boundary=Ã©",
	} {
		got := refusal(t, fault.Invalid, contentType, "garbage")
		if want := "Multipart form parse error - " + want; got != want {
			t.Errorf("%q: got %q, want %q", contentType, got, want)
		}
	}
}

func TestBody_MultipartTooManyParts(t *testing.T) {
	t.Parallel()
	field, file := part(`name="a"`, "1"), part(`name="f"; filename="x"`, "1")
	for body, want := range map[string]error{
		strings.Repeat(field, 1000) + closing: nil,
		strings.Repeat(field, 1001) + closing: decode.ErrTooManyFields,
		strings.Repeat(file, 100) + closing:   nil,
		strings.Repeat(file, 101) + closing:   decode.ErrTooManyFields,
	} {
		if _, err := decode.Body(multipartType, body, decode.Options{Mode: form.Create}); !errors.Is(err, want) {
			t.Errorf("%d bytes: got %v, want %v", len(body), err, want)
		}
	}
}
