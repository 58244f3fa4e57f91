package user_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/user"
)

const (
	blank    = "This field may not be blank."
	null     = "This field may not be null."
	required = "This field is required."
	notText  = "Not a valid string."
	notEmail = "Enter a valid email address."
	notBool  = "Must be a valid boolean."
)

func text(s string) form.Value      { return form.Value{Kind: form.String, Text: s} }
func integer(s string) form.Value   { return form.Value{Kind: form.Integer, Text: s} }
func number(x float64) form.Value   { return form.Value{Kind: form.Float, Number: x} }
func boolean(truth bool) form.Value { return form.Value{Kind: form.Boolean, Bool: truth} }

var nothing, list, object = form.Value{Kind: form.Null}, form.Value{Kind: form.List}, form.Value{Kind: form.Object}

// messagesOf validates one field by itself and returns its messages.
func messagesOf(t *testing.T, name string, value form.Value) []string {
	t.Helper()
	_, faults := user.Validate(form.Input{name: value}, form.Partial)
	if len(faults) == 0 {
		return nil
	}
	if len(faults) > 1 || faults[0].Name != name {
		t.Fatalf("faults: got %v, want some of %s alone", faults, name)
	}
	return faults[0].Messages
}

func TestValidate_Faults(t *testing.T) {
	t.Parallel()
	tooLong := "Ensure this field has no more than 100 characters."
	tests := []struct {
		name, field string
		value       form.Value
		want        []string
	}{
		{"null", "username", nothing, []string{null}},
		{"null", "email", nothing, []string{null}},
		{"null", "is_active", nothing, []string{null}},
		{"empty", "username", text(""), []string{blank}},
		{"white space", "username", text("\t\u3000\u0085\x1f"), []string{blank}},
		{"white space", "email", text("  "), []string{blank}},
		{"boolean", "username", boolean(true), []string{notText}},
		{"list", "first_name", list, []string{notText}},
		{"object", "address", object, []string{notText}},
		{"boolean", "email", boolean(false), []string{notEmail}},
		{"list", "email", list, []string{notEmail}},
		{"integer", "email", integer("12345"), []string{notEmail}},
		{"float", "email", number(1e22), []string{notEmail}},
		{"two characters, padded", "username", text("  ab "), []string{"Username must be at least 3 characters long."}},
		{"two emoji", "username", text("😀😀"), []string{"Username must be at least 3 characters long."}},
		{"two digits", "username", integer("12"), []string{"Username must be at least 3 characters long."}},
		{"101", "username", text(strings.Repeat("n", 101)), []string{tooLong}},
		{"101 emoji", "username", text(strings.Repeat("🙂", 101)), []string{tooLong}},
		{"101 with surrogate", "first_name", text(strings.Repeat("é", 100) + "\xed\xa0\x80"),
			[]string{tooLong, "Surrogate characters are not allowed: U+D800."}},
		{"21", "phone", integer("123456789012345678901"), []string{"Ensure this field has no more than 20 characters."}},
		{"NUL", "address", text("\x00"), []string{"Null characters are not allowed."}},
		{"NUL in a short name", "username", text("\x00"), []string{"Null characters are not allowed."}},
		{"several surrogates, the first is named", "last_name", text("\xed\xbf\xbf\xed\xa0\x80"),
			[]string{"Surrogate characters are not allowed: U+DFFF."}},
		{"surrogate after Hangul", "last_name", text("\ud7ff\xed\xb0\x81"), []string{"Surrogate characters are not allowed: U+DC01."}},
		{"all at once", "email", text(strings.Repeat("x", 254) + "\x00\xed\xa0\x80"), []string{
			"Ensure this field has no more than 255 characters.", "Null characters are not allowed.",
			"Surrogate characters are not allowed: U+D800.", notEmail}},
		{"256, valid otherwise", "email", text(strings.Repeat("x", 244) + "@example.com"),
			[]string{"Ensure this field has no more than 255 characters."}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, messagesOf(t, tt.field, tt.value)); diff != "" {
			t.Errorf("%s %s: messages (-want +got):\n%s", tt.field, tt.name, diff)
		}
	}
}

func TestValidate_Booleans(t *testing.T) {
	t.Parallel()
	yes := []form.Value{boolean(true), integer("1"), number(1), text("true"), text("tRUE"), text("T"), text("Yes"), text("y"), text("oN"), text("1")}
	no := []form.Value{boolean(false), integer("0"), number(0), number(math.Copysign(0, -1)), text("False"), text("f"), text("NO"), text("n"), text("oFf"), text("0")}
	for want, values := range map[bool][]form.Value{true: yes, false: no} {
		for _, value := range values {
			change, faults := user.Validate(form.Input{"is_active": value}, form.Partial)
			if diff := cmp.Diff(map[string]any{"is_active": want}, given(change)); diff != "" || faults != nil {
				t.Errorf("%+v: faults %v, change (-want +got):\n%s", value, faults, diff)
			}
		}
	}
	for _, value := range []form.Value{
		integer("2"), integer("-1"), integer(strings.Repeat("1", 60)), number(0.5), number(math.Inf(1)), list, object, text(""),
		text(" true "), text("null"), text("01"), text("-0"), text("1.0"), text("ｔrue"), text("yeſ"), text("\xed\xa0\x80"), text("truetrue"),
	} {
		if diff := cmp.Diff([]string{notBool}, messagesOf(t, "is_active", value)); diff != "" {
			t.Errorf("%+v: messages (-want +got):\n%s", value, diff)
		}
	}
}

