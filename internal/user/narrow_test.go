package user_test

import (
	"strings"
	"testing"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/query/filter"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// Lookups narrow the filter of a query, and change nothing else of it. All that is
// wrong with them is reported at once.
func TestNarrow(t *testing.T) {
	t.Parallel()
	var long strings.Builder // as long as a filter may be
	long.WriteString(`email eq "` + strings.Repeat("x", 4000-len(`email eq ""`)) + `"`)
	for name, c := range map[string]struct {
		filter     string
		parameters map[string]string
		want       string // "" means the filter that was given
		wrong      string
	}{
		"nothing":          {"", nil, "", ""},
		"a filter alone":   {`email eq "a@example.com"`, nil, "", ""},
		"no field":         {`email eq "a@example.com"`, map[string]string{"page": "2", "hat__iexact": "x"}, "", ""},
		"one":              {"", map[string]string{"email__iexact": "a@example.com"}, `email ieq "a@example.com"`, ""},
		"two":              {"", map[string]string{"username__startswith": "a", "id__gt": "7"}, `id gt 7 and username sw "a"`, ""},
		"with a filter":    {`email pr`, map[string]string{"id__gt": "7"}, `email pr and id gt 7`, ""},
		"the longest":      {long.String(), nil, "", ""},
		"more than that":   {long.String(), map[string]string{"id__gt": "7"}, "", "characters, at most 4000 are allowed"},
		"a wrong value":    {"", map[string]string{"id__gt": "x"}, "", `id__gt: "x" is not`},
		"a wrong lookup":   {"", map[string]string{"id__startswith": "7", "email__iexact": "a"}, "", "id__startswith: id has no lookup"},
		"two wrong values": {"", map[string]string{"id__gt": "x", "id__lt": "y"}, "", `id__lt: "y" is not`},
	} {
		q := user.Query{Search: "ann", Order: "id", Filter: c.filter}
		got, err := q.Narrow(c.parameters)
		if c.wrong != "" {
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(faults(err), c.wrong) || got != (user.Query{}) {
				t.Errorf("%s: got %+v, %s, want %q", name, got, faults(err), c.wrong)
			}
			continue
		}
		if q.Filter = c.filter; c.want != "" {
			q.Filter = c.want
		}
		if err != nil || got != q {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, q)
		}
	}
	if _, err := (user.Query{}).Narrow(map[string]string{"id__gt": "x", "id__lt": "y"}); strings.Count(faults(err), "is not") != 2 {
		t.Errorf("got %s, want both", faults(err))
	}
}

// A filter is kept in one form, and what was not parsed matches no one.
func TestParseFilter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`EMAIL  EQ "a"`: `email eq "a"`, `((id gt 7))`: `id gt 7`, `id gt`: "", `hat eq 1`: "",
		"id eq 1" + strings.Repeat(" or id eq 1", 200): "",
	} {
		got, wrong := user.ParseFilter(text)
		if got != want || (want == "") != (len(wrong) == 1) {
			t.Errorf("%.40s: got %q, %q, want %q", text, got, wrong, want)
		}
		if q := (user.Query{Filter: got}); want != "" && q.Condition().String() != want {
			t.Errorf("%s: got the condition %v", text, q.Condition())
		}
	}
	if e := (user.Query{}).Condition(); e != nil {
		t.Errorf("no filter: got %v", e)
	}
	for _, text := range []string{"hat eq 1", "(", "id eq"} {
		if none, ok := (user.Query{Filter: text}).Condition().(filter.Or); !ok || len(none) != 0 {
			t.Errorf("%s: got %v, want a condition that no user meets", text, none)
		}
	}
}

// Each of the fields that a search looks into, and no other one, is searched.
func TestTable_Searched(t *testing.T) {
	t.Parallel()
	var searched []string
	for _, f := range user.Table() {
		if f.Searched {
			searched = append(searched, f.Name)
		}
	}
	if got := strings.Join(searched, " "); got != "username email first_name last_name phone" {
		t.Errorf("got %s", got)
	}
}

// A text that the database cannot store is refused wherever in it the character is.
func TestWithin_Widest(t *testing.T) {
	t.Parallel()
	users, _ := newUsers(t, storetest.OpenSQLite(t), newClock())
	users.Within(user.Limits{"username": {Widest: 0xffff}, "address": {Widest: 0xffff}})
	for _, text := range []string{"😀", "😀abc", "ab😀c", "abc😀"} {
		in := input("abc")
		in["username"] = form.Value{Kind: form.String, Text: text + "abc"}
		in["address"] = form.Value{Kind: form.String, Text: text}
		_, err := users.Create(t.Context(), everybody, in)
		got := faults(err)
		if want := "cannot store the character '😀'"; strings.Count(got, want) != 2 {
			t.Errorf("%s: got %s, want %s of both fields", text, got, want)
		}
	}
}
