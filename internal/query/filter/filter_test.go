package filter_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"roster/internal/form"
	"roster/internal/query/filter"
)

var fields = []form.Field{
	{Name: "id", Type: form.TypeInteger},
	{Name: "email", Type: form.TypeEmail},
	{Name: "last_name", Type: form.TypeString, Nullable: true},
	{Name: "is_active", Type: form.TypeBoolean},
	{Name: "created_at", Type: form.TypeDateTime},
	{Name: "note", Type: form.TypeJSON},
}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`email eq "a@example.com"`:                       "",
		`EMAIL Eq "a@example.com"`:                       `email eq "a@example.com"`,
		`  (  ( id gt 5 ) )`:                             `id gt 5`,
		`id eq -5`:                                       "",
		`last_name pr`:                                   "",
		`last_name eq null`:                              "",
		`last_name ne NULL`:                              `last_name ne null`,
		`is_active eq True`:                              `is_active eq true`,
		`last_name eq "O\"Neil\u0041\\"`:                 `last_name eq "O\"NeilA\\"`,
		`created_at lt "2026-01-31"`:                     `created_at lt "2026-01-31T00:00:00Z"`,
		`created_at ge "2026-01-31T08:00:00.5+02:00"`:    `created_at ge "2026-01-31T06:00:00.5Z"`,
		`id eq 1 or id eq 2 and id eq 3`:                 "",
		`(id eq 1 or id eq 2) and id eq 3`:               "",
		`id eq 1 or (id eq 2 or id eq 3)`:                `id eq 1 or id eq 2 or id eq 3`,
		`(id eq 1 and id eq 2) and (id eq 3)`:            `id eq 1 and id eq 2 and id eq 3`,
		`not(id eq 1)`:                                   `not (id eq 1)`,
		`not (id eq 1 or id eq 2) and email pr`:          "",
		`NOT (not (id eq 1))`:                            `not (not (id eq 1))`,
		`last_name ieq "x" or last_name isw ""`:          "",
		`email ico "ß" and email iew "@X.example"`:       "",
		"email\tco\n\"a b\"":                             `email co "a b"`,
		`last_name sw "` + strings.Repeat("é", 50) + `"`: "",
	} {
		e, err := filter.Parse(text, fields)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if want == "" {
			want = text
		}
		if got := e.String(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestParse_Refused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                              "Position 1: The filter ends where a field is expected.",
		`mail eq "x"`:                   `Position 1: There is no field "mail" to filter by; use id, email, last_name, is_active or created_at.`,
		`note eq "x"`:                   `Position 1: There is no field "note" to filter by; use id, email, last_name, is_active or created_at.`,
		`email.value eq "x"`:            `Position 1: There is no field "email.value" to filter by; use id, email, last_name, is_active or created_at.`,
		`email is "x"`:                  `Position 7: Found "is" where an operator for email (eq, ne, gt, ge, lt, le, pr, co, sw, ew, ieq, ico, isw or iew) is expected.`,
		`id co "5"`:                     `Position 4: Found "co" where an operator for id (eq, ne, gt, ge, lt, le or pr) is expected.`,
		`is_active gt true`:             `Position 11: Found "gt" where an operator for is_active (eq, ne or pr) is expected.`,
		`id eq "5"`:                     `Position 7: Found "5" where a value of id, an integer, is expected.`,
		`id eq 5.0`:                     `Position 7: Found "5.0" where a value of id, an integer, is expected.`,
		`id eq 9223372036854775808`:     `Position 7: Found "9223372036854775808" where a value of id, an integer, is expected.`,
		`id gt null`:                    `Position 7: Found "null" where a value of id, an integer, is expected.`,
		`is_active eq "true"`:           `Position 14: Found "true" where a value of is_active, true or false, is expected.`,
		`email eq x`:                    `Position 10: Found "x" where a value of email, a text in quotation marks, is expected.`,
		`email eq 5`:                    `Position 10: Found "5" where a value of email, a text in quotation marks, is expected.`,
		`email eq "a` + "\\u0000" + `"`: "Position 10: Found \"a\\x00\" where a value of email, a text in quotation marks, is expected.",
		`created_at lt "soon"`:          `Position 15: Found "soon" where a value of created_at, a time such as "2026-01-31T08:00:00Z", is expected.`,
		`created_at lt "0000-01-01"`:    `Position 15: Found "0000-01-01" where a value of created_at, a time such as "2026-01-31T08:00:00Z", is expected.`,
		`email eq "x`:                   `Position 10: The text has no closing quotation mark.`,
		`email eq "\x"`:                 `Position 10: The text "\x" is not a JSON string.`,
		`email eq 'x'`:                  `Position 10: Unexpected '\''.`,
		`email eq "é" und id eq 1`:      `Position 14: Found "und" where "and", "or" or the end is expected.`,
		`email eq "x" and`:              `Position 17: The filter ends where a field is expected.`,
		`email`:                         `Position 6: The filter ends where an operator for email (eq, ne, gt, ge, lt, le, pr, co, sw, ew, ieq, ico, isw or iew) is expected.`,
		`(id eq 1`:                      `Position 9: The filter ends where ")" is expected.`,
		`id eq 1)`:                      `Position 8: Found ")" where "and", "or" or the end is expected.`,
		`not id eq 1`:                   `Position 5: Found "id" where "(" is expected.`,
		`emails[type eq "work"]`:        `Position 1: There is no field "emails[type" to filter by; use id, email, last_name, is_active or created_at.`,
	} {
		e, err := filter.Parse(text, fields)
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, %v, want %s", text, e, err, want)
		}
	}
}

