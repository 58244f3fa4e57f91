package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"roster/internal/form"
	"roster/internal/query"
	"roster/internal/user"
)

// cast are the users that searches look for, in the order of their ids, which
// are newest last.
func cast() []user.User {
	row := func(username, first, last, phone string) user.User {
		return user.User{
			Username: username, Email: strings.ToLower(username) + "@example.com", IsActive: true,
			FirstName: text(first), LastName: text(last), Phone: text(phone), Address: form.TextOf("hidden street"),
		}
	}
	users := []user.User{
		row("ada", "Ada", "Lovelace", "+1 (555) 0100"),
		row("GRACE", "Grace", "Hopper", "100%"),
		row("zoe", "Zoë", "MÜLLER", "a_b"),
		row("wang", "王", "小明", "a!b"),
		row("emoji", "😀", "", `a\b`),
		row("nulls", "-", "-", "-"),
		row("set", "[x]*?^-", `{1}.$|+()`, "a[b"),
		row("eszett", "Straße", "STRASSE", "ẞ"),
		row("dotted", "İ", "ı", "\u212A"), // the last is the Kelvin sign
		row("greek", "ΣΊΣΥΦΟΣ", "Σίσυφος", "ς"),
		row("decomposed", "Zoe\u0308", "Åström", "\u212B"), // the last is the Angstrom sign
		row("quote", `O'Brien "x"; --`, "ad a", "fullｗidth"),
		row("grow", "ȺȾ", "tail", "end"), // longer in lower case
		row("new", "Ა", "𖹀", "Ⱟ"),        // letters of Unicode 11 and later
	}
	for i := range users {
		users[i].CreatedAt = noon.Add(time.Duration(i) * time.Second)
		users[i].UpdatedAt = users[i].CreatedAt
	}
	return users
}

// text returns a text, "-" for an absent one.
func text(s string) form.Text {
	if s == "-" {
		return form.Text{}
	}
	return form.TextOf(s)
}

