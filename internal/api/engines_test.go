package api_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/store/storetest"
)

// pair is the API on each engine, with clocks that go alike.
type pair struct{ sqlite, mysql *fixture }

func newPair(t *testing.T, still int) pair {
	t.Helper()
	return pair{
		newFixture(t, storetest.OpenSQLite(t), setup{pageSize: 3, now: slowClock(still)}),
		newFixture(t, storetest.OpenMySQL(t), setup{pageSize: 3, now: slowClock(still)}),
	}
}

// slowClock moves on by odd nanoseconds with every still-th look, so that rows
// share their times.
func slowClock(still int) func() time.Time {
	at, looks := time.Date(2026, 11, 23, 23, 59, 58, 999999999, time.UTC), 0
	return func() time.Time {
		if looks++; looks%still == 0 {
			at = at.Add(123456789 * time.Nanosecond)
		}
		return at
	}
}

// alike sends a request to both and fails the test unless the answers are the
// same to the byte: status, headers and body. It returns the status.
func (p pair) alike(t *testing.T, method, target, body string, headers ...string) int {
	t.Helper()
	var texts [2]string
	var status int
	for i, f := range []*fixture{p.sqlite, p.mysql} {
		_, got := f.send(method, target, body, headers...)
		var text strings.Builder
		fmt.Fprintln(&text, got.Code)
		for _, name := range slices.Sorted(maps.Keys(got.Header())) {
			if name != "X-Request-Id" { // drawn at random
				fmt.Fprintln(&text, name, got.Header()[name])
			}
		}
		text.Write(got.Body.Bytes())
		texts[i], status = text.String(), got.Code
	}
	if diff := cmp.Diff(texts[0], texts[1]); diff != "" {
		t.Errorf("%s %s %.300q (-sqlite +mysql):\n%s", method, target, body, diff)
	}
	return status
}

// oddTexts are texts that databases are known to fold, pad, cut or refuse,
// beside others that they then take for the same. Each is JSON.
var oddTexts = []string{
	`"ann"`, `"Ann"`, `"ANN"`, `"ann "`, `"an n"`, `"änn"`, `"a\u0308nn"`, `"ａｎｎ"`, `"an\u212a"`, `"ank"`, `"straße"`, `"strasse"`, `"\u0130ii"`, `"ıii"`,
	`"😀😀😀"`, `"😁😁😁"`, `"an\u200bn"`, `"an\u00adn"`, `"ann\t"`, `"ann\u00a0"`, `"an\u001fn"`, `"an\u0000n"`, `"\ud800nn"`, "\"an\xffn\"", `"\ufeffann"`, `"\uffffnn"`,
	`"'; DROP"`, `"a\\'b"`, `"a\\"`, `"a''"`, `"a\"\"b"`, `"a?b"`, `"%_%"`, `"a\nb"`, `"a\r\nb"`, `"a\u001ab"`, `"--a"`, `"NULL"`, `"0x41"`, `"1e3"`,
	`123`, `1.50`, `1e400`, `12345678901234567890123`, `true`, `null`, `[]`, `{}`, `""`, `" "`,
}

// manyTexts are texts about as long as the columns.
func manyTexts() []string {
	texts := slices.Clone(oddTexts)
	for _, length := range []int{20, 21, 100, 101, 255, 256} {
		for _, char := range []string{"x", "é", "😀", `\\`, `'`} {
			texts = append(texts, `"`+strings.Repeat(char, length)+`"`)
		}
	}
	return append(texts, `"`+strings.Repeat("😀", 20_000)+`"`) // TEXT would not hold it
}

