package decode_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"roster/internal/api/decode"
	"roster/internal/api/drf"
	"roster/internal/fault"
	"roster/internal/form"
)

// checkRefusal checks that an error is one that Body promises.
func checkRefusal(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind != fault.Invalid || e.Message == "" && len(e.Fields) != 1 {
		t.Fatalf("got %#v, want an Invalid fault that says something", err)
	}
}

var position = regexp.MustCompile(`: line (\d+) column (\d+) \(char (\d+)\)$`)

// FuzzJSON checks that our parser takes what encoding/json takes and agrees
// with it on the values, and that positions lie within the body.
func FuzzJSON(f *testing.F) {
	for _, body := range []string{
		`{"a": "\ud83d\ude00", "b": [1, {"c": null}], "a": -0}`, `{"a": 1.50e3, "b": tru}`, `[1, 2, ]`, "\"\xf0\x9f", `{"a": NaN}`,
		`{"\ud800": "\uDC00\u00e9"}`, "\ufeff{}", " \n{\n\"é\" : x", `{"a": 1e400}`, `{"k": {"k": {"k": "\n"}}}`, "\"\\u123",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) == 0 {
			return
		}
		got, err := decode.Body(jsonType, string(body), decode.Options{Mode: form.Create})
		if err != nil {
			checkRefusal(t, err)
			checkPosition(t, err.Error(), body)
		}
		if utf8.Valid(body) {
			compareJSON(t, body, got, err)
		}
	})
}

func checkPosition(t *testing.T, message string, body []byte) {
	t.Helper()
	found := position.FindStringSubmatch(message)
	if found == nil {
		return
	}
	line, _ := strconv.Atoi(found[1])
	column, _ := strconv.Atoi(found[2])
	char, _ := strconv.Atoi(found[3])
	if line < 1 || line > bytes.Count(body, []byte("\n"))+1 || column < 1 || column > char+1 || char > utf8.RuneCount(body) {
		t.Fatalf("%q: position beyond a body of %d characters", message, utf8.RuneCount(body))
	}
}

func compareJSON(t *testing.T, body []byte, got form.Input, err error) {
	t.Helper()
	var members map[string]json.RawMessage
	theirs := json.Unmarshal(body, &members)
	if !json.Valid(body) {
		if err == nil {
			t.Fatalf("accepted what is no JSON: %v", theirs)
		}
		return
	}
	limited := err != nil && (strings.Contains(err.Error(), "Nesting too deep") || strings.Contains(err.Error(), "Exceeds the limit"))
	if limited || members == nil {
		return
	}
	if err != nil {
		t.Fatalf("refused an object: %v", err)
	}
	// Lone surrogates are U+FFFD there, so that names can meet.
	if strings.Contains(string(body), `\u`) {
		return
	}
	if len(got) != len(members) {
		t.Fatalf("got %d members, want %d", len(got), len(members))
	}
	for name, raw := range members {
		if diff := cmp.Diff(theirValue(t, raw), got[name]); diff != "" {
			t.Fatalf("%q: (-want +got)\n%s", name, diff)
		}
	}
}

// theirValue is what encoding/json makes of one value.
func theirValue(t *testing.T, raw json.RawMessage) form.Value {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		t.Fatal(err)
	}
	switch v := value.(type) {
	case nil:
		return form.Value{Kind: form.Null}
	case bool:
		return form.Value{Kind: form.Boolean, Bool: v}
	case string:
		return text(v)
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			n, _ := v.Float64()
			return float(n)
		}
		if v == "-0" {
			v = "0"
		}
		return integer(v.String())
	case []any:
		return form.Value{Kind: form.List}
	default:
		return form.Value{Kind: form.Object}
	}
}

// FuzzForm checks that no form is refused but a long one, that all text is valid UTF-8,
// and that what net/url writes is read back.
func FuzzForm(f *testing.F) {
	f.Add([]byte("a=1&b=%C3%A9+%zz&&=&is_active="), "utf-8")
	f.Add([]byte("\xe9=%E9%"), "latin-1")
	f.Add([]byte("a\x00=\x001\x00"), "utf-16")
	f.Add([]byte("%"), "ascii")
	f.Fuzz(func(t *testing.T, body []byte, charset string) {
		got, err := decode.Body(formType+"; charset=\""+charset+"\"", string(body), decode.Options{Mode: form.Partial})
		if err != nil {
			if !errors.Is(err, decode.ErrTooManyFields) {
				t.Fatalf("got %v", err)
			}
			return
		}
		checkForm(t, got)
		key, value := "k"+drf.UTF8.DecodeLossy(body), drf.Latin1.DecodeLossy([]byte(charset))
		again := mustBody(t, formType, url.Values{key: {value}}.Encode(), form.Partial)
		if diff := cmp.Diff(form.Input{key: text(value)}, again); diff != "" {
			t.Fatalf("read back: (-want +got)\n%s", diff)
		}
	})
}

// checkForm checks what holds of every form.
func checkForm(t *testing.T, got form.Input) {
	t.Helper()
	for name, value := range got {
		if !utf8.ValidString(name) || !utf8.ValidString(value.Text) {
			t.Fatalf("%q: %q is not UTF-8", name, value.Text)
		}
		if value.Kind != form.String && value.Kind != form.Object {
			t.Fatalf("%q: got kind %v", name, value.Kind)
		}
	}
	if value, present := got["is_active"]; present && value == text("") {
		t.Fatal("a blank is_active is still there")
	}
}

// FuzzMultipart checks that no body is refused but one of many parts, and that what
// mime/multipart writes is read back.
func FuzzMultipart(f *testing.F) {
	f.Add([]byte(part(`name="a"`, "1")+closing), "x", "utf-8")
	f.Add([]byte(part(`name="a"; filename="f"`, "1")+part(`name*=l1''%E9`, "YQ==", "Content-Transfer-Encoding: base64")), "\r\n", "latin-1")
	f.Add([]byte("--XbX\r\n\r\n\r\n--XbX\n--XbX"), "é", "nonsense")
	f.Fuzz(func(t *testing.T, body []byte, value, charset string) {
		got, err := decode.Body(multipartType+"; charset=\""+charset+"\"", string(body), decode.Options{Mode: form.Partial})
		switch {
		case errors.Is(err, decode.ErrTooManyFields):
		case err != nil:
			checkRefusal(t, err)
		default:
			checkForm(t, got)
		}
		checkWritten(t, drf.UTF8.DecodeLossy([]byte(value)))
	})
}

// checkWritten checks that a field written by mime/multipart is read back.
func checkWritten(t *testing.T, value string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := w.WriteField("a", value); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(value, w.Boundary()) {
		return
	}
	got := mustBody(t, w.FormDataContentType(), body.String(), form.Partial)
	if diff := cmp.Diff(form.Input{"a": text(value)}, got); diff != "" {
		t.Fatalf("read back: (-want +got)\n%s", diff)
	}
}