// given returns the values of a change, by field: what it makes of any user.
func given(c user.Change) map[string]any {
	var some user.User
	for _, c := range user.Table() {
		switch at := c.At(&some).(type) {
		case *int64:
			*at = 1
		case *string:
			*at = "-"
		case *form.Text:
			*at = form.TextOf("-")
		case *bool:
			*at = true
		case *time.Time:
			*at = time.Unix(1, 0)
		}
	}
	empty, other := user.Table().Apply(c, user.User{}), user.Table().Apply(c, some)
	values := map[string]any{}
	for _, c := range user.Table() {
		if value := c.Get(&empty); value == c.Get(&other) {
			values[c.Name] = value
		}
	}
	return values
}

// plain returns a text, or nil for none.
func plain(t form.Text) any {
	if !t.Valid {
		return nil
	}
	return t.String
}

func TestValidate_Normalises(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		value form.Value
		want  form.Text
	}{
		{"null", nothing, form.Text{}},
		{"empty", text(""), form.TextOf("")},
		{"white space", text(" \n "), form.TextOf("")},
		{"trimmed", text("\u00a0 x y\u2029"), form.TextOf("x y")},
		{"zero width kept", text("\u200bx\ufeff"), form.TextOf("\u200bx\ufeff")},
		{"not normalised", text("e\u0301"), form.TextOf("e\u0301")},
		{"integer", integer("-5"), form.TextOf("-5")},
		{"whole float", number(100), form.TextOf("100.0")},
		{"large float", number(1e22), form.TextOf("1e+22")},
		{"small float", number(0.00001), form.TextOf("1e-05")},
		{"negative zero", number(math.Copysign(0, -1)), form.TextOf("-0.0")},
		{"overflow", number(math.Inf(-1)), form.TextOf("-inf")},
		{"100 emoji, padded", text(" " + strings.Repeat("🙂", 100)), form.TextOf(strings.Repeat("🙂", 100))},
	}
	for _, tt := range tests {
		change, faults := user.Validate(form.Input{"last_name": tt.value}, form.Partial)
		if diff := cmp.Diff(map[string]any{"last_name": plain(tt.want)}, given(change)); diff != "" || faults != nil {
			t.Errorf("%s: faults %v, change (-want +got):\n%s", tt.name, faults, diff)
		}
	}
}

func TestValidate_EmailIsLowerCased(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		" MiXeD.CaSe@ExAmPlE.CoM\n": "mixed.case@example.com",
		"user@EXÄMPLE.com":          "user@exämple.com",
		"İuser@example.com":         "i\u0307user@example.com",
		"\u212Auser@example.com":    "kuser@example.com",
		"ſuser@example.com":         "ſuser@example.com",
		"user@ΑΣ.ΟΔΟΣ":              "user@ασ.οδος",
	} {
		change, faults := user.Validate(form.Input{"email": text(input)}, form.Partial)
		if diff := cmp.Diff(map[string]any{"email": want}, given(change)); diff != "" || faults != nil {
			t.Errorf("%+q: faults %v, change (-want +got):\n%s", input, faults, diff)
		}
	}
}

func TestValidate_RequiredByMode(t *testing.T) {
	t.Parallel()
	both := fault.Fields{{Name: "username", Messages: []string{required}}, {Name: "email", Messages: []string{required}}}
	for mode, want := range map[form.Mode]fault.Fields{form.Create: both, form.Replace: both, form.Partial: nil} {
		change, faults := user.Validate(form.Input{"Username": text("abc"), " email": text("a@b.co")}, mode)
		if diff := cmp.Diff(want, faults); diff != "" {
			t.Errorf("mode %d: faults (-want +got):\n%s", mode, diff)
		}
		if len(given(change)) > 0 {
			t.Errorf("mode %d: got %+v, want no change", mode, change)
		}
	}
}

