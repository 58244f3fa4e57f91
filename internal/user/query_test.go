package user_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"roster/internal/fault"
	"roster/internal/query"
	"roster/internal/user"
)

// parseQuery parses the three parameters.
func parseQuery(search, isActive, ordering string) (user.Query, error) {
	given := map[string]string{"search": search, "is_active": isActive, "ordering": ordering}
	return user.ParseQuery(func(name string) string { return given[name] })
}

func TestParseQuery(t *testing.T) {
	t.Parallel()
	tests := []struct {
		search, isActive, ordering string
		want                       user.Query
	}{
		{"", "", "", user.Query{}},
		{"  ada,\tLovelace \u00a0 ada\u2028x\x1fy", "", "", user.Query{Search: "ada Lovelace x y"}},
		{",, ,", "", "", user.Query{}},
		{`"two words"`, "", "", user.Query{Search: `"two words"`}},
		{"a\xffb", "", "", user.Query{Search: "a\uFFFDb"}},
		{strings.Repeat("é", query.MaxSearchLength), "", "", user.Query{Search: strings.Repeat("é", query.MaxSearchLength)}},
		{"1 2 3 4 5 6 7 8 9 10 1 2", "", "", user.Query{Search: "1 2 3 4 5 6 7 8 9 10"}},
		{"", "true", "", user.Query{IsActive: query.OnlyTrue}},
		{"", "TRUE", "", user.Query{IsActive: query.OnlyTrue}},
		{"", "1", "", user.Query{IsActive: query.OnlyTrue}},
		{"", "False", "", user.Query{IsActive: query.OnlyFalse}},
		{"", "0", "", user.Query{IsActive: query.OnlyFalse}},
		{"x", "0", "-username, id", user.Query{Search: "x", IsActive: query.OnlyFalse, Order: "-username,id"}},
	}
	for _, tt := range tests {
		got, err := parseQuery(tt.search, tt.isActive, tt.ordering)
		if got != tt.want || err != nil {
			t.Errorf("ParseQuery(%q, %q, %q): got %+v, %v, want %+v", tt.search, tt.isActive, tt.ordering, got, err, tt.want)
		}
	}
}

func TestParseQuery_Faults(t *testing.T) {
	t.Parallel()
	const (
		tooLong      = "search: Ensure this field has no more than 200 characters."
		tooManyWords = "search: Ensure this field has no more than 10 words."
		nullByte     = "search: Null characters are not allowed."
		notBoolean   = "is_active: Must be a valid boolean."
	)
	tests := []struct{ search, isActive, want string }{
		{strings.Repeat("é", query.MaxSearchLength+1), "", tooLong},
		{strings.Repeat(" ", 1<<20), "", tooLong},
		{"1 2 3 4 5 6 7 8 9 10 11", "", tooManyWords},
		{"a\x00b", "", nullByte},
		{"", "yes", notBoolean},
		{"", " true", notBoolean},
		{"", "None", notBoolean},
		{"", "2", notBoolean},
		{"", "\x00", notBoolean},
		{"\x00", "maybe", nullByte + "|" + notBoolean},
	}
	for _, tt := range tests {
		got, err := parseQuery(tt.search, tt.isActive, "id")
		if faults(err) != tt.want || got != (user.Query{}) {
			t.Errorf("ParseQuery(%.20q, %q): got %+v, %v, want %s", tt.search, tt.isActive, got, faults(err), tt.want)
		}
	}
}

func TestParseOrder(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                      "",
		"username":                              "username",
		"-username":                             "-username",
		" -last_name ,\tfirst_name":             "-last_name,first_name",
		"--username":                            "",
		"- username":                            "",
		"+username":                             "",
		"Username":                              "",
		"password":                              "",
		"password,email,?":                      "email",
		"id; DROP TABLE t_users":                "",
		"username,-username":                    "username",
		"email,id,username":                     "email,id",
		"-id":                                   "-id",
		"created_at":                            "created_at",
		"-created_at":                           "",
		"-created_at,-id":                       "",
		"-created_at,id":                        "-created_at,id",
		"-created_at,username":                  "-created_at,username",
		"is_active,-updated_at,phone,address,,": "is_active,-updated_at,phone,address",
	} {
		if got := user.ParseOrder(in); got != want {
			t.Errorf("ParseOrder(%q): got %q, want %q", in, got, want)
		}
	}
}

func TestQuery_Keys(t *testing.T) {
	t.Parallel()
	for order, want := range map[string]string{
		"":                      "-created_at,-id",
		"created_at":            "created_at,id",
		"-created_at,id":        "-created_at,id",
		"is_active,-last_name":  "is_active,-last_name,-id",
		"-id":                   "-id",
		"nonsense; DROP, --x,y": "-created_at,-id",
	} {
		if got := query.FormatKeys((user.Query{Order: order}).Keys()); got != want {
			t.Errorf("%q: got %v, want %v", order, got, want)
		}
	}
}

// FuzzParseOrder checks that an order is made of fields alone, each once and
// the id last, that it orders as what it was read from, and that reading it
// again changes nothing.
func FuzzParseOrder(f *testing.F) {
	for _, s := range []string{"", "-created_at", "-created_at,-id", " username ,-email", "--id", "id,-id", "phone,\x00,address\u2028"} {
		f.Add(s)
	}
	names := map[string]bool{}
	for _, field := range user.Table() {
		names[field.Name] = true
	}
	f.Fuzz(func(t *testing.T, s string) {
		order := user.ParseOrder(s)
		if again := user.ParseOrder(order); again != order {
			t.Fatalf("ParseOrder(%q): got %q, and of that %q", s, order, again)
		}
		keys := user.Query{Order: order}.Keys()
		if !slices.Equal(keys, user.Query{Order: s}.Keys()) {
			t.Fatalf("%q orders otherwise than %q", order, s)
		}
		seen := map[string]bool{}
		for i, k := range keys {
			if !names[k.Field] || seen[k.Field] || (k.Field == "id") != (i == len(keys)-1) {
				t.Fatalf("%q: got keys %v", s, keys)
			}
			seen[k.Field] = true
		}
	})
}

// FuzzParseQuery checks that what is taken is within the limits and comes out
// the same when it is read again, and that nothing but words is in its words.
func FuzzParseQuery(f *testing.F) {
	f.Add("ada lovelace", "true")
	f.Add(" a,,b\u3000\x1c ", "FALSE")
	f.Add("\x00\xff", "maybe")
	f.Add(strings.Repeat("w ", 11), "")
	f.Fuzz(func(t *testing.T, search, isActive string) {
		q, err := parseQuery(search, isActive, "")
		if err != nil {
			if fault.KindOf(err) != fault.Invalid || q != (user.Query{}) {
				t.Fatalf("ParseQuery(%q, %q): got %+v, %v", search, isActive, q, err)
			}
			return
		}
		if again, err := parseQuery(q.Search, isActive, q.Order); again != q || err != nil {
			t.Fatalf("got %+v, and of that %+v, %v", q, again, err)
		}
		words := q.Words()
		if strings.Join(words, " ") != q.Search || len(words) > query.MaxSearchWords || utf8.RuneCountInString(q.Search) > query.MaxSearchLength {
			t.Fatalf("got words %q of %q", words, q.Search)
		}
		for _, word := range words {
			if word == "" || !utf8.ValidString(word) || strings.ContainsAny(word, ", \t\n\x00") || !strings.Contains(strings.ToValidUTF8(search, "\uFFFD"), word) {
				t.Fatalf("got word %q of %q", word, search)
			}
		}
	})
}
