package form_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"roster/internal/form"
)

// record has a field of every type.
type record struct {
	id    int64
	name  string
	notes form.Text
	on    bool
	at    time.Time
}

func recordTable() form.Table[record] {
	return form.Table[record]{
		{Field: form.Field{Name: "id", Type: form.TypeInteger, ReadOnly: true}, At: func(r *record) any { return &r.id }},
		{Field: form.Field{Name: "name", Type: form.TypeString, Required: true, MaxLength: 10}, At: func(r *record) any { return &r.name }},
		{Field: form.Field{Name: "notes", Type: form.TypeString, Nullable: true, Blank: true}, At: func(r *record) any { return &r.notes }},
		{Field: form.Field{Name: "on", Type: form.TypeBoolean}, At: func(r *record) any { return &r.on }},
		{Field: form.Field{Name: "at", Type: form.TypeDateTime, ReadOnly: true}, At: func(r *record) any { return &r.at }},
	}
}

func TestTable_JSON(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 11, 21, 10, 30, 0, 0, time.UTC)
	full := record{7, "a\"b\\c/<&>\u2028\u2029\x7f", form.TextOf("\x00\b\f\n\r\t\x1fé😀"), true, at}
	for _, c := range []struct {
		record record
		want   string
	}{
		{full, `{"id":7,"name":"a\"b\\c/<&>\u2028\u2029` + "\x7f" + `","notes":"\u0000\b\f\n\r\t\u001fé😀","on":true,"at":"2025-11-21T10:30:00Z"}`},
		{record{at: at.Add(1500 * time.Microsecond)}, `{"id":0,"name":"","notes":null,"on":false,"at":"2025-11-21T10:30:00.001500Z"}`},
		{record{notes: form.TextOf(""), at: at}, `{"id":0,"name":"","notes":"","on":false,"at":"2025-11-21T10:30:00Z"}`},
	} {
		got := recordTable().AppendJSON(nil, &c.record)
		if string(got) != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		var back record
		if err := recordTable().ParseJSON(got, &back); err != nil || back != c.record {
			t.Errorf("read back: got %+v, %v, want %+v", back, err, c.record)
		}
	}
}

func TestTable_ReadAndApply(t *testing.T) {
	t.Parallel()
	before := record{id: 1, name: "old", notes: form.TextOf("kept"), on: true}
	change, faults := recordTable().Read(form.Input{"id": {Kind: form.Integer, Text: "9"}, "name": {Kind: form.String, Text: " new "}, "on": {}}, form.Partial)
	if len(faults) != 1 || faults[0].Name != "on" {
		t.Errorf("got %v, want a fault of on", faults)
	}
	want := record{id: 1, name: "new", notes: form.TextOf("kept"), on: true}
	if got := recordTable().Apply(change, before); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestField_Rules(t *testing.T) {
	t.Parallel()
	table := recordTable()
	table[1].Rules = []form.Rule{func(text string) string {
		if text == "root" {
			return "This name is reserved."
		}
		return ""
	}}
	for text, want := range map[string]int{"root": 1, " root ": 1, "ada": 0, "": 1} {
		if _, faults := table.Read(form.Input{"name": {Kind: form.String, Text: text}}, form.Create); len(faults) != want {
			t.Errorf("%q: got %v, want %d faults", text, faults, want)
		}
	}
}

// Whatever the text, it is one JSON string on the wire, and comes back as it
// was but for bytes that are no UTF-8.
func FuzzAppendString(f *testing.F) {
	for _, seed := range []string{"", "plain", "\"\\\x00\x1f\x7f", "\u2028\u2029é😀", "\xff\xed\xa0\x80"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		wire := form.AppendString(nil, s)
		var back string
		if err := json.Unmarshal(wire, &back); err != nil {
			t.Fatalf("%q: %v in %s", s, err, wire)
		}
		if utf8.ValidString(s) && back != s {
			t.Errorf("got %q, want %q", back, s)
		}
		if strings.ContainsAny(string(wire), "\u2028\u2029\n") {
			t.Errorf("%s has a line break", wire)
		}
	})
}

// Null is no value: a field of any type refuses it unless it may be null. An empty
// text is none only there, as forms send it.
func TestTable_Null(t *testing.T) {
	t.Parallel()
	type all struct {
		truth    bool
		text     string
		optional form.Text
		number   int64
		small    *int
		float    float64
		at       time.Time
		json     string
	}
	places := map[string]struct {
		kind form.Type
		at   func(*all) any
		must string // the message about an empty text
		null string // the same where null is valid
	}{
		"truth":    {form.TypeBoolean, func(r *all) any { return &r.truth }, form.MessageNotBoolean, form.MessageNotBoolean},
		"text":     {form.TypeString, func(r *all) any { return &r.text }, "This field may not be blank.", "This field may not be blank."},
		"optional": {form.TypeString, func(r *all) any { return &r.optional }, "This field may not be blank.", "This field may not be blank."},
		"email":    {form.TypeEmail, func(r *all) any { return &r.text }, "This field may not be blank.", "This field may not be blank."},
		"number":   {form.TypeInteger, func(r *all) any { return &r.number }, "A valid integer is required.", ""},
		"small":    {form.TypeInteger, func(r *all) any { return &r.small }, "A valid integer is required.", ""},
		"float":    {form.TypeFloat, func(r *all) any { return &r.float }, "A valid number is required.", "A valid number is required."},
		"at":       {form.TypeDateTime, func(r *all) any { return &r.at }, "Enter a time such as 2027-01-31 14:30 or 2027-01-31T13:45:00Z.", ""},
		"json":     {form.TypeJSON, func(r *all) any { return &r.json }, "", ""},
	}
	read := func(name string, nullable bool, value form.Value) string {
		p, record := places[name], all{}
		table := form.Table[all]{{Field: form.Field{Name: name, Type: p.kind, Nullable: nullable}, At: p.at}}
		faults := table.ReadInto(&record, form.Input{name: value}, form.Create)
		if len(faults) == 0 {
			return ""
		}
		return strings.Join(faults[0].Messages, " ")
	}
	for name, p := range places {
		got := []string{
			read(name, false, form.Value{}), read(name, true, form.Value{}),
			read(name, false, form.Value{Kind: form.String, Text: " "}), read(name, true, form.Value{Kind: form.String, Text: " "}),
		}
		if name == "truth" || name == "float" {
			got[1] = "" // no field of this type may be null
		}
		if diff := cmp.Diff([]string{"This field may not be null.", "", p.must, p.null}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
