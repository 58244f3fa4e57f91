package decode_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/fault"
	"roster/internal/form"
)

const jsonType = "application/json"

func integer(digits string) form.Value { return form.Value{Kind: form.Integer, Text: digits} }

func float(n float64) form.Value { return form.Value{Kind: form.Float, Number: n} }

func TestBody_JSONValues(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]form.Value{
		`null`:                           {Kind: form.Null},
		`true`:                           {Kind: form.Boolean, Bool: true},
		`false`:                          {Kind: form.Boolean},
		`""`:                             text(""),
		`"x"`:                            text("x"),
		`"\u00e9\n\t\"\\\/\b\f\r"`:       text("é\n\t\"\\/\b\f\r"),
		`"a\u0000b"`:                     text("a\x00b"),
		`"\ud83d\ude00"`:                 text("😀"),
		`"\uD83D\uDE00x"`:                text("😀x"),
		`"x\ud800y"`:                     text("x\xed\xa0\x80y"),
		`"\udfff"`:                       text("\xed\xbf\xbf"),
		`"\ud800\ud83d\ude00"`:           text("\xed\xa0\x80😀"),
		`"\ude00\ud83d"`:                 text("\xed\xb8\x80\xed\xa0\xbd"),
		`"\ud800\n"`:                     text("\xed\xa0\x80\n"),
		"\"\x7f\u2028\"":                 text("\x7f\u2028"),
		`0`:                              integer("0"),
		`-0`:                             integer("0"),
		`-12`:                            integer("-12"),
		`9007199254740993`:               integer("9007199254740993"),
		strings.Repeat("7", 4300):        integer(strings.Repeat("7", 4300)),
		`-0.0`:                           float(math.Copysign(0, -1)),
		`1E5`:                            float(1e5),
		`1.50`:                           float(1.5),
		`1e-400`:                         float(0),
		`1e400`:                          float(math.Inf(1)),
		`-1e+400`:                        float(math.Inf(-1)),
		strings.Repeat("7", 5000) + ".0": float(math.Inf(1)),
		`[]`:                             {Kind: form.List},
		`[1, [2, {"a": "b"}]]`:           {Kind: form.List},
		`{}`:                             {Kind: form.Object},
		`{"username": {"email": 1}}`:     {Kind: form.Object},
	} {
		got := mustBody(t, jsonType, `{"v": `+literal+`}`, form.Create)
		if diff := cmp.Diff(form.Input{"v": want}, got); diff != "" {
			t.Errorf("%.60s: (-want +got)\n%s", literal, diff)
		}
	}
}

func TestBody_JSONMembers(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]form.Input{
		`{}`:                                  {},
		" \r\n\t{ \"a\" : 1 , \"b\" : 2 }\n ": {"a": integer("1"), "b": integer("2")},
		`{"a": 1, "a": "last"}`:               {"a": text("last")},
		`{"\u0061": "x", "": "y"}`:            {"a": text("x"), "": text("y")},
		`{"o": {"a": 1}, "l": [{"b": 2}]}`:    {"o": {Kind: form.Object}, "l": {Kind: form.List}},
		"{\"a\": \"x\"}\xf0\x9f\x98":          {"a": text("x")},
	} {
		got := mustBody(t, jsonType, body, form.Create)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", body, diff)
		}
	}
}

func TestBody_JSONNotAnObject(t *testing.T) {
	t.Parallel()
	for body, name := range map[string]string{
		`[]`: "list", `"abc"`: "str", `0`: "int", `-1`: "int", `1.0`: "float", `true`: "bool", ` false`: "bool",
		strings.Repeat("[", 1000) + strings.Repeat("]", 1000): "list",
	} {
		got := refusal(t, fault.Invalid, jsonType, body)
		if want := "non_field_errors: Invalid data. Expected a dictionary, but got " + name + "."; got != want {
			t.Errorf("%.40q: got %q, want %q", body, got, want)
		}
	}
	if got, want := refusal(t, fault.Invalid, jsonType, "null"), "non_field_errors: No data provided"; got != want {
		t.Errorf("null: got %q, want %q", got, want)
	}
}