// TestEngines_OddTexts stores each text in each field, and reads it again as
// JSON and as a page.
func TestEngines_OddTexts(t *testing.T) {
	t.Parallel()
	p, created := newPair(t, 2), 0
	for _, field := range []string{"username", "email", "first_name", "phone", "address", "is_active"} {
		for i, text := range manyTexts() {
			values := map[string]string{"username": fmt.Sprintf(`"%s%d"`, field, i), "email": fmt.Sprintf(`"%s%d@example.com"`, field, i), field: text}
			if inner, ok := strings.CutSuffix(text, `"`); ok && field == "email" {
				values[field] = inner + `@example.com"`
			}
			if p.alike(t, "POST", "/api/users/", object(values)) == http.StatusCreated {
				created++
				p.alike(t, "GET", fmt.Sprintf("/api/users/%d/", created), "")
			}
			p.alike(t, "PATCH", "/api/users/1/", object(map[string]string{field: values[field]}))
		}
		p.alike(t, "GET", "/api/users/", "", "Accept", "text/html")
	}
	for page := range created/3 + 3 {
		p.alike(t, "GET", fmt.Sprintf("/api/users/?page=%d", page), "")
	}
}

// object writes a JSON object of values that are JSON.
func object(values map[string]string) string {
	var members []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		members = append(members, `"`+name+`":`+values[name])
	}
	return "{" + strings.Join(members, ",") + "}"
}

// TestEngines_AnyRequests sends requests drawn at random, of names that often
// meet, so that rows come, change, clash and go.
func TestEngines_AnyRequests(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			p, random, statuses := newPair(t, int(seed)+1), rand.New(rand.NewPCG(seed, 1)), map[int]int{}
			for range 250 {
				method, target, body := drawRequest(random)
				accept := pick(random, "application/json", "application/json", "*/*", "text/html")
				statuses[p.alike(t, method, target, body, "Accept", accept)]++
			}
			for _, status := range []int{200, 201, 204, 400, 404} {
				if statuses[status] == 0 {
					t.Errorf("got statuses %v, want some of %d", statuses, status)
				}
			}
		})
	}
}

func pick(random *rand.Rand, choices ...string) string { return choices[random.IntN(len(choices))] }

func drawRequest(random *rand.Rand) (method, target, body string) {
	one := "/api/users/" + pick(random, "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "0", "-1", "01", "2147483648", "9223372036854775807", "9223372036854775808", "x") + "/"
	switch method = pick(random, "GET", "GET", "GET", "POST", "POST", "POST", "POST", "PUT", "PATCH", "PATCH", "DELETE", "HEAD", "OPTIONS"); method {
	case "POST":
		return method, "/api/users/", drawUser(random)
	case "PUT", "PATCH":
		return method, one, drawUser(random)
	case "GET":
		page := pick(random, "1", "2", "3", "4", "5", "last", "0", "-1", "99999999999999999999", "x", "")
		return method, pick(random, one, "/api/users/", "/api/users/?page="+page, "/api/users/?"+drawQuery(random), "/api/users/active_count/"), ""
	case "DELETE":
		return method, one, ""
	}
	return method, pick(random, one, "/api/users/"), ""
}

// drawQuery returns what the list is searched for, filtered and ordered by.
func drawQuery(random *rand.Rand) string {
	words := pick(random, "name1", "NAME", "mail", "Änn", "änn", "straße", "SS", "ａｎｎ", "😀", "%", "_", "'", "!", "44 20", "ma 1", ",", "")
	return url.Values{
		"search":    {words},
		"is_active": {pick(random, "", "true", "false", "1", "maybe")},
		"ordering":  {pick(random, "", "username", "-username", "email,-id", "created_at", "-updated_at", "none")},
	}.Encode()
}

// drawUser returns some fields of a user. One of the names in five is odd.
func drawUser(random *rand.Rand) string {
	values := map[string]string{
		"username":   fmt.Sprintf(`"name%d"`, random.IntN(12)),
		"email":      fmt.Sprintf(`"%s%d@Example.com"`, pick(random, "mail", "MAIL", "Mail"), random.IntN(12)),
		"first_name": pick(random, oddTexts...),
		"phone":      pick(random, `"1"`, `"+44 20"`, "null", `""`),
		"address":    pick(random, oddTexts...),
		"is_active":  pick(random, "true", "false", `"no"`, "1", `"maybe"`),
	}
	if random.IntN(5) == 0 {
		values["username"] = pick(random, oddTexts...)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if random.IntN(6) == 0 {
			delete(values, name)
		}
	}
	return object(values)
}
