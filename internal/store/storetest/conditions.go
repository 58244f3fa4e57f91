package storetest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"roster/internal/form"
	"roster/internal/query/filter"
	"roster/internal/user"
)

// testConditions compares the users that every storage finds by a condition with
// what an evaluation in Go finds, and so for many random conditions.
func testConditions(t *testing.T, s user.Store) {
	users := cast()
	users[3].IsActive = false
	users[4].Address = form.Text{}
	users[5].LastName = form.TextOf("")
	for i := range users {
		users[i] = insert(t, s, users[i])
	}
	for _, condition := range []string{
		`email eq "ADA@example.com"`, `username eq "GRACE"`, `username eq "grace"`, `username ieq "grace"`, `username ne "ada"`,
		`phone eq "100%"`, `phone sw "100%"`, `phone sw "1__"`, `phone ew "_b"`, `phone co "]*?"`, `first_name sw "[x]*"`, `first_name sw "["`,
		`first_name ieq "strasse"`, `first_name eq "Zoe\u0308"`, `first_name co "\u0308"`, `last_name ico "Σ"`, `phone ieq "k"`, `phone ew "!b"`,
		`last_name pr`, `not (last_name pr)`, `last_name eq null`, `last_name ne null`, `last_name eq ""`, `last_name co ""`, `not (last_name co "")`,
		`last_name sw "" and last_name ew ""`, `first_name gt "Z"`, `first_name le "Z"`, `not (first_name gt "Z")`, `first_name ne "Ada"`,
		`is_active eq false`, `is_active ne false`, `is_active pr`, `not (is_active eq true and email pr)`,
		`created_at gt "2026-11-23T12:00:05.123456Z"`, `created_at ge "2026-11-23T12:00:05.123456Z"`, `created_at eq "2026-11-23T12:00:05.123456Z"`,
		`created_at lt "2026-11-23"`, `id ge 3 and id lt 5 or id eq 7`, `id in 3`, `address pr and not (username sw "g" or username sw "z")`,
		`first_name co "\\" or phone co "\\"`, `last_name co "ad a"`, `phone iew "WIDTH"`, `first_name isw "o'b"`,
	} {
		wantConditionFound(t, s, users, condition)
	}
	random := rand.New(rand.NewPCG(7, uint64(len(users))))
	for range 200 {
		wantConditionFound(t, s, users, randomCondition(random, users, 3))
	}
}

// wantConditionFound checks the list, the count and the walk of a condition. One that
// is refused finds nothing to check.
func wantConditionFound(t *testing.T, s user.Store, users []user.User, condition string) {
	t.Helper()
	text, messages := user.ParseFilter(condition)
	if messages != nil {
		return
	}
	q := user.Query{Filter: text, Order: "id"}
	var want []string
	for i := range users {
		if holds(q.Condition(), &users[i]) {
			want = append(want, users[i].Username)
		}
	}
	found, err := s.ListUsers(t.Context(), q, 0, 100)
	walked, err2 := s.WalkUsers(t.Context(), q, 0, 1<<40, 100)
	n, err3 := s.CountUsers(t.Context(), q)
	if err = cmp.Or(err, err2, err3); err != nil {
		t.Fatalf("%s: %v", condition, err)
	}
	if got := usernames(found); !slices.Equal(got, want) || !slices.Equal(usernames(walked), want) || n != int64(len(want)) {
		t.Errorf("%s: listed %q, walked %q, counted %d, want %q", condition, got, usernames(walked), n, want)
	}
}

func usernames(users []user.User) (names []string) {
	for i := range users {
		names = append(names, users[i].Username)
	}
	return names
}

