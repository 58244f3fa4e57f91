// Package grams makes what searches are narrowed by: the sequences of up to
// three letters of texts, and sets of ids.
package grams

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// size is how many letters a gram has at most.
const size = 3

// Version names the rules by which grams are made. An index that was made by
// others does not know all that a search finds.
const Version = "1, Unicode " + unicode.Version

// Gram stands for one to three letters whatever their case, 40 bits long. Two
// that differ may have the same one.
type Gram int64

// Odd stands for texts that databases may read otherwise than Go: a user who has
// one is a candidate of every search.
const Odd Gram = 0

// IsOdd reports whether a text is not UTF-8, or has characters that SQLite takes
// for others.
func IsOdd(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\uFFFD\uFFFE\uFFFF")
}

// All returns the grams of a text, also those that come again: of each letter
// alone, with the one before it, and with the two before it.
func All(text string) iter.Seq[Gram] {
	return func(yield func(Gram) bool) {
		var last int64 // the letters, 21 bits each
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
// similar letters are not near each other.
func gramOf(letters int64, n int) Gram {
	letters &= 1<<(n*letterBits) - 1
	return Gram(uint64(letters) * 0x9E3779B97F4A7C15 >> 24) //nolint:gosec // 40 bits are left
}

// Of returns grams that every match of the words contains: the longest of each word,
// each once, and no more than limit of them.
func Of(words []string, limit int) (all []Gram) {
	for _, word := range words {
		for _, g := range longest(word) {
			if !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	for len(all) > limit { // every second one selects about as well
		half := all[:0]
		for i := 0; i < len(all); i += 2 {
			half = append(half, all[i])
		}
		all = half
	}
	return all
}

// longest returns the grams of a word that are as long as they can be.
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

// Fold returns the first of the characters that are the same letter as r by
// Unicode's simple case folding. Letters of ASCII are the same as such letters
// alone.
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
