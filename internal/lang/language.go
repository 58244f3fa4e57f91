// Package lang has the texts of pages in other languages. The English
// text in the code is the key of a translation, as in gettext, and is shown where
// a translation is missing. Catalogues are PO files; plural rules and numbers are
// those of CLDR.
package lang

import (
	"context"
	"html/template"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Language has the texts of one language. It is immutable and safe for concurrent
// use. The zero value is English.
type Language struct {
	Code string // of Django: "zh-hans"
	Tag  string // of BCP 47, for the attribute lang: "zh-Hans"
	Name string // in the language itself: "简体中文"; that of its translation of "English"
	Dir  string // for the attribute dir: "ltr" or "rtl"

	tag      language.Tag
	numbers  *message.Printer
	texts    map[string]entry
	patterns []pattern
	forms    []form // of plurals, in the order of msgstr[n]
}

// English is the language of the code.
var English = newLanguage(language.English)

// entry is a translation: its forms, one unless the text has a plural. A missing
// one is empty.
type entry struct {
	id, plural string
	forms      []string
	line       int // in its file
}

// Key is the key of the *Language in a context.
type Key struct{}

// From returns the language of a context, English without one.
func From(ctx context.Context) *Language {
	if l, ok := ctx.Value(Key{}).(*Language); ok && l != nil {
		return l
	}
	return English
}

// T returns a text in the language. %s stands for the arguments in order, %[2]s for
// the second one; integers are formatted as by Number, other values as by Sprint.
func (l *Language) T(text string, args ...any) string {
	if found, ok := l.texts[text]; ok && found.plural == "" {
		text = found.forms[0]
	}
	return l.fill(text, args)
}

// In is T for a text that has several meanings. The context says which: "month".
func (l *Language) In(context, text string, args ...any) string {
	if found, ok := l.texts[keyOf(context, text)]; ok {
		text = found.forms[0]
	}
	return l.fill(text, args)
}

// N returns the form of a text that agrees with n. The first %s stands for n, the
// others for the arguments.
func (l *Language) N(n int64, one, many string, args ...any) string {
	text := many
	if n == 1 {
		text = one
	}
	if found, ok := l.texts[one]; ok && found.plural != "" {
		text = found.forms[l.formOf(n)]
	}
	return l.fill(text, append([]any{n}, args...))
}

// HTML is T for a text with markup. The arguments are escaped.
func (l *Language) HTML(text string, args ...any) template.HTML {
	escaped := make([]any, len(args))
	for i, arg := range args {
		if safe, ok := arg.(template.HTML); ok {
			escaped[i] = string(safe)
			continue
		}
		escaped[i] = template.HTMLEscapeString(l.format(arg))
	}
	return template.HTML(l.T(text, escaped...)) //nolint:gosec // texts of the program and of catalogues with the same tags, see checkEntry
}

// Has reports whether the language has a translation of the text; English has all.
func (l *Language) Has(text string) bool {
	_, ok := l.texts[text]
	return ok || l.isEnglish()
}

func (l *Language) isEnglish() bool { return l.texts == nil }

// fill replaces the placeholders of a text. Without arguments it has none.
func (l *Language) fill(text string, args []any) string {
	if len(args) == 0 {
		return text
	}
	var b strings.Builder
	next := 0
	for {
		before, p, after := cutPlaceholder(text)
		b.WriteString(before)
		if p < 0 {
			return b.String()
		}
		if p == 0 {
			next++
			p = next
		}
		if p <= len(args) {
			b.WriteString(l.format(args[p-1]))
		}
		text = after
	}
}