// holds evaluates a condition.
func holds(e filter.Expression, u *user.User) bool {
	switch e := e.(type) {
	case filter.And:
		return !slices.ContainsFunc(e, func(part filter.Expression) bool { return !holds(part, u) })
	case filter.Or:
		return slices.ContainsFunc(e, func(part filter.Expression) bool { return holds(part, u) })
	case filter.Not:
		return !holds(e.Of, u)
	}
	c := e.(filter.Comparison)
	if c.Op == filter.NotEqual {
		c.Op = filter.Equal
		return !holds(c, u)
	}
	value := user.Table().Find(c.Field.Name).Get(u)
	if value == "" && c.Op == filter.Present {
		return false
	}
	if value == nil || c.Value == nil {
		return (value == nil) == (c.Value == nil && c.Op == filter.Equal)
	}
	return compares(c, value)
}

// compares evaluates a comparison of a value that is not null with another.
func compares(c filter.Comparison, value any) bool {
	switch wanted := c.Value.(type) {
	case bool:
		return value == wanted
	case int64:
		return inOrder(c.Op, cmp.Compare(value.(int64), wanted))
	case time.Time:
		return inOrder(c.Op, value.(time.Time).Compare(wanted))
	}
	text, wanted := value.(string), c.Value.(string)
	switch c.Op {
	case filter.EqualFold:
		return folded(text) == folded(wanted)
	case filter.ContainsFold:
		return strings.Contains(folded(text), folded(wanted))
	case filter.StartsWithFold:
		return strings.HasPrefix(folded(text), folded(wanted))
	case filter.EndsWithFold:
		return strings.HasSuffix(folded(text), folded(wanted))
	case filter.Contains:
		return strings.Contains(text, wanted)
	case filter.StartsWith:
		return strings.HasPrefix(text, wanted)
	case filter.EndsWith:
		return strings.HasSuffix(text, wanted)
	}
	return inOrder(c.Op, strings.Compare(text, wanted))
}

func inOrder(op filter.Operator, order int) bool {
	switch op {
	case filter.Greater:
		return order > 0
	case filter.GreaterOrEqual:
		return order >= 0
	case filter.Less:
		return order < 0
	case filter.LessOrEqual:
		return order <= 0
	}
	return order == 0
}

// folded returns a text with each letter replaced by the least that differs from it in
// case alone. ASCII letters are apart from others, such as the Kelvin sign.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for v := unicode.SimpleFold(r); v != r; v = unicode.SimpleFold(v) {
			if (v < utf8.RuneSelf) == (r < utf8.RuneSelf) {
				least = min(least, v)
			}
		}
		return least
	}, s)
}

// randomCondition returns a random condition, about parts of what the users have.
func randomCondition(random *rand.Rand, users []user.User, depth int) string {
	one := func() string { return randomCondition(random, users, depth-1) }
	switch kind := random.IntN(6); {
	case depth == 0 || kind > 3:
		return randomComparison(random, users)
	case kind == 0:
		return "not (" + one() + ")"
	case kind == 1:
		return "(" + one() + " or " + one() + ")"
	}
	return one() + " and (" + one() + ")"
}

func randomComparison(random *rand.Rand, users []user.User) string {
	u, fields := &users[random.IntN(len(users))], user.Table()
	field := fields[random.IntN(len(fields))]
	operators := []string{"eq", "ne", "gt", "ge", "lt", "le", "pr", "co", "sw", "ew", "ieq", "ico", "isw", "iew"}
	start := field.Name + " " + operators[random.IntN(len(operators))]
	switch value := field.Get(u).(type) {
	case nil:
		return start + " null"
	case string:
		letters := []rune(value)
		from := random.IntN(len(letters) + 1)
		to := from + random.IntN(len(letters)-from+1)
		part := string(letters[from:to])
		if random.IntN(3) == 0 {
			part = strings.ToUpper(part)
		}
		return start + " " + string(form.AppendString(nil, part))
	case time.Time:
		return start + " " + strconv.Quote(value.Format(time.RFC3339Nano))
	case bool:
		return start + " " + strconv.FormatBool(value)
	default:
		return start + " " + strconv.FormatInt(u.ID, 10)
	}
}
