// Package grams generates the keys of the search index, the sequences of up to
// three letters in texts, and implements sets of ids.
package grams

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// size is the maximum number of letters in a gram.
const size = 3

// Version identifies the rules by which grams are generated. An index generated
// by other rules is incomplete.
const Version = "1, Unicode " + unicode.Version

// Gram is a 40-bit hash of one to three case-folded letters. Different letters
// may have the same hash.
type Gram int64

// Odd is the gram of texts that databases may read differently from Go: users
// with such a text are candidates of every search.
const Odd Gram = 0

// IsOdd reports whether a text is not UTF-8, or contains characters that SQLite
// may interpret differently.
func IsOdd(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\uFFFD\uFFFE\uFFFF")
}

// All returns the grams of a text, with duplicates: for each letter, the letter
// alone, with the previous one, and with the two previous ones.
func All(text string) iter.Seq[Gram] {
	return func(yield func(Gram) bool) {
		var last int64 // the last letters, 21 bits each
		letters := 0
		for _, r := range text {
			last = last<<letterBits | int64(Fold(r))
			letters = min(letters+1, size)
			for n := 1; n <= letters; n++ {
				if !yield(gramOf(last, n)) {
					return
				}
			}
		}
	}
}

const letterBits = 21

// gramOf returns the gram of the last n letters. It mixes the bits, so that
// similar letters get distant values.
func gramOf(letters int64, n int) Gram {
	letters &= 1<<(n*letterBits) - 1
	return Gram(uint64(letters) * 0x9E3779B97F4A7C15 >> 24) //nolint:gosec // 40 bits remain
}

// Of returns grams that every match contains: the longest of each word, without
// duplicates, and at most limit of them.
func Of(words []string, limit int) (all []Gram) {
	for _, word := range words {
		for _, g := range longest(word) {
			if !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	for len(all) > limit { // every second one is about as selective
		half := all[:0]
		for i := 0; i < len(all); i += 2 {
			half = append(half, all[i])
		}
		all = half
	}
	return all
}

// longest returns the longest grams of a word.
func longest(word string) (all []Gram) {
	var last int64
	n, letters := min(utf8.RuneCountInString(word), size), 0
	for _, r := range word {
		last = last<<letterBits | int64(Fold(r))
		if letters++; letters >= n {
			all = append(all, gramOf(last, n))
		}
	}
	return all
}

// Fold returns the first of the characters that equal r by Unicode's simple
// case folding. ASCII letters only equal ASCII letters.
func Fold(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z':
		return r - 'a' + 'A'
	case r < utf8.RuneSelf:
		return r
	}
	first := r
	for v := unicode.SimpleFold(r); v != r; v = unicode.SimpleFold(v) {
		if v < first && v >= utf8.RuneSelf {
			first = v
		}
	}
	return first
}
