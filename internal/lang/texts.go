package lang

import (
	"cmp"
	"slices"
	"strings"
)

// Text is a text of a catalogue.
type Text struct {
	Context   string // "" for none
	One, Many string // Many is "" without a plural
}

// TextsOf returns the texts of a language of the program, in order; none without
// the language.
func TextsOf(code string) (texts []Text) {
	catalog, err := Builtin()
	if err != nil {
		return nil
	}
	l := catalog.Find(code)
	if l == nil {
		return nil
	}
	for key, e := range l.texts {
		context, _, _ := strings.Cut(key, "\x04")
		if context == key {
			context = ""
		}
		texts = append(texts, Text{context, e.id, e.plural})
	}
	slices.SortFunc(texts, func(a, b Text) int {
		return cmp.Or(cmp.Compare(a.Context, b.Context), cmp.Compare(a.One, b.One))
	})
	return texts
}