func TestValidate_FaultsInFieldOrder(t *testing.T) {
	t.Parallel()
	change, faults := user.Validate(form.Input{
		"is_active": text("maybe"), "address": boolean(false), "phone": text(strings.Repeat("x", 21)), "last_name": object,
		"first_name": text("Ada"), "email": text("x"), "username": text(""),
	}, form.Create)
	want := fault.Fields{
		{Name: "username", Messages: []string{blank}},
		{Name: "email", Messages: []string{notEmail}},
		{Name: "last_name", Messages: []string{notText}},
		{Name: "phone", Messages: []string{"Ensure this field has no more than 20 characters."}},
		{Name: "address", Messages: []string{notText}},
		{Name: "is_active", Messages: []string{notBool}},
	}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"first_name": "Ada"}, given(change)); diff != "" {
		t.Errorf("the valid fields (-want +got):\n%s", diff)
	}
}

func TestValidate_IgnoresReadOnlyAndUnknown(t *testing.T) {
	t.Parallel()
	change, faults := user.Validate(form.Input{
		"id": text("x"), "created_at": list, "updated_at": nothing, "password": text("\xed\xa0\x80"), "": object,
	}, form.Partial)
	if faults != nil || len(given(change)) > 0 {
		t.Errorf("got %+v, faults %v, want no change and no faults", change, faults)
	}
}

func typical() form.Input {
	return form.Input{
		"username": text("ada_lovelace"), "email": text("Ada.Lovelace@Example.com"), "first_name": text("Ada"),
		"last_name": text("Lovelace"), "phone": text("+44 20 7946 0000"), "address": text("12 St James's Sq"), "is_active": boolean(true),
	}
}

func TestValidate_FullUser(t *testing.T) {
	t.Parallel()
	got, faults := user.Validate(typical(), form.Create)
	if faults != nil {
		t.Fatalf("got faults %v", faults)
	}
	want := map[string]any{
		"username": "ada_lovelace", "email": "ada.lovelace@example.com", "first_name": "Ada", "last_name": "Lovelace",
		"phone": "+44 20 7946 0000", "address": "12 St James's Sq", "is_active": true,
	}
	if diff := cmp.Diff(want, given(got)); diff != "" {
		t.Errorf("change (-want +got):\n%s", diff)
	}
}

// FuzzValidate checks that an accepted change is accepted again as it is, and
// keeps the lengths. An address with İ is the exception, as in FuzzValidEmail.
func FuzzValidate(f *testing.F) {
	f.Add("ada", "Ada@Example.com", " Ada ", "+44", "yes", 1.5, uint8(0))
	f.Add("\xed\xa0\x80", "a@bücher.example", "\x00", "\u3000", "\u212A", math.Inf(1), uint8(1))
	f.Add("ab", `"a\"b"@[::1]`, strings.Repeat("é", 100), strings.Repeat("1", 21), "OFF", -1e22, uint8(2))
	f.Fuzz(func(t *testing.T, username, email, name, phone, active string, number float64, kind uint8) {
		in := form.Input{
			"username": text(wtf8(username)), "email": text(wtf8(email)), "first_name": text(wtf8(name)), "phone": text(wtf8(phone)),
			"is_active": text(wtf8(active)), "last_name": {Kind: form.Float, Number: number},
		}
		if kinds := []form.Value{nothing, boolean(true), integer(strconv.Itoa(int(kind))), list, object}; int(kind) < len(kinds) {
			in["address"] = kinds[kind]
		}
		first, _ := user.Validate(in, form.Partial)
		checkLengths(t, first)
		values := given(first)
		if strings.Contains(email, "İ") {
			delete(values, "email")
		}
		second, faults := user.Validate(inputOf(values), form.Partial)
		if faults != nil {
			t.Fatalf("accepted, then refused: %v", faults)
		}
		if diff := cmp.Diff(values, given(second)); diff != "" {
			t.Errorf("the change, fed back (-first +second):\n%s", diff)
		}
	})
}

// wtf8 makes any bytes a text that a Value may hold: a lone surrogate stands
// for what is not UTF-8.
func wtf8(s string) string { return strings.ToValidUTF8(s, "\xed\xa0\x80") }

func checkLengths(t *testing.T, c user.Change) {
	t.Helper()
	for _, field := range user.Table().Fields() {
		value, ok := given(c)[field.Name].(string)
		got := len([]rune(value))
		if longer := field.MaxLength > 0 && got > field.MaxLength; longer && field.Type != form.TypeEmail {
			t.Errorf("%s: got %d code points, want at most %d", field.Name, got, field.MaxLength)
		}
		if ok && got < field.MinLength {
			t.Errorf("%s: got %d code points, want at least %d", field.Name, got, field.MinLength)
		}
	}
}

func inputOf(values map[string]any) form.Input {
	in := form.Input{}
	for name, value := range values {
		switch value := value.(type) {
		case string:
			in[name] = text(value)
		case bool:
			in[name] = boolean(value)
		default:
			in[name] = nothing
		}
	}
	return in
}

func BenchmarkValidate(b *testing.B) {
	in := typical()
	b.ReportAllocs()
	for b.Loop() {
		if _, faults := user.Validate(in, form.Create); faults != nil {
			b.Fatal(faults)
		}
	}
}
