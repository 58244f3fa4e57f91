package store_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"roster/internal/store"
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
