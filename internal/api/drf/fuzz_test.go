package drf_test

import (
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"roster/internal/api/drf"
	"roster/internal/fault"
)

// FuzzNegotiate checks that every header has one of the known outcomes, that
// the choice obeys the format, and that adding a range for anything makes any
// header acceptable without changing a choice already made.
func FuzzNegotiate(f *testing.F) {
	f.Add("*/*", "")
	f.Add("application/json; indent=4", "json")
	f.Add(`text/html;q="a;b\"c", */*;indent=٢`, "api")
	f.Add(";,;=,\"", "xml")
	f.Fuzz(func(t *testing.T, accept, format string) {
		got, err := drf.Negotiate([]string{accept}, format)
		known := format == "" || format == "json" || format == "api"
		switch {
		case !known:
			if fault.KindOf(err) != fault.NotFound {
				t.Fatalf("unknown format: got %v", err)
			}
			return
		case err != nil && !errors.Is(err, drf.ErrNotAcceptable):
			t.Fatalf("got %v", err)
		case got.Indent < 0 || got.Indent > 8:
			t.Fatalf("indent out of bounds: %+v", got)
		case err == nil && (format == "json" && got.HTML || format == "api" && !got.HTML):
			t.Fatalf("format %q: got %+v", format, got)
		}
		wider, widerErr := drf.Negotiate([]string{"*/*", accept}, format)
		if widerErr != nil {
			t.Fatalf("with */* added: %v", widerErr)
		}
		if err == nil && !strings.Contains(accept, "*") && wider != got {
			t.Fatalf("with */* added: got %+v, want %+v", wider, got)
		}
	})
}

// FuzzParseInt compares with math/big on what both take.
func FuzzParseInt(f *testing.F) {
	for _, s := range []string{"", "1", " -1_000 ", "+٢", "9223372036854775808", "-9223372036854775809", "1__0", "\u00a0𝟘\u2028", "0x1", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok, overflow := drf.ParseInt(s)
		if ok && overflow || !ok && !overflow && n != 0 {
			t.Fatalf("ParseInt(%q): got %d, %v, %v", s, n, ok, overflow)
		}
		plain := s != "" && len(s) <= 4300 && strings.Trim(strings.TrimLeft(s[:1], "+-")+s[1:], "0123456789") == "" && strings.ContainsAny(s, "0123456789")
		if !plain {
			return
		}
		want, _ := new(big.Int).SetString(s, 10)
		if ok != want.IsInt64() || overflow == ok || ok && n != want.Int64() {
			t.Fatalf("ParseInt(%q): got %d, %v, %v, want %v", s, n, ok, overflow, want)
		}
		if spaced, again, _ := drf.ParseInt("\u2028" + s + " \n"); again != ok || spaced != n {
			t.Fatalf("ParseInt(%q) with white space: got %d, %v, want %d, %v", s, spaced, again, n, ok)
		}
	})
}

// FuzzPageLink checks that a link has the query's own parameters, those of one
// name in their order, with page replaced, and that it is ASCII.
func FuzzPageLink(f *testing.F) {
	f.Add("/api/users/", "a=1&page=2&a=2", int64(3))
	f.Add("/é ?#", "q=%C3%A9%zz+~&&=&page", int64(1))
	f.Add("", "%70age=1&b=%FF%2B", int64(-5))
	f.Fuzz(func(t *testing.T, path, query string, page int64) {
		query = strings.Map(func(r rune) rune { return r & 0x7F }, query)
		query, _, _ = strings.Cut(query, "#")
		link := drf.PageLink("http", "h", path, query, page)
		if strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r >= 0x7F }) {
			t.Fatalf("link %q has characters that no URL has", link)
		}
		address, linkQuery, _ := strings.Cut(link, "?")
		if drf.UTF8.Unquote(address) != "http://h"+drf.UTF8.DecodeLossy([]byte(path)) {
			t.Fatalf("path %q: got %q", path, address)
		}
		got := drf.UTF8.ParsePairs(linkQuery)
		isPage := func(p drf.Pair) bool { return p.Name == "page" }
		want := slices.DeleteFunc(drf.UTF8.ParsePairs(query), isPage)
		slices.SortStableFunc(want, func(a, b drf.Pair) int { return strings.Compare(a.Name, b.Name) })
		if others := slices.DeleteFunc(slices.Clone(got), isPage); !slices.Equal(others, want) {
			t.Fatalf("query %q: got %q, want %q", query, others, want)
		}
		number, _, ok := drf.ParsePage(drf.PageOf(linkQuery))
		if page >= 1 && (!ok || number != page) || len(got)-len(want) > 1 {
			t.Fatalf("query %q, page %d: got %q", query, page, link)
		}
	})
}