// testSearch has the answers that every storage gives alike.
func testSearch(t *testing.T, s user.Store) {
	users := cast()
	insertAll(t, s, users)
	for search, want := range map[string]string{
		"ada":                      "ada",
		"ADA":                      "ada",
		"ada love":                 "ada",
		"love ada":                 "ada",
		"love,ADA,example.com":     "ada",
		"ada hopper":               "",
		"grace@EXAMPLE":            "grace",
		"gRaCe":                    "grace",
		"555":                      "ada",
		"(555)":                    "ada",
		"hidden":                   "", // the address is not searched
		"adaada":                   "", // one column at a time
		"ada@example.comada":       "",
		"%":                        "grace",
		"0%":                       "grace",
		"_":                        "zoe",
		"a_b":                      "zoe",
		"!":                        "wang",
		"a!b":                      "wang",
		`\`:                        "emoji",
		`a\b`:                      "emoji",
		"*":                        "set",
		"?":                        "set",
		"[":                        "set",
		"]":                        "set",
		"[x]":                      "set",
		"[x]*?^-":                  "set",
		"^-":                       "set",
		"{1}.$|+()":                "set",
		"[b":                       "set",
		"[a-z]":                    "",
		".*":                       "",
		"zoë":                      "zoe",
		"ZOË":                      "zoe",
		"zoe":                      "decomposed zoe",
		"zoe\u0308":                "decomposed",
		"müller":                   "zoe",
		"muller":                   "",
		"王":                        "wang",
		"明":                        "wang",
		"😀":                        "emoji",
		"😁":                        "",
		"straße":                   "eszett",
		"strasse":                  "eszett",
		"STRAẞE":                   "eszett",
		"ß":                        "eszett",
		"İ":                        "dotted",
		"i\u0307":                  "",
		"ı":                        "dotted",
		"\u212A":                   "dotted",
		"k":                        "greek",
		"σίσυφοσ":                  "greek",
		"ΣΊΣΥΦΟΣ":                  "greek",
		"σισυφος":                  "",
		"å":                        "decomposed",
		"ÅSTRÖM":                   "decomposed",
		"O'Brien":                  "quote",
		"';":                       "",
		`"x";`:                     "quote",
		"--":                       "quote",
		"ad":                       "quote ada",
		"fullwidth":                "",
		"FULLＷIDTH":                "quote",
		"ⱥⱦ":                       "grow",
		"ȺȾ tail end":              "grow",
		"ა":                        "new",
		"𖹠":                        "new",
		"ⱟ":                        "new",
		"\uFFFD":                   "",
		strings.Repeat("x", 200):   "",
		strings.Repeat("王", 200):   "",
		"a d l o v e 1 5 0 @ . +":  "ada",
		" , ":                      "new grow quote decomposed greek dotted eszett set nulls emoji wang zoe grace ada",
		"\x00a\x00d\x00a love\x00": "ada",
	} {
		wantFound(t, s, user.Query{Search: search}, want)
	}
}

// testLetters searches for every letter that has two cases in each of them.
func testLetters(t *testing.T, s user.Store) {
	var upper, lower []rune
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if l := unicode.ToLower(r); l != r && unicode.SimpleFold(l) == r && unicode.SimpleFold(r) == l {
			upper, lower = append(upper, r), append(lower, l)
		}
	}
	const perRow = 100
	for i := 0; i < len(upper); i += perRow {
		end := min(i+perRow, len(upper))
		one, two := person(i), person(i+1)
		one.LastName, two.LastName = form.TextOf(string(upper[i:end])), form.TextOf(string(lower[i:end]))
		insertAll(t, s, []user.User{one, two})
		for _, search := range []string{string(upper[i:end]), string(lower[i:end])} {
			if n, err := s.CountUsers(t.Context(), user.Query{Search: search}); err != nil || n != 2 {
				t.Errorf("%s: found %d, %v, want 2", search, n, err)
			}
		}
	}
}

func testFilter(t *testing.T, s user.Store) {
	users := cast()
	for i := range users {
		users[i].IsActive = i%2 == 0
	}
	insertAll(t, s, users)
	const active, others = "grow decomposed dotted set emoji zoe ada", "new quote greek eszett nulls wang grace"
	wantFound(t, s, user.Query{IsActive: query.OnlyTrue}, active)
	wantFound(t, s, user.Query{IsActive: query.OnlyFalse}, others)
	wantFound(t, s, user.Query{IsActive: query.OnlyTrue, Order: "created_at"}, "ada zoe emoji set dotted decomposed grow")
	wantFound(t, s, user.Query{IsActive: query.OnlyTrue, Search: "ad"}, "ada")
	wantFound(t, s, user.Query{IsActive: query.OnlyFalse, Search: "ad"}, "quote")
	wantFound(t, s, user.Query{IsActive: query.OnlyFalse, Search: "absent"}, "")
	if err := s.InTx(t.Context(), func(tx user.Tx) error { return tx.DeleteUsers(user.Deletion{}, users[1]) }); err != nil {
		t.Fatal(err)
	}
	wantFound(t, s, user.Query{IsActive: query.OnlyFalse}, strings.TrimSuffix(others, " grace"))
}

// testFilterMany has so many users that their index is not the best way to them.
func testFilterMany(t *testing.T, s user.Store) {
	users := insertMany(t, s, 9000)
	var want []int64
	for _, u := range users {
		if u.IsActive {
			want = append(want, u.ID)
		}
	}
	slices.Reverse(want)
	q := user.Query{IsActive: query.OnlyTrue}
	for _, offset := range []int64{0, 3000, int64(len(want)) - 2, int64(len(want))} {
		got, err := s.ListUsers(t.Context(), q, offset, 10)
		if end := min(int(offset)+10, len(want)); err != nil || !slices.Equal(ids(got), slices.Clip(want[offset:end])) {
			t.Errorf("offset %d: got %v, %v, want %v", offset, ids(got), err, want[offset:end])
		}
	}
}

func testOrders(t *testing.T, s user.Store) {
	users := []user.User{person(1), person(2), person(3), person(4), person(5)}
	for i, names := range [][3]string{{"b", "-", "Z"}, {"B", "", "a"}, {"é", "é", "😀"}, {"z", "e\u0301", "ﬀ"}, {"a ", "-", "a"}} {
		users[i].Username, users[i].FirstName, users[i].LastName = names[0], text(names[1]), text(names[2])
		users[i].Phone = users[i].FirstName
		users[i].Email = string(rune('e'-i)) + "@example.com"
		users[i].Address = text(strings.Repeat("x", 199) + names[0])
		users[i].UpdatedAt = noon.Add(-time.Duration(i/2) * time.Hour)
	}
	insertAll(t, s, users)
	first := users[0].ID - 1
	for order, want := range map[string][]int64{
		"":                            {5, 4, 3, 2, 1},
		"created_at":                  {1, 2, 3, 4, 5},
		"id":                          {1, 2, 3, 4, 5},
		"-id":                         {5, 4, 3, 2, 1},
		"username":                    {2, 5, 1, 4, 3},
		"-username":                   {3, 4, 1, 5, 2},
		"email":                       {5, 4, 3, 2, 1},
		"first_name":                  {1, 5, 2, 4, 3},
		"-first_name":                 {3, 4, 2, 5, 1},
		"phone,-id":                   {5, 1, 2, 4, 3},
		"last_name":                   {1, 2, 5, 4, 3},
		"last_name,-created_at":       {1, 5, 2, 4, 3},
		"address":                     {2, 5, 1, 4, 3},
		"is_active":                   {3, 1, 2, 4, 5},
		"-is_active,username":         {2, 5, 1, 4, 3},
		"updated_at":                  {5, 3, 4, 1, 2},
		"-updated_at":                 {2, 1, 4, 3, 5},
		"no_field,last_name; DROP,id": {1, 2, 3, 4, 5},
	} {
		got, err := s.ListUsers(t.Context(), user.Query{Order: order}, 0, 10)
		for i := range want {
			want[i] += first
		}
		if err != nil || !slices.Equal(ids(got), want) {
			t.Errorf("%q: got %v, %v, want %v", order, ids(got), err, want)
		}
	}
}

// testFoundPages pages through what is found and ordered: each user is on one page.
func testFoundPages(t *testing.T, s user.Store) {
	insertMany(t, s, 250)
	for _, q := range []user.Query{{Search: "user"}, {Order: "first_name"}, {Order: "-is_active"}, {Search: "user1 example", Order: "last_name"}} {
		total, err := s.CountUsers(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int64]bool{}
		for offset := int64(0); offset < total; offset += 7 {
			page, err := s.ListUsers(t.Context(), q, offset, 7)
			if want := min(7, total-offset); err != nil || int64(len(page)) != want {
				t.Fatalf("%+v, offset %d: got %d users, %v, want %d", q, offset, len(page), err, want)
			}
			for _, id := range ids(page) {
				seen[id] = true
			}
		}
		if int64(len(seen)) != total {
			t.Errorf("%+v: got %d users on the pages, want %d", q, len(seen), total)
		}
		if beyond, err := s.ListUsers(t.Context(), q, 1<<40, 7); err != nil || len(beyond) != 0 {
			t.Errorf("%+v: got %v, %v beyond the last page", q, ids(beyond), err)
		}
		if none, err := s.ListUsers(t.Context(), q, -1, 0); err != nil || len(none) != 0 {
			t.Errorf("%+v: got %v, %v for a limit of 0", q, ids(none), err)
		}
	}
}

func testCountCreated(t *testing.T, s user.Store) {
	second := noon.Truncate(time.Second)
	for i, at := range []time.Time{
		second.Add(-time.Microsecond), second, second.Add(time.Microsecond), second.Add(time.Second), second.Add(time.Hour),
	} {
		u := person(i)
		u.CreatedAt = at
		insert(t, s, u)
	}
	east := time.FixedZone("", 2*3600)
	for _, tt := range []struct {
		limits []time.Time
		want   []int64
	}{
		{nil, nil},
		{[]time.Time{second}, nil},
		{[]time.Time{second, second.Add(time.Second)}, []int64{2}},
		{[]time.Time{second.In(east), second.In(east), second.Add(time.Microsecond), second.Add(time.Hour), second.Add(2 * time.Hour)}, []int64{0, 1, 2, 1}},
	} {
		got, err := s.CountCreated(t.Context(), tt.limits)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%v: got %v, %v, want %v", tt.limits, got, err, tt.want)
		}
	}
	year := make([]time.Time, 400)
	for i := range year {
		year[i] = second.AddDate(0, 0, i-200)
	}
	got, err := s.CountCreated(t.Context(), year)
	if err != nil || len(got) != 399 || got[199] != 1 || got[200] != 4 {
		t.Errorf("a year: got %v, %v", got, err)
	}
}

// wantFound checks the usernames, in lower case, of those whom a query finds.
func wantFound(t *testing.T, s user.Store, q user.Query, want string) {
	t.Helper()
	users, err := s.ListUsers(t.Context(), q, 0, 100)
	var names []string
	for _, u := range users {
		names = append(names, strings.ToLower(u.Username))
	}
	if got := strings.Join(names, " "); err != nil || got != want {
		t.Errorf("%+v: found %q, %v, want %q", q, got, err, want)
	}
	if n, err := s.CountUsers(t.Context(), q); err != nil || n != int64(len(strings.Fields(want))) {
		t.Errorf("%+v: counted %d, %v, want %q", q, n, err, want)
	}
}
