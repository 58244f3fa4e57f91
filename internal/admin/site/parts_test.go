package site_test

import (
	"strings"
	"testing"
	"time"

	"roster/internal/admin/resources"
	"roster/internal/admin/site"
)

func TestDrill(t *testing.T) {
	t.Parallel()
	res := resources.Users(resources.UserServices{})
	first := time.Date(2024, 11, 29, 23, 0, 0, 0, time.UTC)
	last := time.Date(2026, 2, 2, 1, 0, 0, 0, time.UTC)
	for query, want := range map[string]struct{ up, down string }{
		"":                      {"", "2024 2025 2026"},
		"created_at__year=2024": {"All dates, 2024", "November December"},
		"created_at__year=2026": {"All dates, 2026", "January February"},
		"created_at__year=2023": {"All dates, 2023", ""},
		"created_at__year=2024&created_at__month=11":                  {"All dates, 2024, November", "29 Nov 30 Nov"},
		"created_at__year=2026&created_at__month=2":                   {"All dates, 2026, February", "1 Feb 2 Feb"},
		"created_at__year=2025&created_at__month=2&created_at__day=3": {"All dates, 2025, February, 3", ""},
		"created_at__gte=2026-01-01":                                  {"", "2024 2025 2026"},
	} {
		up, down, ok := site.Drill(&res, query, first, last)
		if !ok || strings.Join(up, ", ") != want.up || strings.Join(down, " ") != want.down {
			t.Errorf("%q: got %q and %q, %v, want %q and %q", query, up, down, ok, want.up, want.down)
		}
	}
	if _, down, _ := site.Drill(&res, "", time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC), last); len(down) != 50 || down[49] != "2026" {
		t.Errorf("two thousand years: got %d, want the last 50", len(down))
	}
}

// TestSigner shows that only what the server signed is read, and for its purpose.
func TestSigner(t *testing.T) {
	t.Parallel()
	old, renewed, other := site.NewSigner("old"), site.NewSigner("new", "old"), site.NewSigner("other")
	signed, err := old.Sign("purpose", map[string]int{"n": 7})
	if err != nil {
		t.Fatal(err)
	}
	payload, proof, _ := strings.Cut(signed, ".")
	for name, c := range map[string]struct {
		signer  site.Signer
		purpose string
		text    string
		want    bool
	}{
		"as it was":       {old, "purpose", signed, true},
		"with a new key":  {renewed, "purpose", signed, true},
		"another key":     {other, "purpose", signed, false},
		"another purpose": {old, "purposes", signed, false},
		"another payload": {old, "purpose", strings.Repeat("e", len(payload)) + "." + proof, false},
		"without proof":   {old, "purpose", payload + ".", false},
		"nothing":         {old, "purpose", "", false},
		"more":            {old, "purpose", signed + "AA", false},
	} {
		var got map[string]int
		if ok := c.signer.Open(c.purpose, c.text, &got); ok != c.want || ok && got["n"] != 7 {
			t.Errorf("%s: got %v, %v, want %v", name, got, ok, c.want)
		}
	}
}
