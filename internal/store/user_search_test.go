package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"roster/internal/query"
	"roster/internal/store"
	"roster/internal/user"
)

// FuzzPatterns compares what the patterns of both databases match with a plain
// search in folded texts. Go's regular expressions stand for MySQL's.
func FuzzPatterns(f *testing.F) {
	for _, word := range []string{"ada", "Zoë", "[a-z]", "*?]", `\x{41}`, "Σίσυφος", "ſ", "\u212A", "😀", "^-]", "İı", "(a|b)$."} {
		f.Add(word, "before "+strings.ToUpper(word)+" after")
		f.Add(word, "Ada b ak s")
	}
	s, err := store.Open(f.Context(), store.Options{Path: filepath.Join(f.TempDir(), "db.sqlite3")})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	f.Fuzz(func(t *testing.T, word, text string) {
		if word == "" || len(word) > 200 || len(text) > 1000 || !isText(word) || !isText(text) {
			return
		}
		want := strings.Contains(fold(text), fold(word))
		pattern, err := regexp.Compile(store.RegexpPattern(word))
		if err != nil || pattern.MatchString(text) != want || !pattern.MatchString("x"+word+"x") {
			t.Fatalf("word %q: %q (%v) in %q: want %v", word, pattern, err, text, want)
		}
		glob := store.GlobPattern(word)
		if got, err := store.Globs(t.Context(), s, text, glob); err != nil || got != want {
			t.Fatalf("word %q: %q in %q: got %v, %v, want %v", word, glob, text, got, err, want)
		}
	})
}

// Scans that wait keep no one else waiting, and end with their callers.
func TestScans_Wait(t *testing.T) {
	t.Parallel()
	s := openSQLite(t)
	if _, err := insert(t, s, someone("one")); err != nil {
		t.Fatal(err)
	}
	release := store.HoldScans(s)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, q := range []user.Query{{Search: "one"}, {Order: "username"}, {IsActive: query.OnlyFalse}} {
		if _, err := s.ListUsers(gone, q, 0, 10); !errors.Is(err, context.Canceled) {
			t.Errorf("ListUsers(%+v): got %v, want %v", q, err, context.Canceled)
		}
	}
	if _, err := s.CountUsers(gone, user.Query{Search: "one"}); !errors.Is(err, context.Canceled) {
		t.Errorf("CountUsers: got %v, want %v", err, context.Canceled)
	}
	if users, err := s.ListUsers(t.Context(), user.Query{}, 0, 10); err != nil || len(users) != 1 {
		t.Errorf("all users: got %d, %v", len(users), err)
	}
	for _, q := range []user.Query{{Order: "username"}, {IsActive: query.OnlyTrue}} {
		if n, err := s.CountUsers(t.Context(), q); err != nil || n != 1 {
			t.Errorf("CountUsers(%+v): got %d, %v", q, n, err)
		}
	}
	release()
	if users, err := s.ListUsers(t.Context(), user.Query{Search: "one"}, 0, 10); err != nil || len(users) != 1 {
		t.Errorf("after the wait: got %d, %v", len(users), err)
	}
}

// isText reports whether every database takes s for a text; SQLite takes two
// characters that stand for nothing as U+FFFD.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsAny(s, "\x00\uFFFE\uFFFF") }

// fold replaces each character by the first of those that are the same letter.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		first := r
		for v := unicode.SimpleFold(r); v != r; v = unicode.SimpleFold(v) {
			if v < first && (v < utf8.RuneSelf) == (r < utf8.RuneSelf) {
				first = v
			}
		}
		return first
	}, s)
}