// At each limit an expression is accepted, and one beyond it is refused.
func TestParse_Limits(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		make func(n int) string
		most int
	}{
		"length":      {func(n int) string { return `email eq "` + strings.Repeat("é", n-len(`email eq ""`)) + `"` }, filter.MaxLength},
		"depth":       {func(n int) string { return strings.Repeat("(", n) + "id eq 1" + strings.Repeat(")", n) }, filter.MaxDepth},
		"comparisons": {func(n int) string { return "id pr" + strings.Repeat(" or id pr", n-1) }, filter.MaxComparisons},
	} {
		for n, ok := range map[int]bool{of.most - 1: true, of.most: true, of.most + 1: false} {
			if _, err := filter.Parse(of.make(n), fields); (err == nil) != ok {
				t.Errorf("%s of %d: got %v, want success: %v", name, n, err, ok)
			}
		}
	}
	for n, ok := range map[int]bool{filter.MaxComparisons: true, filter.MaxComparisons + 1: false} {
		_, message := filter.Lookup("id__in", strings.Repeat("7,", n-1)+"7", fields)
		if (message == "") != ok {
			t.Errorf("a list of %d: got %q, want success: %v", n, message, ok)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for parameter, want := range map[string]string{
		"email__exact=a@example.com":             `email eq "a@example.com"`,
		"email__iexact=a":                        `email ieq "a"`,
		"email__contains=a,b":                    `email co "a,b"`,
		"email__icontains=a":                     `email ico "a"`,
		"email__startswith=a":                    `email sw "a"`,
		"email__istartswith=a":                   `email isw "a"`,
		"email__endswith=a":                      `email ew "a"`,
		"email__iendswith=a":                     `email iew "a"`,
		"id__gt=1":                               `id gt 1`,
		"id__gte=1":                              `id ge 1`,
		"id__lt=1":                               `id lt 1`,
		"id__lte=-1":                             `id le -1`,
		"id__in=1,2,3":                           `id eq 1 or id eq 2 or id eq 3`,
		"id__in=1":                               `id eq 1`,
		"id__range=1,9":                          `id ge 1 and id le 9`,
		"last_name__isnull=true":                 `last_name eq null`,
		"last_name__isnull=0":                    `last_name ne null`,
		"is_active__exact=1":                     `is_active eq true`,
		"created_at__gte=2026-01-31 08:00":       `created_at ge "2026-01-31T08:00:00Z"`,
		"created_at__lt=2026-01-31T08:00:00%2B0": `"2026-01-31T08:00:00%2B0" is not a time such as "2026-01-31T08:00:00Z".`,
		"id__in=1,x":                             `"x" is not an integer.`,
		"id__in=":                                `"" is not an integer.`,
		"id__range=1":                            `"1" is not a range: give the first and the last value with a comma between them.`,
		"id__range=1,b":                          `"b" is not an integer.`,
		"id__range=a,1":                          `"a" is not an integer.`,
		"is_active__range=0,1":                   `"0,1" is not a range: give the first and the last value with a comma between them.`,
		"last_name__isnull=maybe":                `"maybe" is not true or false.`,
		"is_active__exact=2":                     `"2" is not true or false.`,
		"id__contains=1":                         `id has no lookup "contains"; use exact, gt, gte, in, isnull, lt, lte or range.`,
		"is_active__gt=1":                        `is_active has no lookup "gt"; use exact, in or isnull.`,
		"email__":                                `email has no lookup ""; use contains, endswith, exact, gt, gte, icontains, iendswith, iexact, in, isnull, istartswith, lt, lte, range or startswith.`,
		"mail__exact=a":                          "",
		"EMAIL__exact=a":                         "",
		"note__exact=a":                          "",
		"__exact=a":                              "",
	} {
		name, value, _ := strings.Cut(parameter, "=")
		e, got := filter.Lookup(name, value, fields)
		if e != nil {
			got = e.String()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", parameter, got, want)
		}
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	one, two := parsed(t, "id eq 1"), parsed(t, "id eq 2 or id eq 3")
	for want, got := range map[string]filter.Expression{
		"id eq 1":                          filter.All(nil, one),
		"id eq 1 and (id eq 2 or id eq 3)": filter.All(one, nil, two),
		"id eq 1 and id eq 1 and (id eq 2 or id eq 3)": filter.All(one, filter.All(one, two)),
	} {
		if got.String() != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := filter.All(nil, nil); got != nil {
		t.Errorf("of nothing: got %v", got)
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`email eq "a"`: "[a]",
		`email sw "a" and last_name ico "b" and id eq 5`: "[a b]",
		`email gt "a" and email ne "b" and email pr`:     "[]",
		`email eq "a" or email eq "b"`:                   "[]",
		`not (email eq "a")`:                             "[]",
		`last_name eq null`:                              "[]",
	} {
		got := filter.Texts(parsed(t, text), func(name string) bool { return name != "id" })
		if fmt.Sprint(got) != want {
			t.Errorf("%s: got %q, want %s", text, got, want)
		}
	}
	if got := filter.Texts(parsed(t, `email eq "a"`), func(string) bool { return false }); got != nil {
		t.Errorf("of a field that is not searched: got %q", got)
	}
}

// The text of an expression is an equal expression.
func TestString_RoundTrip(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		e := anyExpression(random, 4)
		text := e.String()
		again, err := filter.Parse(text, fields)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := again.String(); got != text {
			t.Fatalf("%s is %s again", text, got)
		}
	}
}

// anyExpression returns a random expression.
func anyExpression(random *rand.Rand, depth int) filter.Expression {
	one := func() filter.Expression { return anyExpression(random, depth-1) }
	switch kind := random.IntN(6); {
	case depth == 0 || kind > 2:
		return anyComparison(random)
	case kind == 0:
		return filter.Not{Of: one()}
	case kind == 1:
		return filter.All(one(), one())
	}
	return filter.Or{one(), one(), anyComparison(random)}
}

func anyComparison(random *rand.Rand) filter.Expression {
	return pick(random, []filter.Expression{
		filter.Comparison{Field: &fields[0], Op: filter.Equal, Value: random.Int64N(100) - 50},
		filter.Comparison{Field: &fields[1], Op: pick(random, []filter.Operator{filter.Contains, filter.StartsWithFold}), Value: pick(random, []string{"", "a", `"\`, "é\n", "\u2028"})},
		filter.Comparison{Field: &fields[2], Op: pick(random, []filter.Operator{filter.Present, filter.Equal, filter.NotEqual})},
		filter.Comparison{Field: &fields[3], Op: filter.Equal, Value: random.IntN(2) == 0},
		filter.Comparison{Field: &fields[4], Op: filter.Less, Value: time.Date(2026, 1, 2, 3, 4, 5, random.IntN(3)*1000, time.UTC)},
	})
}

func pick[T any](random *rand.Rand, of []T) T { return of[random.IntN(len(of))] }

func parsed(t *testing.T, text string) filter.Expression {
	t.Helper()
	e, err := filter.Parse(text, fields)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return e
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{`email eq "a" and not (id lt 5)`, `last_name pr or is_active eq true`, `((((`, `created_at ge "2026-01-01"`, "\"\xff\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := filter.Parse(text, fields)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "Position ") {
				t.Fatalf("got %v", err)
			}
			return
		}
		again, err := filter.Parse(e.String(), fields)
		if err == nil && again.String() != e.String() {
			t.Fatalf("%q is %s, and then %s", text, e, again)
		}
		if err != nil && form.Length(e.String()) <= filter.MaxLength {
			t.Fatalf("%q is %s: %v", text, e, err)
		}
	})
}