func TestBody_JSONSyntax(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"   ":                          "Expecting value: line 1 column 4 (char 3)",
		"{":                            "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
		`{"username": "abc"`:           "Expecting ',' delimiter: line 1 column 19 (char 18)",
		`{"username": "abc",}`:         "Illegal trailing comma before end of object: line 1 column 19 (char 18)",
		`{"username": "abc" , }`:       "Illegal trailing comma before end of object: line 1 column 20 (char 19)",
		`{"a": 1,`:                     "Expecting property name enclosed in double quotes: line 1 column 9 (char 8)",
		`[1,2, ]`:                      "Illegal trailing comma before end of array: line 1 column 5 (char 4)",
		`[1 2]`:                        "Expecting ',' delimiter: line 1 column 4 (char 3)",
		`[`:                            "Expecting value: line 1 column 2 (char 1)",
		`{'username': 'abc'}`:          "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
		`{"a" 1}`:                      "Expecting ':' delimiter: line 1 column 6 (char 5)",
		`{"a"`:                         "Expecting ':' delimiter: line 1 column 5 (char 4)",
		`hello`:                        "Expecting value: line 1 column 1 (char 0)",
		`{"username": "a" /* x */}`:    "Expecting ',' delimiter: line 1 column 18 (char 17)",
		`{}}`:                          "Extra data: line 1 column 3 (char 2)",
		"{}\x00":                       "Extra data: line 1 column 3 (char 2)",
		`01`:                           "Extra data: line 1 column 2 (char 1)",
		`1.`:                           "Extra data: line 1 column 2 (char 1)",
		`1e+`:                          "Extra data: line 1 column 2 (char 1)",
		`-`:                            "Expecting value: line 1 column 1 (char 0)",
		`{"a": .5}`:                    "Expecting value: line 1 column 7 (char 6)",
		`{"username": }`:               "Expecting value: line 1 column 14 (char 13)",
		`{"username": "abc`:            "Unterminated string starting at: line 1 column 14 (char 13)",
		`"a\`:                          "Unterminated string starting at: line 1 column 1 (char 0)",
		`{"username": "a\x"}`:          `Invalid \escape: line 1 column 16 (char 15)`,
		`{"username": "\u12G4"}`:       `Invalid \uXXXX escape: line 1 column 16 (char 15)`,
		`"\u+123"`:                     `Invalid \uXXXX escape: line 1 column 3 (char 2)`,
		`"\u12"`:                       `Invalid \uXXXX escape: line 1 column 3 (char 2)`,
		`"\u1234`:                      `Invalid \uXXXX escape: line 1 column 3 (char 2)`,
		`"\ud800\u12G4"`:               `Invalid \uXXXX escape: line 1 column 9 (char 8)`,
		"{\"username\": \"a\tb\"}":     "Invalid control character at: line 1 column 16 (char 15)",
		`{"is_active": True}`:          "Expecting value: line 1 column 15 (char 14)",
		"{\r\n  \"a\": 1,\r\n  b\r\n}": "Expecting property name enclosed in double quotes: line 3 column 3 (char 16)",
		`{"😀": x}`:                     "Expecting value: line 1 column 7 (char 6)",
		"\u00a0{}":                     "Expecting value: line 1 column 1 (char 0)",
		"\ufeff{}":                     "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)",
		`{"a": NaN}`:                   "Out of range float values are not JSON compliant: 'NaN'",
		`[-Infinity`:                   "Out of range float values are not JSON compliant: '-Infinity'",
		`Infinity`:                     "Out of range float values are not JSON compliant: 'Infinity'",
		"{\"username\": \"bad\xff\"}":  "'utf-8' codec can't decode byte 0xff in position 17: invalid start byte",
		"{\"a\": \"\xf0\x9f\x98":       "Unterminated string starting at: line 1 column 7 (char 6)",
		`{"a": -` + strings.Repeat("7", 4301): "Exceeds the limit (4300 digits) for integer string conversion: " +
			"value has 4301 digits; use sys.set_int_max_str_digits() to increase the limit",
		strings.Repeat("[", 100_000):     "Nesting too deep: line 1 column 1001 (char 1000)",
		strings.Repeat(`{"a":`, 100_000): "Nesting too deep: line 1 column 5001 (char 5000)",
	} {
		got := refusal(t, fault.Invalid, jsonType, body)
		if want := "JSON parse error - " + want; got != want {
			t.Errorf("%.60q:\ngot  %s\nwant %s", body, got, want)
		}
	}
}

func TestBody_JSONCharsets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ charset, body string }{
		{"latin-1", "{\"a\": \"\xe9\"}"},
		{"ISO-8859-1", "{\"a\": \"\xe9\"}"},
		{"nonsense", `{"a": "é"}`},
		{"utf-16", "\xff\xfe{\x00\"\x00a\x00\"\x00:\x00\"\x00\xe9\x00\"\x00}\x00"},
		{"utf-16", "\xfe\xff\x00{\x00\"\x00a\x00\"\x00:\x00\"\x00\xe9\x00\"\x00}"},
		{"utf-16-be", "\x00{\x00\"\x00a\x00\"\x00:\x00\"\x00\xe9\x00\"\x00}"},
		{"us-ascii", `{"a": "\u00e9"}`},
	} {
		got := mustBody(t, jsonType+"; charset="+c.charset, c.body, form.Create)
		if diff := cmp.Diff(form.Input{"a": text("é")}, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.charset, diff)
		}
	}
	got := refusal(t, fault.Invalid, jsonType+"; charset=ascii", "\"\xe9\"")
	if want := "JSON parse error - 'ascii' codec can't decode byte 0xe9 in position 1: ordinal not in range(128)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBody_LargeJSON(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3_000_000)
	if got := mustBody(t, jsonType, `{"a": "`+long+`"}`, form.Create)["a"]; got != text(long) {
		t.Errorf("a string of 3 MB: got %d bytes of kind %v", len(got.Text), got.Kind)
	}
	members := strings.Repeat(`"k": [1, "\n"], `, 100_000)
	got := mustBody(t, jsonType, `{`+members+`"a": 1}`, form.Create)
	if diff := cmp.Diff(form.Input{"k": {Kind: form.List}, "a": integer("1")}, got); diff != "" {
		t.Errorf("100,000 members: (-want +got)\n%s", diff)
	}
}
