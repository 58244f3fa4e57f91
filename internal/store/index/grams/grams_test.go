package grams_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"roster/internal/store/index/grams"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for search, want := range map[string]int{"": 0, "a": 1, "ab": 1, "abc": 1, "abcd": 2, "aaaaaa": 1, "王": 1, "abcd cdef": 4, "abcd bcd": 2} {
		if got := grams.Of(strings.Fields(search), 24); len(got) != want {
			t.Errorf("%q: got %v, want %d grams", search, got, want)
		}
	}
	long := []string{"abcdefghijklmnopqrstuvwxyz0123456789"}
	all, some := grams.Of(long, 100), grams.Of(long, 10)
	if len(all) != 34 || len(some) > 10 || len(some) < 5 {
		t.Errorf("got %d grams, and %d of at most 10", len(all), len(some))
	}
	for _, g := range some {
		if !slices.Contains(all, g) {
			t.Errorf("%v is no gram of the word", g)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for _, same := range []string{"aA", "zZ", "éÉ", "σςΣ", "ßẞ", "ⱥȺ", "\u212BåÅ"} {
		first, _ := firstRune(same)
		for _, r := range same {
			if grams.Fold(r) != grams.Fold(first) {
				t.Errorf("%s: %c is another letter", same, r)
			}
		}
	}
	for _, apart := range []string{"k\u212A", "sſ", "eé", "iİ", "iı"} {
		a, rest := firstRune(apart)
		b, _ := firstRune(rest)
		if grams.Fold(a) == grams.Fold(b) {
			t.Errorf("%s: the same letter", apart)
		}
	}
}

func firstRune(s string) (rune, string) {
	r := []rune(s)
	return r[0], string(r[1:])
}

func TestIsOdd(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": false, "Zoë 王😀": false, "a\xe9b": true, "\xed\xa0\x80": true, "a\x00": true, "\uFFFD": true, "\uFFFE": true} {
		if got := grams.IsOdd(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

// FuzzGrams: a text with a word has all of the word's grams.
func FuzzGrams(f *testing.F) {
	f.Add("lovelace", "Ada ", " 1815")
	f.Add("σίσυφος", "ΣΊΣ", "")
	f.Add("x", "", "😀")
	f.Fuzz(func(t *testing.T, word, before, after string) {
		all := slices.Collect(grams.All(before + strings.ToUpper(word) + word + after))
		for _, g := range grams.Of([]string{word}, 24) {
			if !slices.Contains(all, g) && !grams.IsOdd(word) {
				t.Fatalf("%q lacks %v of %q", before+word+after, g, word)
			}
		}
	})
}

// FuzzSet compares sets with maps.
func FuzzSet(f *testing.F) {
	f.Add([]byte("abcdefgh"), []byte("cdxy"), uint16(0))
	f.Add([]byte{0, 0, 255, 255}, []byte{0, 0}, uint16(5000))
	f.Fuzz(func(t *testing.T, one, two []byte, fill uint16) {
		a, b := placesOf(one, fill), placesOf(two, 0)
		setA, setB := grams.NewSet(a), grams.NewSet(b)
		both, either := map[uint16]bool{}, map[uint16]bool{}
		for _, p := range a {
			either[p] = true
			both[p] = slices.Contains(b, p)
		}
		for _, p := range b {
			either[p] = true
		}
		maps.DeleteFunc(both, func(_ uint16, in bool) bool { return !in })
		for name, c := range map[string]struct {
			got  grams.Set
			want []uint16
		}{
			"set":  {setA, a},
			"with": {setA.With(b), slices.Sorted(maps.Keys(either))},
			"and":  {setA.And(setB), slices.Sorted(maps.Keys(both))},
			"self": {setA.And(setA), a},
		} {
			if got := slices.Collect(c.got.All()); !slices.Equal(got, c.want) || c.got.Len() != len(c.want) {
				t.Fatalf("%s: got %v, want %v", name, got, c.want)
			}
		}
	})
}

// placesOf returns ascending places: those in b, two bytes each, and the first fill.
func placesOf(b []byte, fill uint16) []uint16 {
	in := map[uint16]bool{}
	for i := 0; i+1 < len(b); i += 2 {
		in[uint16(b[i])<<8|uint16(b[i+1])] = true
	}
	for p := range fill {
		in[p] = true
	}
	return slices.Sorted(maps.Keys(in))
}

func TestCells(t *testing.T) {
	t.Parallel()
	g := grams.Of([]string{"ada"}, 1)[0]
	first, last := grams.Cells(g)
	for _, id := range []int64{0, 1, grams.BlockSize, 7*grams.BlockSize + 5, grams.MaxID} {
		cell := grams.CellOf(g, id)
		if cell < first || cell > last || cell < 0 || cell.First() != id-id%grams.BlockSize {
			t.Errorf("%d: got cell %d from id %d", id, cell, cell.First())
		}
	}
}
